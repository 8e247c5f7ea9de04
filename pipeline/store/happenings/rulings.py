"""Operators' rulings on happenings and threads: loading and saving them, and keeping assignments within them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import dropwhile
from typing import NamedTuple

from sqlalchemy import Connection, delete, or_, select, update

from pipeline.models import GroupKind, HappeningAssignment, Ruling
from pipeline.store.db import happening_tables
from pipeline.store.db import tables as t
from pipeline.store.db.epoch import from_epoch_us, to_epoch_us
from pipeline.store.db.statements import chunks, insert_rows
from pipeline.store.happenings.happening_rows import first_members, happenings_of
from pipeline.store.happenings.ruling_rules import MAX_RULED, rulings_between, stories_of_broken_rulings

_RULINGS = happening_tables.rulings.c
_one_item, _other_item = t.items.alias("one_item"), t.items.alias("other_item")
_ALL_RULINGS = (  # the columns are those of ``Ruling``, with the lineages to which the stories belong now
    select(_RULINGS.kind, _one_item.c.lineage, _other_item.c.lineage, _RULINGS.same, _RULINGS.by, _RULINGS.at)
    .select_from(
        happening_tables.rulings.join(_one_item, _one_item.c.id == _RULINGS.one).outerjoin(
            _other_item, _other_item.c.id == _RULINGS.other
        )
    )
    .order_by(_RULINGS.id)
)


class ThreadRulingEnd(NamedTuple):
    """Where a ruling on threads names a story.

    Attributes:
        number: The ruling.
        column: The column that names the story: "one" or "other".
        lineage: The story.
    """

    number: int
    column: str
    lineage: int


# --------------------------------------------------------------------------- loading


def load_all_rulings(connection: Connection) -> list[Ruling]:
    """Every ruling, oldest first, with the lineages to which their stories belong now."""
    return [_to_ruling(*row) for row in connection.execute(_ALL_RULINGS)]


def load_rulings_between(connection: Connection, lineages: Collection[int]) -> list[Ruling]:
    """The rulings on happenings that hold between two of these lineages, also by way of others (or withdrawn ones)."""
    if not _any_on_happenings(connection):
        return []
    return rulings_between(_load_rulings_around(connection, lineages), lineages)


def _any_on_happenings(connection: Connection) -> bool:
    rulings = select(_RULINGS.id).where(_RULINGS.kind == GroupKind.HAPPENING)
    return connection.execute(rulings.limit(1)).scalar() is not None


def _load_rulings_around(connection: Connection, lineages: Collection[int]) -> list[Ruling]:
    """The rulings on happenings that name these lineages, or others that were ever ruled to be one with them."""
    rulings: dict[int, Ruling] = {}
    seen = frontier = set(lineages)
    while frontier:
        tied: set[int] = set()
        for chunk in chunks(sorted(frontier)):
            concerned = or_(_one_item.c.lineage.in_(chunk), _other_item.c.lineage.in_(chunk))
            statement = _ALL_RULINGS.add_columns(_RULINGS.id).where(_RULINGS.kind == GroupKind.HAPPENING, concerned)
            for *row, number in connection.execute(statement):
                rulings[number] = ruling = _to_ruling(*row)
                if ruling.same:
                    tied |= {ruling.one, ruling.other or ruling.one}
        frontier = tied - seen
        seen = seen | frontier
    return [rulings[number] for number in sorted(rulings)]


def _to_ruling(kind: str, first: int, second: int | None, same: bool, by: str, at: int) -> Ruling:
    return Ruling(GroupKind(kind), first, second, same, by, from_epoch_us(at))


# --------------------------------------------------------------------------- assignments within rulings


def drop_overruled(connection: Connection, assignments: Sequence[HappeningAssignment]) -> list[HappeningAssignment]:
    """Drop assignments of the relate stage that contradict a ruling: the ruling was made while the stage was at work.

    Returns:
        The assignments that stay. Stories of the others that have no happening get one of their own, until they are
        related again.
    """
    if not assignments or not _any_on_happenings(connection):
        return list(assignments)
    before, members = _load_happenings_before(connection, assignments)
    groups = [_all_stories(assignment, members) for assignment in assignments]
    after = dict(before)
    for number, (assignment, group) in enumerate(zip(assignments, groups, strict=True), start=1):
        after |= dict.fromkeys(group, -number if assignment.happening is None else assignment.happening)
    broken = stories_of_broken_rulings(load_rulings_between(connection, after), before, after)
    kept = [assignment for assignment, group in zip(assignments, groups, strict=True) if group.isdisjoint(broken)]
    unassigned = _named(assignments) - _named(kept) - before.keys()
    return kept + [HappeningAssignment(None, (lineage,)) for lineage in sorted(unassigned)]


def _load_happenings_before(
    connection: Connection, assignments: Sequence[HappeningAssignment]
) -> tuple[dict[int, int], dict[int, list[int]]]:
    """Read the present happenings that assignments are about.

    Returns:
        Lineage -> its happening, and happening -> its first lineages.
    """
    before = happenings_of(connection, _named(assignments))
    happenings = set(before.values())
    for assignment in assignments:
        happenings.update(assignment.absorbs)
        if assignment.happening is not None:
            happenings.add(assignment.happening)
    members = first_members(connection, sorted(happenings), MAX_RULED)
    before |= {lineage: happening for happening, lineages in members.items() for lineage in lineages}
    return before, members


def _named(assignments: Iterable[HappeningAssignment]) -> set[int]:
    return {lineage for assignment in assignments for lineage in assignment.lineages}


def _all_stories(assignment: HappeningAssignment, members: Mapping[int, Sequence[int]]) -> set[int]:
    """The stories that an assignment names, and those of the happenings that it absorbs."""
    absorbed = (lineage for happening in assignment.absorbs for lineage in members[happening])
    return {*assignment.lineages, *absorbed}


# --------------------------------------------------------------------------- saving


def insert_rulings(connection: Connection, rulings: Iterable[Ruling]) -> None:
    """Save rulings in this order."""
    rows = [
        {
            "kind": ruling.kind,
            "one": ruling.one,
            "other": ruling.other,
            "same": ruling.same,
            "by": ruling.by,
            "at": to_epoch_us(ruling.at),
        }
        for ruling in rulings
    ]
    insert_rows(connection, happening_tables.rulings, rows)


def take_out_due_rulings(connection: Connection, rulings: Iterable[Ruling]) -> list[Ruling]:
    """Find which of these rulings are to be applied, and delete rows of them that are there already.

    They are deleted because a ruling that is applied again has to be the latest.

    Returns:
        The rulings in their order, from the first one on that does not hold: one that is not the latest on its stories.
    """
    saved = {number: _to_ruling(*row) for *row, number in connection.execute(_ALL_RULINGS.add_columns(_RULINGS.id))}
    latest = {_subject(ruling): ruling for ruling in saved.values()}
    on_two_stories = [ruling for ruling in rulings if ruling.one != ruling.other]
    wanted = {_subject(ruling): ruling for ruling in on_two_stories}
    due = list(dropwhile(lambda ruling: latest.get(_subject(ruling)) == wanted[_subject(ruling)], on_two_stories))
    applied_again = set(due)
    outdated = {number for number, ruling in saved.items() if ruling in applied_again}
    for chunk in chunks(sorted(outdated)):
        connection.execute(delete(happening_tables.rulings).where(_RULINGS.id.in_(chunk)))
    return due


def _subject(ruling: Ruling) -> tuple[GroupKind, frozenset[int | None]]:
    """What a ruling is on, whichever way round."""
    return ruling.kind, frozenset((ruling.one, ruling.other))


# --------------------------------------------------------------------------- rulings on threads


def load_thread_ruling_ends(connection: Connection, lineages: Iterable[int]) -> list[ThreadRulingEnd]:
    """Where rulings on threads name these lineages."""
    ends: list[ThreadRulingEnd] = []
    columns = _ALL_RULINGS.with_only_columns(_RULINGS.id, _one_item.c.lineage, _other_item.c.lineage)
    for chunk in chunks(sorted(set(lineages))):
        concerned = or_(_one_item.c.lineage.in_(chunk), _other_item.c.lineage.in_(chunk))
        for number, *named in connection.execute(columns.where(_RULINGS.kind == GroupKind.THREAD, concerned)):
            ends += [
                ThreadRulingEnd(number, column, lineage)
                for column, lineage in zip(("one", "other"), named, strict=True)
                if lineage in chunk
            ]
    return ends


def move_thread_rulings(connection: Connection, ends: Iterable[ThreadRulingEnd], left: Mapping[int, int]) -> None:
    """Let rulings on threads name the first story that stays in a happening, where the one that they name has left it.

    Args:
        connection: The transaction.
        ends: Where rulings name stories that have left their happenings.
        left: Lineage -> the happening that it has left. Where no story stays, the ruling is not changed.
    """
    for end in ends:
        happening = left[end.lineage]
        stays = first_members(connection, (happening,), 1)[happening]
        if stays:
            statement = update(happening_tables.rulings).where(_RULINGS.id == end.number)
            connection.execute(statement.values({end.column: stays[0]}))
