"""Claims with leases, and the outcomes that stages record: the port ``WorkQueue``."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pipeline.models import Enrichment, Relations, Stage, WriteOutcome
from pipeline.store.db.database import Database
from pipeline.store.outcomes.record_enriched import record_enriched
from pipeline.store.outcomes.record_indexed import record_indexed
from pipeline.store.outcomes.record_related import record_related
from pipeline.store.outcomes.requeue import quarantine_tasks, replay, requeue
from pipeline.store.queue.claims import claim_tasks, claiming_workers, free_claims, release_tasks
from pipeline.store.queue.tasks import count_tasks


class SqlWorkQueue:
    """See ``pipeline.ports.WorkQueue``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, stage: Stage, worker: str, now: datetime, lease: timedelta, limit: int) -> list[int]:
        """See ``pipeline.ports.WorkQueue.claim``."""
        return self._database.write_out_of_turn(claim_tasks, stage, worker, now, lease, limit)

    def pending(self, stage: Stage) -> int:
        """See ``pipeline.ports.WorkQueue.pending``."""
        with self._database.reading() as connection:
            return count_tasks(connection, stage)

    def release(self, stage: Stage, ids: Sequence[int]) -> None:
        """See ``pipeline.ports.WorkQueue.release``."""
        self._database.write(release_tasks, stage, ids)

    def workers(self) -> list[str]:
        """See ``pipeline.ports.WorkQueue.workers``."""
        with self._database.reading() as connection:
            return claiming_workers(connection)

    def take_back(self, worker: str) -> None:
        """See ``pipeline.ports.WorkQueue.take_back``."""
        self._database.write(free_claims, worker)

    def fail(self, stage: Stage, ids: Sequence[int], reason: str, now: datetime) -> None:
        """See ``pipeline.ports.WorkQueue.fail``."""
        self._database.write(quarantine_tasks, stage, ids, reason, now)

    def replay(self, ids: Sequence[int]) -> int:
        """See ``pipeline.ports.WorkQueue.replay``."""
        return self._database.write(replay, ids)

    def record_enriched(self, enrichments: Sequence[Enrichment]) -> None:
        """See ``pipeline.ports.WorkQueue.record_enriched``."""
        if enrichments:
            self._database.write(record_enriched, enrichments)

    def record_related(self, relations: Sequence[Relations]) -> None:
        """See ``pipeline.ports.WorkQueue.record_related``."""
        if relations:
            self._database.write(record_related, relations)

    def record_indexed(self, outcomes: Sequence[WriteOutcome], now: datetime) -> None:
        """See ``pipeline.ports.WorkQueue.record_indexed``."""
        if outcomes:
            self._database.write(record_indexed, outcomes, now)

    def requeue(self, stage: Stage, *, since: datetime | None = None, unless: str | None = None) -> int:
        """See ``pipeline.ports.WorkQueue.requeue``."""
        return self._database.write(requeue, stage, since, unless)
