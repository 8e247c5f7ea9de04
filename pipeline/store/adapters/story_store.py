"""Stories, takes and lineages: the port ``StoryStore``."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from pipeline.errors import NotFoundError
from pipeline.models import (
    Added,
    Enrichment,
    LineageRecord,
    Origin,
    Quarantined,
    Rejected,
    StoredTake,
    Story,
    TakeState,
)
from pipeline.ports import Clock
from pipeline.store.db import tables as t
from pipeline.store.db.database import Database
from pipeline.store.db.epoch import to_epoch_us, to_utc
from pipeline.store.db.json_codec import load_enrichment
from pipeline.store.db.sanitize import clean_origin, clean_text
from pipeline.store.db.statements import chunks, upsert
from pipeline.store.lineage.content_hash import uri_key
from pipeline.store.lineage.lineage_state import load_states
from pipeline.store.lineage.placement import BatchPlacer
from pipeline.store.lineage.placement_writer import write_placement
from pipeline.store.lineage.prepare import prepare
from pipeline.store.lineage.refresh import refresh_lineages
from pipeline.store.queue.quarantine import discharge, entries, keep, latest
from pipeline.store.stories.export import export
from pipeline.store.stories.load import canonical_lineages, load_records, load_takes
from pipeline.store.stories.retention import drop_before, indexed_from, kept, months

_PAGE = 5000
_BY_URI = select(t.items.c.lineage).where(t.items.c.uri_key == bindparam("key"))
_HISTORY = select(t.versions.c.id).where(t.versions.c.lineage == bindparam("lineage"))


class SqlStoryStore:
    """See ``pipeline.ports.StoryStore``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, stories: Sequence[Story], origin: Origin) -> list[Added]:
        """Store takes, one answer each in order."""
        if not stories:
            return []
        origin = clean_origin(origin)
        now = to_utc(self._clock.now())
        batch = [prepare(story, origin, now) for story in stories]

        def work(connection: Connection) -> list[Added]:
            desk = BatchPlacer(connection, batch)
            placed = [desk.place(incoming) for incoming in batch]
            write_placement(connection, desk, origin)
            return [
                Added(added.outcome, added.version_id, desk.lineage_of(incoming))
                for added, incoming in zip(placed, batch, strict=True)
            ]

        return self._database.write(work)

    def completed(self, uris: Sequence[str]) -> dict[str, str]:
        """Uri -> fingerprint of the teaser whose page its stored text is."""
        c = t.teasers.c
        by_key = {uri_key(clean_text(uri)): uri for uri in uris}
        found: dict[str, str] = {}
        with self._database.reading() as connection:
            for some in chunks(by_key):
                rows = connection.execute(select(c.uri_key, c.fingerprint).where(c.uri_key.in_(some)))
                found.update((by_key[key], fingerprint) for key, fingerprint in rows)
        return found

    def note_completed(self, teasers: Mapping[str, str]) -> None:
        """Remember the teasers (uri -> fingerprint) whose pages are stored."""
        rows = [{"uri_key": uri_key(clean_text(uri)), "fingerprint": mark} for uri, mark in sorted(teasers.items())]
        self._database.write(lambda connection: upsert(connection, t.teasers, rows, ["uri_key"]))

    def release_due(self, now: datetime) -> list[int]:
        """Make takes whose embargo has ended usable; withdraw what has expired. The lineages concerned."""
        at = to_epoch_us(now)
        v = t.versions.c
        held = (v.state == TakeState.WITHHELD) & (v.release_at <= at)
        ended = v.state.in_((TakeState.USABLE, TakeState.WITHHELD)) & (v.expires_at <= at)

        def work(connection: Connection) -> list[int]:
            due = select(v.lineage).where(held | ended)
            lineages = sorted(set(connection.execute(due).scalars()))
            connection.execute(update(t.versions).where(ended).values(state=TakeState.EXPIRED))
            connection.execute(update(t.versions).where(held).values(state=TakeState.USABLE))
            states = load_states(connection, lineages)
            refresh_lineages(connection, [states[lineage] for lineage in lineages], retied=lineages)
            return lineages

        with self._database.reading() as connection:
            if connection.execute(select(v.id).where(held | ended).limit(1)).first() is None:
                return []
        return self._database.write(work)

    def resolve(self, id_or_uri: str) -> int:
        """The lineage that an id or uri names. Raises NotFoundError."""
        named = clean_text(id_or_uri.strip())
        with self._database.reading() as connection:
            lineage: int | None = connection.execute(_BY_URI, {"key": uri_key(named)}).scalar()
            if lineage is None and named.isascii() and named.isdigit() and len(named) < 19:
                by_id = select(t.items.c.lineage).where(t.items.c.id == int(named))
                lineage = connection.execute(by_id).scalar()
        if lineage is None:
            raise NotFoundError(f"no story has the id or uri {id_or_uri!r}: `wirewatch search` shows both")
        return lineage

    def takes(self, version_ids: Sequence[int]) -> list[StoredTake]:
        """These takes, in the order asked; unknown ids are left out."""
        with self._database.reading() as connection:
            found = load_takes(connection, version_ids)
        return [found[version_id] for version_id in version_ids if version_id in found]

    def history(self, lineage: int) -> list[StoredTake]:
        """Every take of a lineage, oldest first."""
        with self._database.reading() as connection:
            whole = canonical_lineages(connection, [lineage])
            ids = connection.execute(_HISTORY, {"lineage": whole.get(lineage, lineage)}).scalars().all()
            found = load_takes(connection, ids)
        return sorted(found.values(), key=lambda take: take.version)

    def joined(self, lineage: int) -> list[int]:
        """The ids of the lineages that turned out to be part of this one, ascending."""
        founded = t.lineages.join(t.items, t.items.c.id == t.lineages.c.id)  # an alias's item is this lineage's now
        aliases = select(t.lineages.c.id).select_from(founded)
        aliases = aliases.where(t.items.c.lineage == lineage, t.lineages.c.joined_to == lineage).order_by(t.items.c.id)
        with self._database.reading() as connection:
            return list(connection.execute(aliases).scalars())

    def records(self, lineages: Sequence[int]) -> list[LineageRecord]:
        """All that is known of these lineages, in the order asked; unknown ones are left out."""
        with self._database.reading() as connection:
            found = load_records(connection, lineages)
        return [found[lineage] for lineage in lineages if lineage in found]

    def lineages(self, indexed: bool = False) -> Iterator[int]:
        """Every lineage, by id, read in pages; aliases are left out. indexed: only those that the index is to hold."""
        last = 0
        while True:
            ids = select(t.lineages.c.id).where(t.lineages.c.id > last, t.lineages.c.joined_to.is_(None))
            with self._database.reading() as connection:
                if indexed:
                    ids = ids.where(t.lineages.c.month.is_not(None), kept(indexed_from(connection)))
                page = connection.execute(ids.order_by(t.lineages.c.id).limit(_PAGE)).scalars().all()
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1]

    def months(self) -> dict[str, int]:
        """Month -> how many lineages the index is to hold of it."""
        with self._database.reading() as connection:
            return months(connection)

    def drop_before(self, month: str, texts: bool = False) -> int:
        """Keep what is of a month before this one out of the index from now on. How many lineages that are."""
        return self._database.write(lambda connection: drop_before(connection, month, texts))

    def enrichment(self, version_id: int) -> Enrichment | None:
        """One take's enrichment with its mentions, or None while it is not tagged."""
        e = t.enrichments.c
        columns = select(e.version_id, e.revision, e.data, e.vector, e.signature, t.mentions.c.data)
        joined = t.enrichments.join(t.mentions, t.mentions.c.version_id == e.version_id)
        with self._database.reading() as connection:
            row = connection.execute(columns.select_from(joined).where(e.version_id == version_id)).one_or_none()
        return None if row is None else load_enrichment(*row)

    def export(self, canonical: bool = False) -> Iterator[dict[str, Any]]:
        """One row a uri, in order of uri; see ``pipeline.store.stories.export``."""
        return export(self._database, canonical)

    def quarantine(self, stage: str, rejected: Sequence[Rejected]) -> None:
        """Keep what could not be processed. The same payload from the same place is kept once."""
        now = self._clock.now()
        self._database.write(lambda connection: keep(connection, stage, rejected, now), in_turn=False)

    def quarantined(self, limit: int = 100) -> list[Quarantined]:
        """What is in quarantine, newest first."""
        with self._database.reading() as connection:
            return latest(connection, limit)

    def in_quarantine(self, ids: Sequence[int] | None = None) -> list[Quarantined]:
        """These quarantined entries, or all of them, oldest first."""
        with self._database.reading() as connection:
            return entries(connection, ids)

    def discharge(self, ids: Sequence[int]) -> None:
        """Take entries out of quarantine."""
        self._database.write(lambda connection: discharge(connection, ids), in_turn=False)
