"""Saving readers' marks, and what changes with them: the port ``MarkStore``."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Select, delete, insert, select

from pipeline.errors import NotFoundError
from pipeline.models import Mark, ResolvedMarks
from pipeline.store.db import tables as t
from pipeline.store.db.database import Database
from pipeline.store.db.epoch import to_epoch_us
from pipeline.store.happenings.assign import save_assignments
from pipeline.store.marks.resolve import load_all_marks, load_marks_on, load_resolved_marks, load_texts
from pipeline.store.queue.index_tasks import offer_to_index, raise_revisions


class SqlMarkStore:
    """See ``pipeline.ports.MarkStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, mark: Mark) -> None:
        """See ``pipeline.ports.MarkStore.mark``."""
        at = to_epoch_us(mark.at)
        row = {"earlier": mark.earlier, "later": mark.later, "right": mark.right, "by": mark.by, "at": at}

        def save(connection: Connection) -> None:
            _delete_marks(connection, mark.earlier, mark.later)
            connection.execute(insert(t.marks).values(**row))
            _update_dependents(connection, mark.later, mark.by, at)

        self._database.write(save)

    def unmark(self, earlier: int, later: int) -> None:
        """See ``pipeline.ports.MarkStore.unmark``."""

        def remove(connection: Connection) -> int:
            deleted = _delete_marks(connection, earlier, later)
            if deleted:
                _update_dependents(connection, later)
            return deleted

        if not self._database.write(remove):
            raise NotFoundError(f"stories {earlier} and {later} are not marked: `wirewatch marks` lists what is")

    def marks(self, lineages: Sequence[int] | None = None) -> list[Mark]:
        """See ``pipeline.ports.MarkStore.marks``."""
        with self._database.reading() as connection:
            marks = load_all_marks(connection) if lineages is None else load_marks_on(connection, lineages)
        return sorted(marks, key=lambda mark: (mark.at, mark.earlier, mark.later))

    def resolved(self, lineages: Iterable[int]) -> ResolvedMarks:
        """See ``pipeline.ports.MarkStore.resolved``."""
        with self._database.reading() as connection:
            return load_resolved_marks(connection, lineages)


def _delete_marks(connection: Connection, earlier: int, later: int) -> int:
    """Delete the marks on a pair of lineages, under whichever ids they were made; how many there were."""

    def items_of(lineage: int) -> Select[tuple[int]]:
        return select(t.items.c.id).where(t.items.c.lineage == lineage)

    statement = delete(t.marks).where(t.marks.c.earlier.in_(items_of(earlier)), t.marks.c.later.in_(items_of(later)))
    return connection.execute(statement).rowcount


def _update_dependents(connection: Connection, later: int, by: str | None = None, at: int | None = None) -> None:
    """Find the thread of a story and its copies again, and offer them to the index: both depend on what they follow up.

    Args:
        connection: The transaction in which the mark was saved or taken back.
        later: The later story of the mark.
        by: Who marked it; None where a mark was taken back.
        at: When it was marked, microseconds; None where a mark was taken back.
    """
    texts = load_texts(connection, [later])
    lineages = texts.keys() | save_assignments(connection, (), texts, by, at)
    raise_revisions(connection, lineages)
    offer_to_index(connection, lineages)
