"""What readers marked as right or wrong: the port ``MarkStore``.

A mark names the two stories as they were called when it was made; it is read by the lineages that they belong to now,
so that a story joined to another takes its marks with it.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Select, delete, insert, select

from pipeline.errors import NotFoundError
from pipeline.models import Mark, Standing
from pipeline.store.db import tables as t
from pipeline.store.db.database import Database
from pipeline.store.db.sanitize import micros
from pipeline.store.happenings.assign import save_gathered
from pipeline.store.lineage.refresh import offer_to_index, raise_revisions
from pipeline.store.marks.resolve import all_marks, load_standing, marks_on, texts_of

_m = t.marks.c


class SqlMarkStore:
    """See ``pipeline.ports.MarkStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, mark: Mark) -> None:
        """Save a mark in place of what was said of the pair before; the later story and its copies are to be indexed
        again."""
        at = micros(mark.at)
        row = {"earlier": mark.earlier, "later": mark.later, "right": mark.right, "by": mark.by, "at": at}

        def work(connection: Connection) -> None:
            _forget(connection, mark.earlier, mark.later)
            connection.execute(insert(t.marks).values(**row))
            _apply(connection, mark.later, mark.by, at)

        self._database.write(work)

    def unmark(self, earlier: int, later: int) -> None:
        """Take back what was said of a pair. Raises NotFoundError."""

        def work(connection: Connection) -> int:
            forgotten = _forget(connection, earlier, later)
            if forgotten:
                _apply(connection, later)
            return forgotten

        if not self._database.write(work):
            raise NotFoundError(f"stories {earlier} and {later} are not marked: `wirewatch marks` lists what is")

    def marks(self, lineages: Sequence[int] | None = None) -> list[Mark]:
        """Every mark, or those in which one of these lineages is an end; oldest first."""
        with self._database.reading() as connection:
            found = all_marks(connection) if lineages is None else marks_on(connection, lineages)
        return sorted(found, key=lambda mark: (mark.at, mark.earlier, mark.later))

    def standing(self, lineages: Iterable[int]) -> Standing:
        """What holds between these stories and others."""
        with self._database.reading() as connection:
            return load_standing(connection, lineages)


def _forget(connection: Connection, earlier: int, later: int) -> int:
    """How many marks on the pair there were, under whichever names."""

    def named(lineage: int) -> Select[tuple[int]]:
        return select(t.items.c.id).where(t.items.c.lineage == lineage)

    gone = delete(t.marks).where(_m.earlier.in_(named(earlier)), _m.later.in_(named(later)))
    return connection.execute(gone).rowcount


def _apply(connection: Connection, later: int, by: str | None = None, at: int | None = None) -> None:
    """What a story and its copies follow up is part of their documents, and decides on their thread.

    by, at: who marked it, and when, microseconds; without them a mark was taken back.
    """
    told = texts_of(connection, [later])
    concerned = told.keys() | save_gathered(connection, (), told, by, at)
    raise_revisions(connection, concerned)
    offer_to_index(connection, concerned)
