"""The log of merges and splits: which stories left which happening or thread for which other one."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, or_, select

from pipeline.models import GroupChange, GroupKind
from pipeline.store.db import happening_tables
from pipeline.store.db.epoch import from_epoch_us
from pipeline.store.db.statements import chunks

_CHANGES = happening_tables.group_changes.c
_COLUMNS = select(
    _CHANGES.kind,
    _CHANGES.left_group,
    _CHANGES.joined_group,
    _CHANGES.stories,
    _CHANGES.merge,
    _CHANGES.by,
    _CHANGES.at,
)


def change_row(
    kind: GroupKind, left: int, joined: int, stories: int, merge: bool, by: str | None, at: int | None
) -> dict[str, Any]:
    """A row of the log; see ``GroupChange``. at: microseconds."""
    return {
        "kind": kind,
        "left_group": left,
        "joined_group": joined,
        "stories": stories,
        "merge": merge,
        "by": by,
        "at": at,
    }


def load_latest_changes(connection: Connection, limit: int, after: int = 0) -> list[GroupChange]:
    """The latest merges and splits, newest first; only those with a number above ``after``."""
    rows = connection.execute(_COLUMNS.where(_CHANGES.id > after).order_by(_CHANGES.id.desc()).limit(limit))
    return [_to_change(row) for row in rows]


def load_changes_of(connection: Connection, groups: Sequence[int]) -> list[GroupChange]:
    """The merges and splits of these happenings and threads, oldest first."""
    rows: dict[int, Any] = {}
    for chunk in chunks(groups):
        concerned = or_(_CHANGES.left_group.in_(chunk), _CHANGES.joined_group.in_(chunk))
        rows.update((row.id, row) for row in connection.execute(_COLUMNS.add_columns(_CHANGES.id).where(concerned)))
    return [_to_change(rows[number]) for number in sorted(rows)]


def latest_change_number(connection: Connection) -> int:
    """The number of the latest merge or split, 0 before any."""
    return connection.execute(select(func.max(_CHANGES.id))).scalar() or 0


def merged_into(connection: Connection, kind: GroupKind, group: int) -> int | None:
    """The group that this one became part of, with most of its stories; None if it was never merged."""
    merges = select(_CHANGES.joined_group).where(_CHANGES.kind == kind, _CHANGES.merge, _CHANGES.left_group == group)
    latest = merges.order_by(_CHANGES.stories.desc(), _CHANGES.id.desc()).limit(1)
    joined: int | None = connection.execute(latest).scalar()
    return joined


def _to_change(row: Any) -> GroupChange:
    return GroupChange(
        kind=GroupKind(row.kind),
        left=row.left_group,
        joined=row.joined_group,
        stories=row.stories,
        merge=row.merge,
        by=row.by,
        at=from_epoch_us(row.at),
    )
