"""Opening the alerts of takes that went through relating, or that relating gave up on."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, and_, delete, select

from pipeline.models import Stage
from pipeline.store.db import tables as t
from pipeline.store.db.statements import chunks, insert_new
from pipeline.store.queue.tasks import OpenTask, task_row


def current_versions(connection: Connection, lineages: Iterable[int]) -> dict[int, int]:
    """Lineage -> its winning take."""
    columns = select(t.lineages.c.id, t.lineages.c.current_version_id)
    current: dict[int, int] = {}
    for chunk in chunks(sorted(lineages)):
        current.update((row[0], row[1]) for row in connection.execute(columns.where(t.lineages.c.id.in_(chunk))))
    return current


def open_alerts(connection: Connection, done: Sequence[OpenTask], current: Mapping[int, int]) -> None:
    """Open ALERT for takes that are through relating, unless a re-tag asked for it.

    An older take's alert is the winning one's too, unless that one came by a backfill, which stays silent.

    Args:
        connection: The transaction.
        done: The RELATE or ENRICH tasks that were closed.
        current: Lineage -> its winning take.
    """
    loud = [task for task in done if not task.silent]
    backfilled = _backfilled(connection, {current[task.lineage] for task in loud})
    winners = [task for task in loud if current[task.lineage] == task.subject]
    others = [task for task in loud if current[task.lineage] != task.subject]
    unspoken = [task for task in others if current[task.lineage] in backfilled and not task.backfill]
    tasks = t.tasks.c
    for chunk in chunks(task.lineage for task in winners if task.subject not in backfilled):
        is_superseded = and_(tasks.stage == Stage.ALERT, tasks.lineage.in_(chunk), tasks.owner.is_(None))
        connection.execute(delete(t.tasks).where(is_superseded))
    rows = [task_row(Stage.ALERT, task.subject, task.lineage, task.sent_at) for task in winners + unspoken]
    insert_new(connection, t.tasks, rows)


def _backfilled(connection: Connection, version_ids: Iterable[int]) -> set[int]:
    """Those of these takes that came by a backfill."""
    backfilled: set[int] = set()
    for chunk in chunks(sorted(version_ids)):
        statement = select(t.versions.c.id).where(t.versions.c.id.in_(chunk), t.versions.c.backfill)
        backfilled.update(connection.execute(statement).scalars())
    return backfilled
