"""Finding, in the store and within a batch, the takes that belong to one story without any link.

``take_profile`` says under which keys takes are filed, ``take_matching`` which of them are of one story.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from pipeline.store.db import tables as t
from pipeline.store.db.json_codec import load_story
from pipeline.store.db.statements import chunks
from pipeline.store.lineage.take_matching import is_plausible, is_same_story
from pipeline.store.lineage.take_profile import TakeProfile, profile_of, wanted_keys


class TakeMatchIndex:
    """Takes by their keys: those of the store, read for a batch at once, and those placed in the batch meanwhile."""

    def __init__(self, connection: Connection, batch: Sequence[TakeProfile]) -> None:
        """Read the candidates of all takes of a batch."""
        self._connection = connection
        self._filed: dict[int, list[int]] = {}  # key -> version ids
        self._profiles: dict[int, TakeProfile] = {}
        self._bodies: dict[int, str] = {}
        self._keys_read: set[int] = set()
        self._read_candidates(key for profile in batch for key in wanted_keys(profile))

    def add(self, placed: TakeProfile, keys: Iterable[int], body: str) -> None:
        """File a take that was placed in this batch."""
        self._profiles[placed.version_id] = placed
        self._bodies[placed.version_id] = body
        for key in keys:
            self._filed.setdefault(key, []).append(placed.version_id)

    def matches_of(self, take: TakeProfile, body: str) -> list[int]:
        """The other takes of the same story: version ids, ascending."""
        keys = wanted_keys(take)
        self._read_candidates(keys)
        candidates = {version_id for key in keys for version_id in self._filed.get(key, ())}
        return sorted(
            version_id
            for version_id in candidates
            if is_plausible(take, self._profiles[version_id])
            and is_same_story(take, self._profiles[version_id], body, self._body_of(version_id))
        )

    def _read_candidates(self, keys: Iterable[int]) -> None:
        unread = set(keys) - self._keys_read
        if not unread:
            return
        self._keys_read |= unread
        candidates: set[int] = set()
        for chunk in chunks(sorted(unread)):
            filed = select(t.take_keys.c.key, t.take_keys.c.version_id).where(t.take_keys.c.key.in_(chunk))
            for key, version_id in self._connection.execute(filed):
                self._filed.setdefault(key, []).append(version_id)
                candidates.add(version_id)
        self._profiles |= load_profiles(self._connection, candidates - self._profiles.keys())

    def _body_of(self, version_id: int) -> str:
        if version_id not in self._bodies:
            statement = select(t.bodies.c.body).where(t.bodies.c.version_id == version_id)
            self._bodies[version_id] = self._connection.execute(statement).scalar_one()
        return self._bodies[version_id]


def load_profiles(connection: Connection, version_ids: Iterable[int]) -> dict[int, TakeProfile]:
    """Load the profiles of stored takes, by version id."""
    versions = t.versions.c
    statement = select(
        versions.id,
        t.items.c.uri,
        versions.headline,
        versions.story,
        versions.updated_at,
        versions.published_at,
        versions.fetched_at,
        versions.content,
    ).select_from(t.versions.join(t.items, t.items.c.id == versions.item_id))
    profiles: dict[int, TakeProfile] = {}
    for chunk in chunks(sorted(version_ids)):
        for row in connection.execute(statement.where(versions.id.in_(chunk))):
            version_id, uri, headline, data, updated_at, published_at, fetched_at, content = row
            sent_at = next(time for time in (updated_at, published_at, fetched_at) if time is not None)
            profiles[version_id] = profile_of(version_id, load_story(data, uri, headline, ""), sent_at, content)
    return profiles
