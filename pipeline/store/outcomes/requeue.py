"""Giving work up, and opening it again."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, update

from pipeline.errors import UsageError
from pipeline.models import Stage, TakeState
from pipeline.store.db import tables as t
from pipeline.store.db.epoch import to_epoch_us
from pipeline.store.db.statements import chunks, insert_new
from pipeline.store.outcomes.record_indexed import named
from pipeline.store.outcomes.record_related import current_versions, open_alerts
from pipeline.store.queue.index_tasks import offer_to_index, raise_revisions
from pipeline.store.queue.quarantine import discharge, failed_work, keep_failed
from pipeline.store.queue.tasks import close_tasks, load_open_tasks, open_silent_tagging, task_row


def quarantine_tasks(connection: Connection, stage: Stage, ids: Sequence[int], reason: str, now: datetime) -> None:
    """Quarantine open work and close it. A story that cannot be tagged or related is indexed without; none is lost."""
    if stage is Stage.INDEX:
        keep_failed(connection, stage, named(connection, ids), reason, now)
        for some in chunks(sorted(ids)):
            mine = t.lineages.c.id.in_(some)
            connection.execute(update(t.lineages).where(mine).values(indexed_revision=t.lineages.c.revision))
        close_tasks(connection, stage, ids)
        return
    work = load_open_tasks(connection, stage, ids)
    keep_failed(connection, stage, _uris(connection, work), reason, now)
    close_tasks(connection, stage, work)
    if stage is Stage.ALERT or not work:
        return
    for some in chunks(sorted(work)):
        connection.execute(update(t.versions).where(t.versions.c.id.in_(some)).values(related=True))
    lineages = {one.lineage for one in work.values()}
    open_alerts(connection, [work[key] for key in sorted(work)], current_versions(connection, lineages))
    raise_revisions(connection, lineages)
    offer_to_index(connection, lineages)


def _uris(connection: Connection, version_ids: Iterable[int]) -> list[tuple[int, str, str | None]]:
    v = t.versions.c
    joined = t.versions.join(t.items, t.items.c.id == v.item_id)
    found: list[tuple[int, str, str | None]] = []
    for some in chunks(sorted(version_ids)):
        rows = connection.execute(select(v.id, t.items.c.uri, v.origin).select_from(joined).where(v.id.in_(some)))
        found += [(version_id, uri, origin) for version_id, uri, origin in rows]
    return found


def requeue(connection: Connection, stage: Stage, since: datetime | None = None, unless: str | None = None) -> int:
    """Open ENRICH for every take that may be shown, or INDEX for every lineage; no alert follows from it.

    For ENRICH, since: only takes sent from then on; unless: only takes that were not tagged at this revision.
    """
    if stage is Stage.ENRICH:
        return _retag(connection, since, unless)
    if stage is Stage.INDEX:
        lineages = connection.execute(select(t.lineages.c.id)).scalars().all()
        raise_revisions(connection, lineages)
        offer_to_index(connection, lineages)
        statement = select(func.count()).select_from(t.tasks).where(t.tasks.c.stage == Stage.INDEX)
        return connection.execute(statement).scalar_one()
    raise UsageError(f"the stage {stage.value!r} is not opened again by itself: it follows from enrich")


def _retag(connection: Connection, since: datetime | None, unless: str | None) -> int:
    v, e = t.versions.c, t.enrichments.c
    where: list[ColumnElement[bool]] = []
    if since is not None:
        where.append(func.coalesce(v.updated_at, v.published_at) >= to_epoch_us(since))
    if unless is not None:
        where.append(v.id.not_in(select(e.version_id).where(e.revision == unless)))
    open_silent_tagging(connection, *where)
    statement = select(func.count()).select_from(t.tasks).where(t.tasks.c.stage == Stage.ENRICH)
    return connection.execute(statement).scalar_one()


def replay(connection: Connection, ids: Sequence[int]) -> int:
    """Open the work that quarantined entries stand for, silently where an alert has gone out without it. How many."""
    opened = 0
    for name, subjects in failed_work(connection, ids).items():
        stage = Stage(name)
        if stage is Stage.INDEX:
            raise_revisions(connection, subjects)
            offer_to_index(connection, subjects)
            opened += len(subjects)
        else:
            opened += _open_takes(connection, stage, subjects)
    discharge(connection, ids)
    return opened


def _open_takes(connection: Connection, stage: Stage, version_ids: Sequence[int]) -> int:
    """Open a stage for takes; a take that is no longer usable is left alone."""
    v = t.versions.c
    columns = select(v.id, v.lineage, func.coalesce(v.updated_at, v.published_at))
    rows: list[dict[str, Any]] = []
    for some in chunks(sorted(version_ids)):
        found = connection.execute(columns.where(v.id.in_(some), v.state == TakeState.USABLE))
        rows += [task_row(stage, *row, silent=stage is not Stage.ALERT) for row in found]
    insert_new(connection, t.tasks, rows)
    return len(rows)
