"""Which lineages the index is to be written for: their revisions, their months and the INDEX tasks.

- A lineage is offered to the index when its revision is ahead of the indexed one and its winning take is related, or
  was given up on.
- A withdrawn or merged lineage is offered only if it may have been indexed before. Its document is a blank.
- A lineage of a month that the index does not keep counts as indexed without being so.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update
from sqlalchemy import bindparam as bind

from pipeline.models import Stage, Status
from pipeline.models.month_key import month_of
from pipeline.store.db import tables as t
from pipeline.store.db.epoch import from_epoch_us
from pipeline.store.db.statements import chunks, insert_new
from pipeline.store.queue.tasks import close_tasks, task_row
from pipeline.store.stories.kept_months import indexed_from, is_kept

_LINEAGES = t.lineages.c
_IS_BLANK = or_(_LINEAGES.merged_into.is_not(None), _LINEAGES.status == Status.WITHDRAWN)
_IS_INDEXABLE = and_(
    _LINEAGES.revision > _LINEAGES.indexed_revision,
    or_(
        and_(_LINEAGES.merged_into.is_(None), _LINEAGES.status == Status.USABLE, t.versions.c.related),
        and_(_IS_BLANK, _LINEAGES.month.is_not(None)),
    ),
)
_OFFERED = select(_LINEAGES.id, _LINEAGES.published_at, _LINEAGES.month, _IS_INDEXABLE).select_from(
    t.lineages.join(t.versions, t.versions.c.id == _LINEAGES.current_version_id)
)
_SET_MONTH = update(t.lineages).where(_LINEAGES.id == bind("lineage_id")).values(month=bind("new_month"))


def raise_revisions(connection: Connection, lineages: Iterable[int]) -> None:
    """Note that the documents of these lineages have changed."""
    for chunk in chunks(sorted(lineages)):
        connection.execute(update(t.lineages).where(_LINEAGES.id.in_(chunk)).values(revision=_LINEAGES.revision + 1))


def offer_changed(connection: Connection, lineages: Collection[int]) -> None:
    """Note that the documents of these lineages have changed, and offer them to the index."""
    raise_revisions(connection, lineages)
    offer_to_index(connection, lineages)


def offer_to_index(connection: Connection, lineages: Iterable[int]) -> None:
    """Open INDEX for those of these lineages that are to be indexed, close it for the others.

    A lineage's month is fixed when it is offered for the first time.
    """
    opened: list[dict[str, Any]] = []
    closed: list[int] = []
    months: list[dict[str, Any]] = []
    dropped: list[int] = []
    first_kept = indexed_from(connection)
    for chunk in chunks(sorted(lineages)):
        for lineage, published_at, month, indexable in connection.execute(_OFFERED.where(_LINEAGES.id.in_(chunk))):
            if not indexable:
                closed.append(lineage)
                continue
            if month is None:
                months.append({"lineage_id": lineage, "new_month": _month(published_at)})
            if is_kept(_month(published_at) if month is None else month, first_kept):
                opened.append(task_row(Stage.INDEX, lineage, lineage, published_at))
            else:
                dropped.append(lineage)
    insert_new(connection, t.tasks, opened)
    count_as_indexed(connection, dropped)
    close_tasks(connection, Stage.INDEX, closed + dropped)
    if months:
        connection.execute(_SET_MONTH, months)


def count_as_indexed(connection: Connection, lineages: Sequence[int]) -> None:
    """Note that nothing more is to be written for these lineages until they change."""
    for chunk in chunks(sorted(lineages)):
        is_in = _LINEAGES.id.in_(chunk)
        connection.execute(update(t.lineages).where(is_in).values(indexed_revision=_LINEAGES.revision))


def _month(published_at: int | None) -> str:
    return "" if published_at is None else month_of(from_epoch_us(published_at))
