"""Claims with leases, and the way back from them: the port ``WorkQueue``."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, union, update
from sqlalchemy.sql.dml import ReturningUpdate

from pipeline.models import Enrichment, Relations, Stage, Status, WriteOutcome
from pipeline.store.db import tables as t
from pipeline.store.db.database import Database
from pipeline.store.db.statements import chunks
from pipeline.store.outcomes.record_enriched import record_enriched
from pipeline.store.outcomes.record_indexed import record_indexed
from pipeline.store.outcomes.record_related import record_related
from pipeline.store.outcomes.requeue import quarantine_tasks, replay, requeue
from pipeline.store.queue.leases import UNCLAIMED, claim_values, is_free


def claiming(connection: Connection, statement: ReturningUpdate[Any]) -> list[Any]:
    """Run a claiming UPDATE and give back what it returns."""
    return list(connection.execute(statement).all())


class SqlWorkQueue:
    """See ``pipeline.ports.WorkQueue``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, stage: Stage, worker: str, now: datetime, lease: timedelta, limit: int) -> list[int]:
        """Claim pending work of a stage in order of publication (undated last)."""
        c = t.tasks.c
        due = and_(c.stage == stage, is_free(t.tasks, now, lease))
        if stage is Stage.ALERT:
            due = and_(due, _READY)
        free = select(c.subject).where(due).order_by(c.order_at, c.subject).limit(limit)
        chosen = free.with_for_update(skip_locked=True).cte("chosen")
        statement = (
            update(t.tasks)
            .where(c.stage == stage, c.subject.in_(select(chosen.c.subject)))
            .values(claim_values(worker, now, lease))
            .returning(c.order_at, c.subject)
        )
        claimed = self._database.write(lambda connection: claiming(connection, statement), in_turn=False)
        return [subject for _, subject in sorted(claimed)]

    def pending(self, stage: Stage) -> int:
        """How much is pending or claimed."""
        with self._database.reading() as connection:
            statement = select(func.count()).select_from(t.tasks).where(t.tasks.c.stage == stage)
            return connection.execute(statement).scalar_one()

    def release(self, stage: Stage, ids: Sequence[int]) -> None:
        """Give claims back undone."""

        def work(connection: Connection) -> None:
            for some in chunks(sorted(ids)):
                mine = and_(t.tasks.c.stage == stage, t.tasks.c.subject.in_(some))
                connection.execute(update(t.tasks).where(mine).values(UNCLAIMED))

        self._database.write(work)

    def workers(self) -> list[str]:
        """Everyone who holds a claim on a feed, on a stage's work or on a delivery."""
        with self._database.reading() as connection:
            holders = union(*(select(table.c.owner).where(table.c.owner.is_not(None)) for table in _CLAIMED))
            return sorted(connection.execute(holders).scalars())

    def take_back(self, worker: str) -> None:
        """Free all that a worker holds: for one that is known to have died."""

        def work(connection: Connection) -> None:
            for table in _CLAIMED:
                connection.execute(update(table).where(table.c.owner == worker).values(UNCLAIMED))

        self._database.write(work)

    def fail(self, stage: Stage, ids: Sequence[int], reason: str, now: datetime) -> None:
        """These will never work: quarantine them under the stage, with the reason, and close their tasks."""
        self._database.write(lambda connection: quarantine_tasks(connection, stage, ids, reason, now))

    def replay(self, ids: Sequence[int]) -> int:
        """Open the work again that these quarantined entries stand for, and discharge them. How many tasks."""
        return self._database.write(lambda connection: replay(connection, ids))

    def record_enriched(self, enrichments: Sequence[Enrichment]) -> None:
        """Save enrichments, close their ENRICH tasks, open RELATE. Those whose task is closed are left out."""
        if enrichments:
            self._database.write(lambda connection: record_enriched(connection, enrichments))

    def record_related(self, relations: Sequence[Relations]) -> None:
        """Save links and copies, close RELATE and open ALERT. Those whose task is closed are left out."""
        if relations:
            self._database.write(lambda connection: record_related(connection, relations))

    def record_indexed(self, outcomes: Sequence[WriteOutcome], now: datetime) -> None:
        """Note the indexed revisions; quarantine rejected documents with the engine's reason."""
        if outcomes:
            self._database.write(lambda connection: record_indexed(connection, outcomes, now))

    def requeue(self, stage: Stage, *, since: datetime | None = None, unless: str | None = None) -> int:
        """Open ENRICH or INDEX again for everything, silently. How many are open now."""
        return self._database.write(lambda connection: requeue(connection, stage, since, unless))


_CLAIMED = (t.feeds, t.tasks, t.deliveries)

# An alert reads the story as the index has it: the lineage's newest revision is indexed, or will never be.
_READY = (
    select(t.lineages.c.id)
    .where(
        t.lineages.c.id == t.tasks.c.lineage,
        or_(
            t.lineages.c.indexed_revision >= t.lineages.c.revision,
            and_(t.lineages.c.status == Status.WITHDRAWN, t.lineages.c.month.is_(None)),
        ),
    )
    .exists()
)
