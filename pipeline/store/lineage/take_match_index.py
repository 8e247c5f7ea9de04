"""Finding, in the store and within a batch, the takes that belong to one story without any link; see ``takeline``."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from pipeline.store.db import tables as t
from pipeline.store.db.json_codec import load_story
from pipeline.store.db.statements import chunks
from pipeline.store.lineage.take_matching import TakeProfile, plausible, profile_of, same_story, wanted_keys


class TakeMatchIndex:
    """Candidates for a batch are read together; takes placed meanwhile are remembered beside them."""

    def __init__(self, connection: Connection, batch: Sequence[TakeProfile]) -> None:
        self._connection = connection
        self._filed: dict[int, list[int]] = {}
        self._profiles: dict[int, TakeProfile] = {}
        self._bodies: dict[int, str] = {}
        self._looked_up: set[int] = set()
        self._look_up(key for one in batch for key in wanted_keys(one))

    def _look_up(self, keys: Iterable[int]) -> None:
        fresh = set(keys) - self._looked_up
        if not fresh:
            return
        self._looked_up |= fresh
        found: set[int] = set()
        for some in chunks(sorted(fresh)):
            statement = select(t.take_keys.c.key, t.take_keys.c.version_id).where(t.take_keys.c.key.in_(some))
            for key, version_id in self._connection.execute(statement):
                self._filed.setdefault(key, []).append(version_id)
                found.add(version_id)
        self._profiles |= load_profiles(self._connection, found - self._profiles.keys())

    def add(self, placed: TakeProfile, keys: Iterable[int], body: str) -> None:
        """Remember a take placed in this batch."""
        self._profiles[placed.version_id] = placed
        self._bodies[placed.version_id] = body
        for key in keys:
            self._filed.setdefault(key, []).append(placed.version_id)

    def matches_of(self, one: TakeProfile, body: str) -> list[int]:
        """The takes of the same story as ``one``: version ids, ascending."""
        keys = wanted_keys(one)
        self._look_up(keys)
        near = {version_id for key in keys for version_id in self._filed.get(key, ())}
        return sorted(
            version_id
            for version_id in near
            if plausible(one, self._profiles[version_id])
            and same_story(one, self._profiles[version_id], body, self._body(version_id))
        )

    def _body(self, version_id: int) -> str:
        if version_id not in self._bodies:
            statement = select(t.bodies.c.body).where(t.bodies.c.version_id == version_id)
            self._bodies[version_id] = self._connection.execute(statement).scalar_one()
        return self._bodies[version_id]


def load_profiles(connection: Connection, version_ids: Iterable[int]) -> dict[int, TakeProfile]:
    """The profiles of stored takes."""
    joined = t.versions.join(t.items, t.items.c.id == t.versions.c.item_id)
    v = t.versions.c
    statement = select(
        v.id, t.items.c.uri, v.headline, v.story, v.updated_at, v.published_at, v.fetched_at, v.content
    ).select_from(joined)
    profiles: dict[int, TakeProfile] = {}
    for some in chunks(sorted(version_ids)):
        for version_id, uri, headline, data, updated, published, fetched, content in connection.execute(
            statement.where(v.id.in_(some))
        ):
            at = next(time for time in (updated, published, fetched) if time is not None)
            profiles[version_id] = profile_of(version_id, load_story(data, uri, headline, ""), at, content)
    return profiles
