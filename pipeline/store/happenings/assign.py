"""Assigning stories to happenings, and removing them; the threads follow from it, whatever the order of arrival."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select, update
from sqlalchemy import bindparam as bind

from pipeline.models import GroupKind, HappeningAssignment, Status
from pipeline.store.db import happening_tables
from pipeline.store.db import tables as t
from pipeline.store.db.ids import allocate_ids
from pipeline.store.db.statements import chunks, insert_new, insert_rows
from pipeline.store.happenings.forest import update_threads
from pipeline.store.happenings.group_changes import change_row
from pipeline.store.happenings.happening_rows import happenings_of, has_members, load_followers, load_happenings
from pipeline.store.happenings.rulings import load_thread_ruling_ends, move_thread_rulings

_LINEAGES, _HAPPENINGS = t.lineages.c, happening_tables.happenings.c
_SHOWN = select(_LINEAGES.id, _LINEAGES.happening).where(
    _LINEAGES.status == Status.USABLE, _LINEAGES.merged_into.is_(None)
)
_SET_HAPPENING = update(t.lineages).where(_LINEAGES.id == bind("lineage_id")).values(happening=bind("new_happening"))
_SET_START = (
    update(happening_tables.happenings)
    .where(_HAPPENINGS.id == bind("happening_id"))
    .values(first_at=bind("new_first_at"))
)


class _Move(NamedTuple):
    """The happening that a story had before (None for none), and the one that it has from now on."""

    before: int | None
    after: int


# --------------------------------------------------------------------------- assigning


def save_assignments(
    connection: Connection,
    assignments: Sequence[HappeningAssignment],
    relinked: Collection[int] = (),
    by: str | None = None,
    at: int | None = None,
) -> set[int]:
    """Write which stories belong to which happening, and the threads that follow from it.

    Args:
        connection: The transaction.
        assignments: What the relate stage or an operator decided. Stories that may not be shown are passed over.
        relinked: Lineages whose background changed.
        by: The operator who brought this about, None where it follows from the stories.
        at: When the operator did, microseconds.

    Returns:
        The lineages whose happening or thread changed.
    """
    moves = _find_moves(connection, assignments)
    left = {move.before for move in moves.values() if move.before is not None}
    joined = {move.after for move in moves.values()}
    if moves:
        rows = [{"lineage_id": lineage, "new_happening": move.after} for lineage, move in sorted(moves.items())]
        connection.execute(_SET_HAPPENING, rows)
    new = _insert_new_happenings(connection, joined)
    postponed = _update_starts(connection, left | joined)
    _log_moves(connection, moves.values(), by, at)
    changed = left | joined | set(happenings_of(connection, relinked).values())
    changed.update(load_followers(connection, left | postponed))
    return set(moves) | update_threads(connection, changed, new, by, at)


def _find_moves(connection: Connection, assignments: Sequence[HappeningAssignment]) -> dict[int, _Move]:
    """Lineage -> its move, for those that may be shown and whose happening changes."""
    before, absorbed = _load_present_happenings(connection, assignments)
    moves: dict[int, _Move] = {}
    for assignment in assignments:
        stories = dict.fromkeys(assignment.lineages)
        for happening in assignment.absorbs:
            stories |= dict.fromkeys(absorbed.get(happening, ()))
        shown = [lineage for lineage in stories if lineage in before]
        if not shown:
            continue
        after = assignment.happening
        if after is None:
            after = allocate_ids(connection, "items", 1)[0]
        moves.update((lineage, _Move(before[lineage], after)) for lineage in shown if before[lineage] != after)
    return moves


def _load_present_happenings(
    connection: Connection, assignments: Sequence[HappeningAssignment]
) -> tuple[dict[int, int | None], dict[int, list[int]]]:
    """Read what the assignments are about, as far as it may be shown.

    Returns:
        Lineage -> its present happening, and absorbed happening -> its lineages.
    """
    named = {lineage for assignment in assignments for lineage in assignment.lineages}
    absorbed = {happening for assignment in assignments for happening in assignment.absorbs}
    present: dict[int, int | None] = {}
    members: dict[int, list[int]] = {}
    for chunk in chunks(sorted(named)):
        rows = connection.execute(_SHOWN.where(_LINEAGES.id.in_(chunk)))
        present.update((lineage, happening) for lineage, happening in rows)
    for chunk in chunks(sorted(absorbed)):
        for lineage, happening in connection.execute(_SHOWN.where(_LINEAGES.happening.in_(chunk))):
            present[lineage] = happening
            members.setdefault(happening, []).append(lineage)
    return present, members


def _insert_new_happenings(connection: Connection, happenings: set[int]) -> frozenset[int]:
    """Insert those of these happenings that the table does not have, each in a thread of its own; which ones."""
    new = sorted(happenings - load_happenings(connection, happenings).keys())
    threads = allocate_ids(connection, "items", len(new)) if new else ()
    insert_new(
        connection,
        happening_tables.happenings,
        [
            {"id": happening, "thread": thread, "parent": None, "score": None, "first_at": None}
            for happening, thread in zip(new, threads, strict=True)
        ],
    )
    return frozenset(new)


def _log_moves(connection: Connection, moves: Iterable[_Move], by: str | None, at: int | None) -> None:
    stories_moved = Counter((move.before, move.after) for move in moves if move.before is not None)
    rows = []
    for (before, after), stories in sorted(stories_moved.items()):
        is_merge = not has_members(connection, before)
        rows.append(change_row(GroupKind.HAPPENING, before, after, stories, is_merge, by, at))
    insert_rows(connection, happening_tables.group_changes, rows)


def _update_starts(connection: Connection, happenings: Iterable[int]) -> set[int]:
    """Note when happenings begin: with their first dated story. One without stories keeps its date.

    Returns:
        Those that begin later than before.
    """
    rows, postponed = [], set()
    for happening in sorted(happenings):
        stories = select(_LINEAGES.published_at).where(_LINEAGES.happening == happening)
        ordered = stories.order_by(_LINEAGES.published_at.is_(None), _LINEAGES.published_at)
        first = connection.execute(ordered.limit(1)).one_or_none()
        if first is None:
            continue
        (after,) = first
        before = connection.execute(select(_HAPPENINGS.first_at).where(_HAPPENINGS.id == happening)).scalar()
        if before is not None and (after is None or after > before):
            postponed.add(happening)
        if after != before:
            rows.append({"happening_id": happening, "new_first_at": after})
    if rows:
        connection.execute(_SET_START, rows)
    return postponed


# --------------------------------------------------------------------------- removing


def remove_from_happenings(connection: Connection, lineages: Collection[int]) -> set[int]:
    """Take lineages that may not be shown any more, or go by another id, out of their happenings.

    The happenings stay, also without stories, for what follows them.

    Returns:
        Other lineages whose thread changed: a happening may come to be later than one that follows it.
    """
    left = happenings_of(connection, lineages)
    ruling_ends = load_thread_ruling_ends(connection, left)
    for chunk in chunks(sorted(left)):
        connection.execute(update(t.lineages).where(_LINEAGES.id.in_(chunk)).values(happening=None, thread=None))
    move_thread_rulings(connection, ruling_ends, left)
    postponed = _update_starts(connection, set(left.values()))
    changed = postponed.union(load_followers(connection, postponed))
    return update_threads(connection, changed, frozenset(), None, None)
