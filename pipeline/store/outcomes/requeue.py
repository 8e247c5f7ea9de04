"""Work that is given up, opened again, or replayed from the quarantine."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, update

from pipeline.errors import UsageError
from pipeline.models import Stage, TakeState
from pipeline.store.db import tables as t
from pipeline.store.db.epoch import to_epoch_us
from pipeline.store.db.statements import chunks, insert_new
from pipeline.store.outcomes.open_alert_tasks import current_versions, open_alerts
from pipeline.store.outcomes.record_indexed import describe_lineages
from pipeline.store.queue.index_tasks import count_as_indexed, offer_changed
from pipeline.store.queue.quarantine import delete_entries, load_failed_work, quarantine_work
from pipeline.store.queue.tasks import close_tasks, count_tasks, load_open_tasks, open_silent_tagging, task_row


def quarantine_tasks(connection: Connection, stage: Stage, ids: Sequence[int], reason: str, now: datetime) -> None:
    """Quarantine open work and close it.

    A story that cannot be tagged or related is indexed without, so that none is lost.
    """
    if stage is Stage.INDEX:
        quarantine_work(connection, stage, describe_lineages(connection, ids), reason, now)
        count_as_indexed(connection, ids)
        close_tasks(connection, stage, ids)
        return
    tasks = load_open_tasks(connection, stage, ids)
    quarantine_work(connection, stage, _describe_takes(connection, tasks), reason, now)
    close_tasks(connection, stage, tasks)
    if stage is Stage.ALERT or not tasks:
        return
    for chunk in chunks(sorted(tasks)):
        connection.execute(update(t.versions).where(t.versions.c.id.in_(chunk)).values(related=True))
    lineages = {task.lineage for task in tasks.values()}
    open_alerts(connection, [tasks[key] for key in sorted(tasks)], current_versions(connection, lineages))
    offer_changed(connection, lineages)


def _describe_takes(connection: Connection, version_ids: Iterable[int]) -> list[tuple[int, str, str | None]]:
    """Takes as the quarantine keeps them: (take, its uri, its origin as JSON)."""
    columns = select(t.versions.c.id, t.items.c.uri, t.versions.c.origin)
    statement = columns.select_from(t.versions.join(t.items, t.items.c.id == t.versions.c.item_id))
    described: list[tuple[int, str, str | None]] = []
    for chunk in chunks(sorted(version_ids)):
        rows = connection.execute(statement.where(t.versions.c.id.in_(chunk)))
        described += [(version_id, uri, origin) for version_id, uri, origin in rows]
    return described


def requeue(connection: Connection, stage: Stage, since: datetime | None, unless: str | None) -> int:
    """Open ENRICH for every take that may be shown, or INDEX for every lineage; no alert follows from it.

    Args:
        connection: The transaction.
        stage: ENRICH or INDEX.
        since: For ENRICH: only takes sent from then on.
        unless: For ENRICH: only takes that were not tagged at this revision.

    Returns:
        How many tasks of the stage are open.

    Raises:
        UsageError: The stage is not opened by itself.
    """
    if stage is Stage.ENRICH:
        open_silent_tagging(connection, *_tagging_conditions(since, unless))
    elif stage is Stage.INDEX:
        offer_changed(connection, connection.execute(select(t.lineages.c.id)).scalars().all())
    else:
        raise UsageError(f"the stage {stage.value!r} is not opened again by itself: it follows from enrich")
    return count_tasks(connection, stage)


def _tagging_conditions(since: datetime | None, unless: str | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if since is not None:
        sent_at = func.coalesce(t.versions.c.updated_at, t.versions.c.published_at)
        conditions.append(sent_at >= to_epoch_us(since))
    if unless is not None:
        tagged_so = select(t.enrichments.c.version_id).where(t.enrichments.c.revision == unless)
        conditions.append(t.versions.c.id.not_in(tagged_so))
    return conditions


def replay(connection: Connection, ids: Sequence[int]) -> int:
    """Open the work that quarantined entries stand for, silently where an alert has gone out without it.

    Returns:
        How many tasks were opened.
    """
    opened = 0
    for name, subjects in load_failed_work(connection, ids).items():
        stage = Stage(name)
        if stage is Stage.INDEX:
            offer_changed(connection, subjects)
            opened += len(subjects)
        else:
            opened += _open_takes(connection, stage, subjects)
    delete_entries(connection, ids)
    return opened


def _open_takes(connection: Connection, stage: Stage, version_ids: Sequence[int]) -> int:
    """Open a stage for takes; a take that is no longer usable is left alone. How many were opened."""
    versions = t.versions.c
    columns = select(versions.id, versions.lineage, func.coalesce(versions.updated_at, versions.published_at))
    rows: list[dict[str, Any]] = []
    for chunk in chunks(sorted(version_ids)):
        usable = connection.execute(columns.where(versions.id.in_(chunk), versions.state == TakeState.USABLE))
        rows += [task_row(stage, *row, silent=stage is not Stage.ALERT) for row in usable]
    insert_new(connection, t.tasks, rows)
    return len(rows)
