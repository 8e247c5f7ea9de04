"""Stories, takes and lineages: the port ``StoryStore``."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pipeline.models import Added, Enrichment, LineageRecord, Origin, Quarantined, Rejected, StoredTake, Story
from pipeline.ports import Clock
from pipeline.store.db.database import Database
from pipeline.store.db.epoch import to_utc
from pipeline.store.db.sanitize import clean_origin
from pipeline.store.lineage.merge import merge_lineages
from pipeline.store.lineage.placement import BatchPlacer
from pipeline.store.lineage.placement_writer import write_placement
from pipeline.store.lineage.prepare import prepare
from pipeline.store.lineage.refresh import refresh_lineages
from pipeline.store.lineage.release import is_any_due, release_due_takes
from pipeline.store.queue.quarantine import delete_entries, load_entries, load_latest, quarantine_rejected
from pipeline.store.stories.export import export
from pipeline.store.stories.kept_months import count_by_month, drop_before
from pipeline.store.stories.load import canonical_lineages, load_records, load_tagging, load_takes
from pipeline.store.stories.lookup import find_lineage, find_merged, find_takes, iterate_lineages
from pipeline.store.stories.teasers import load_completed, save_completed


class SqlStoryStore:
    """See ``pipeline.ports.StoryStore``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, stories: Sequence[Story], origin: Origin) -> list[Added]:
        """See ``pipeline.ports.StoryStore.add``."""
        if not stories:
            return []
        origin = clean_origin(origin)
        now = to_utc(self._clock.now())
        batch = [prepare(story, origin, now) for story in stories]

        def place_and_write(connection: Connection) -> list[Added]:
            outcome = BatchPlacer(connection, batch).place_all()
            if not outcome.is_empty:
                write_placement(connection, outcome, origin)
                merged = merge_lineages(connection, outcome.merges)
                refresh_lineages(connection, outcome.touched_states, merged)
            return outcome.added

        return self._database.write(place_and_write)

    def completed(self, uris: Sequence[str]) -> dict[str, str]:
        """See ``pipeline.ports.StoryStore.completed``."""
        with self._database.reading() as connection:
            return load_completed(connection, uris)

    def note_completed(self, teasers: Mapping[str, str]) -> None:
        """See ``pipeline.ports.StoryStore.note_completed``."""
        self._database.write(save_completed, teasers)

    def release_due(self, now: datetime) -> list[int]:
        """See ``pipeline.ports.StoryStore.release_due``."""
        with self._database.reading() as connection:
            if not is_any_due(connection, now):
                return []
        return self._database.write(release_due_takes, now)

    def resolve(self, id_or_uri: str) -> int:
        """See ``pipeline.ports.StoryStore.resolve``."""
        with self._database.reading() as connection:
            return find_lineage(connection, id_or_uri)

    def takes(self, version_ids: Sequence[int]) -> list[StoredTake]:
        """See ``pipeline.ports.StoryStore.takes``."""
        with self._database.reading() as connection:
            takes = load_takes(connection, version_ids)
        return [takes[version_id] for version_id in version_ids if version_id in takes]

    def history(self, lineage: int) -> list[StoredTake]:
        """See ``pipeline.ports.StoryStore.history``."""
        with self._database.reading() as connection:
            canonical = canonical_lineages(connection, [lineage]).get(lineage, lineage)
            takes = load_takes(connection, find_takes(connection, canonical))
        return sorted(takes.values(), key=lambda take: take.version)

    def merged_into(self, lineage: int) -> list[int]:
        """See ``pipeline.ports.StoryStore.merged_into``."""
        with self._database.reading() as connection:
            return find_merged(connection, lineage)

    def records(self, lineages: Sequence[int]) -> list[LineageRecord]:
        """See ``pipeline.ports.StoryStore.records``."""
        with self._database.reading() as connection:
            records = load_records(connection, lineages)
        return [records[lineage] for lineage in lineages if lineage in records]

    def lineages(self, indexed: bool = False) -> Iterator[int]:
        """See ``pipeline.ports.StoryStore.lineages``."""
        return iterate_lineages(self._database, indexed)

    def months(self) -> dict[str, int]:
        """See ``pipeline.ports.StoryStore.months``."""
        with self._database.reading() as connection:
            return count_by_month(connection)

    def drop_before(self, month: str, texts: bool = False) -> int:
        """See ``pipeline.ports.StoryStore.drop_before``."""
        return self._database.write(drop_before, month, texts)

    def enrichment(self, version_id: int) -> Enrichment | None:
        """See ``pipeline.ports.StoryStore.enrichment``."""
        with self._database.reading() as connection:
            return load_tagging(connection, version_id)

    def export(self, canonical: bool = False) -> Iterator[dict[str, Any]]:
        """See ``pipeline.ports.StoryStore.export``."""
        return export(self._database, canonical)

    def quarantine(self, stage: str, rejected: Sequence[Rejected]) -> None:
        """See ``pipeline.ports.StoryStore.quarantine``."""
        self._database.write_out_of_turn(quarantine_rejected, stage, rejected, self._clock.now())

    def quarantined(self, limit: int = 100) -> list[Quarantined]:
        """See ``pipeline.ports.StoryStore.quarantined``."""
        with self._database.reading() as connection:
            return load_latest(connection, limit)

    def in_quarantine(self, ids: Sequence[int] | None = None) -> list[Quarantined]:
        """See ``pipeline.ports.StoryStore.in_quarantine``."""
        with self._database.reading() as connection:
            return load_entries(connection, ids)

    def discharge(self, ids: Sequence[int]) -> None:
        """See ``pipeline.ports.StoryStore.discharge``."""
        self._database.write_out_of_turn(delete_entries, ids)
