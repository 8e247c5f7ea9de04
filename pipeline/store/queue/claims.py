"""Claiming tasks, giving them back, and freeing what a worker holds that has died."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, or_, select, union, update

from pipeline.models import Stage, Status
from pipeline.store.db import alert_tables as ta
from pipeline.store.db import tables as t
from pipeline.store.db.statements import chunks
from pipeline.store.queue.leases import UNCLAIMED, claim_values, is_free

_CLAIMED_TABLES = (t.feeds, t.tasks, ta.deliveries)

# An alert reads the story as the index has it: the lineage's newest revision is indexed, or will never be.
_ALERT_IS_READY = (
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


def claim_tasks(
    connection: Connection, stage: Stage, worker: str, now: datetime, lease: timedelta, limit: int
) -> list[int]:
    """Claim open tasks of a stage. Returns their takes (for INDEX: their lineages), in the order of ``order_at``."""
    tasks = t.tasks.c
    is_due = and_(tasks.stage == stage, is_free(t.tasks, now, lease))
    if stage is Stage.ALERT:
        is_due = and_(is_due, _ALERT_IS_READY)
    free = select(tasks.subject).where(is_due).order_by(tasks.order_at, tasks.subject).limit(limit)
    chosen = free.with_for_update(skip_locked=True).cte("chosen")
    claim = (
        update(t.tasks)
        .where(tasks.stage == stage, tasks.subject.in_(select(chosen.c.subject)))
        .values(claim_values(worker, now, lease))
        .returning(tasks.order_at, tasks.subject)
    )
    claimed = connection.execute(claim).all()
    return [subject for _, subject in sorted((order_at, subject) for order_at, subject in claimed)]


def release_tasks(connection: Connection, stage: Stage, subjects: Sequence[int]) -> None:
    """Give claims on these tasks back; the tasks stay open."""
    for chunk in chunks(sorted(subjects)):
        is_given_back = and_(t.tasks.c.stage == stage, t.tasks.c.subject.in_(chunk))
        connection.execute(update(t.tasks).where(is_given_back).values(UNCLAIMED))


def claiming_workers(connection: Connection) -> list[str]:
    """Everyone who holds a claim on a feed, a task or a delivery, by name."""
    owners = union(*(select(table.c.owner).where(table.c.owner.is_not(None)) for table in _CLAIMED_TABLES))
    return sorted(connection.execute(owners).scalars())


def free_claims(connection: Connection, worker: str) -> None:
    """Free all that a worker holds."""
    for table in _CLAIMED_TABLES:
        connection.execute(update(table).where(table.c.owner == worker).values(UNCLAIMED))
