"""What readers marked as right or wrong: the port ``MarkStore``.

A mark names the two stories as they were called when it was made; it is read by the lineages that they belong to now,
so that a story joined to another takes its marks with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, insert, select

from pipeline.errors import NotFoundError
from pipeline.models import Link, Mark
from pipeline.store import tables as t
from pipeline.store.clean import at_micros, micros
from pipeline.store.database import Database
from pipeline.store.rows import chunks
from pipeline.store.settle import offer_to_index, raise_revisions

_m = t.marks.c
_earlier, _later = t.items.alias("earlier_item"), t.items.alias("later_item")
_STATED = select(_earlier.c.lineage, _later.c.lineage, _m.right, _m.by, _m.at).select_from(
    t.marks.join(_earlier, _earlier.c.id == _m.earlier).join(_later, _later.c.id == _m.later)
)


class SqlMarkStore:
    """See ``pipeline.ports.MarkStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, mark: Mark) -> None:
        """Save a mark in place of what was said of the pair before; the later story is to be indexed again."""
        row = {
            "earlier": mark.earlier,
            "later": mark.later,
            "right": mark.right,
            "by": mark.by,
            "at": micros(mark.at),
        }

        def work(connection: Connection) -> None:
            _forget(connection, mark.earlier, mark.later)
            connection.execute(insert(t.marks).values(**row))
            _index_again(connection, mark.later)

        self._database.write(work)

    def unmark(self, earlier: int, later: int) -> None:
        """Take back what was said of a pair. Raises NotFoundError."""

        def work(connection: Connection) -> int:
            forgotten = _forget(connection, earlier, later)
            _index_again(connection, later)
            return forgotten

        if not self._database.write(work):
            raise NotFoundError(f"stories {earlier} and {later} are not marked: `wirewatch marks` lists what is")

    def marks(self, lineages: Sequence[int] | None = None) -> list[Mark]:
        """Every mark, or those in which one of these lineages is an end; oldest first."""
        with self._database.reading() as connection:
            if lineages is None:
                found = {(mark.earlier, mark.later): mark for mark in _stated(connection, _STATED)}
            else:
                found = marks_at(connection, lineages, _earlier.c.lineage)
                found |= marks_at(connection, lineages, _later.c.lineage)
        return sorted(found.values(), key=lambda mark: (mark.at, mark.earlier, mark.later))


def _forget(connection: Connection, earlier: int, later: int) -> int:
    """How many marks on the pair there were, under whichever names."""

    def named(lineage: int) -> Select[tuple[int]]:
        return select(t.items.c.id).where(t.items.c.lineage == lineage)

    gone = delete(t.marks).where(_m.earlier.in_(named(earlier)), _m.later.in_(named(later)))
    return connection.execute(gone).rowcount


def _index_again(connection: Connection, lineage: int) -> None:
    """What a story follows up is part of its document."""
    raise_revisions(connection, [lineage])
    offer_to_index(connection, [lineage])


def marks_at(connection: Connection, lineages: Iterable[int], end: ColumnElement[int]) -> dict[tuple[int, int], Mark]:
    """(earlier, later) -> the newest mark on the pair, of the marks that have one of these lineages at that end."""
    found: dict[tuple[int, int], Mark] = {}
    for some in chunks(sorted(set(lineages))):
        found |= {(mark.earlier, mark.later): mark for mark in _stated(connection, _STATED.where(end.in_(some)))}
    return found


def marks_from(connection: Connection, lineages: Iterable[int]) -> dict[tuple[int, int], Mark]:
    """Marks in which one of these lineages is the earlier story."""
    return marks_at(connection, lineages, _earlier.c.lineage)


def marks_to(connection: Connection, lineages: Iterable[int]) -> dict[tuple[int, int], Mark]:
    """Marks in which one of these lineages is the later story."""
    return marks_at(connection, lineages, _later.c.lineage)


def _stated(connection: Connection, statement: Select[Any]) -> list[Mark]:
    rows = connection.execute(statement.order_by(_m.at))
    return [Mark(earlier=row[0], later=row[1], right=row[2], by=row[3], at=at_micros(row[4])) for row in rows]


def honoured(links: Sequence[Link], marks: Mapping[tuple[int, int], Mark]) -> list[Link]:
    """Links without those marked wrong; those marked right come first, with the mark among their reasons."""
    known = {(link.earlier, link.later): link for link in links}
    right = []
    for pair, mark in marks.items():
        if mark.right and pair[0] != pair[1]:
            link = known.get(pair, Link(earlier=pair[0], later=pair[1], score=0.0))
            told = mark.told(link.score, link.reasons)
            right.append(Link(earlier=pair[0], later=pair[1], score=1.0, reasons=told, new=link.new))
    return [*right, *(link for pair, link in known.items() if pair not in marks)]


def honoured_scores(
    follows: dict[int, list[tuple[int, float]]], marks: Mapping[tuple[int, int], Mark]
) -> dict[int, list[tuple[int, float]]]:
    """The same for later lineage -> (earlier lineage, score)."""
    told = {later: [pair for pair in found if (pair[0], later) not in marks] for later, found in follows.items()}
    for (earlier, later), mark in marks.items():
        if mark.right and earlier != later:
            told.setdefault(later, []).append((earlier, 1.0))
    return told
