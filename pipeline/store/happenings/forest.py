"""The trees of happenings: gives each its parent, and moves it with all that follows it to the parent's thread."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, func, select, update

from pipeline.models import GroupKind
from pipeline.store.db import happening_tables
from pipeline.store.db import tables as t
from pipeline.store.db.ids import allocate_ids
from pipeline.store.db.statements import chunks, insert_rows
from pipeline.store.happenings.group_changes import change_row
from pipeline.store.happenings.happening_rows import (
    HappeningRow,
    first_members,
    load_followers,
    load_happenings,
    thread_has_members,
)
from pipeline.store.happenings.parent_choice import Parent
from pipeline.store.happenings.parents import find_parents

FOUNDERS = 40  # stories of a happening, the first, whose background says what it follows up

_LINEAGES, _HAPPENINGS = t.lineages.c, happening_tables.happenings.c


def update_threads(
    connection: Connection, happenings: Collection[int], new: Collection[int], by: str | None, at: int | None
) -> set[int]:
    """Find again what these happenings follow up, and set their threads accordingly.

    Args:
        connection: The transaction.
        happenings: The happenings; those without stories are left as they are.
        new: Those of them that were just made, whose threads nobody has seen.
        by: The operator who brought this about, None where it follows from the stories.
        at: When the operator did, microseconds.

    Returns:
        The lineages whose thread changed.
    """
    rows = load_happenings(connection, happenings)
    members = first_members(connection, rows, FOUNDERS)
    founders = {happening: stories for happening, stories in members.items() if stories}
    parents = find_parents(connection, rows, founders)
    rows |= load_happenings(connection, {parent.happening for parent in parents.values() if parent} - rows.keys())
    forest = _Forest(connection, rows, by, at)
    for happening in sorted(founders, key=lambda happening: rows[happening].order):
        forest.attach(happening, parents.get(happening), is_new=happening in new)
    return forest.write_threads_of_stories(founders)


class _Forest:
    """Sets parents and threads of happenings within one transaction, and logs merges and splits of threads."""

    def __init__(self, connection: Connection, rows: dict[int, HappeningRow], by: str | None, at: int | None) -> None:
        """See ``update_threads``. rows: those at hand by happening; they are kept up to date."""
        self._connection = connection
        self._rows = rows
        self._by, self._at = by, at
        self._moved: set[int] = set()  # happenings whose thread changed

    def attach(self, happening: int, parent: Parent | None, is_new: bool) -> None:
        """Let a happening follow its parent. It brings all that follows it to the parent's thread."""
        row = self._rows[happening]
        if parent and parent.happening != row.parent and parent.happening in self._tree_of(happening):
            parent = None  # dates have changed since: the parent came to be later than what follows it
        began_thread = row.parent is None
        self._set_parent(row, parent)
        if row.parent is None:
            if not began_thread:
                self._move(self._tree_of(happening), row.thread, allocate_ids(self._connection, "items", 1)[0])
        elif self._rows[row.parent].thread != row.thread:
            self._join_thread(row, self._rows[row.parent].thread, began_thread, is_new)

    def _set_parent(self, row: HappeningRow, parent: Parent | None) -> None:
        happening, score = parent or (None, None)
        if (happening, score) != (row.parent, row.score):
            statement = update(happening_tables.happenings).where(_HAPPENINGS.id == row.id)
            self._connection.execute(statement.values(parent=happening, score=score))
            row.parent, row.score = happening, score

    def _join_thread(self, row: HappeningRow, joined: int, began_thread: bool, is_new: bool) -> None:
        """Move a happening and all that follows it to the thread that it joins.

        Args:
            row: The happening.
            joined: The thread that it joins.
            began_thread: Whether its thread began with it: then the two threads become one.
            is_new: Whether it was just made. If nothing follows it, nobody has seen its thread and nothing is logged.
        """
        left = row.thread
        tree = self._tree_of(row.id)
        if is_new and len(tree) == 1:
            self._set_thread(tree, joined)
        elif not began_thread:
            self._move(tree, left, joined)
        else:
            left_size, joined_size = self._count_happenings(left), self._count_happenings(joined)
            if (left_size, -left) > (joined_size, -joined):  # the larger thread keeps its id, of equal ones the older
                left, joined = joined, left
            self._move(self._happenings_of_thread(left), left, joined)

    def _move(self, happenings: list[int], left: int, joined: int) -> None:
        """Move happenings from one thread to another, and log it."""
        stories = self._count_stories(happenings)
        self._set_thread(happenings, joined)
        is_merge = not thread_has_members(self._connection, left)
        row = change_row(GroupKind.THREAD, left, joined, stories, is_merge, self._by, self._at)
        insert_rows(self._connection, happening_tables.group_changes, [row])

    def _set_thread(self, happenings: list[int], thread: int) -> None:
        for chunk in chunks(happenings):
            statement = update(happening_tables.happenings).where(_HAPPENINGS.id.in_(chunk))
            self._connection.execute(statement.values(thread=thread))
        for happening in happenings:
            if happening in self._rows:
                self._rows[happening].thread = thread
        self._moved.update(happenings)

    def _tree_of(self, happening: int) -> list[int]:
        """The happening and all that follow it, directly or not."""
        tree, frontier = {happening: None}, [happening]
        while frontier:
            frontier = [follower for follower in load_followers(self._connection, frontier) if follower not in tree]
            tree |= dict.fromkeys(frontier)
        return list(tree)

    def _happenings_of_thread(self, thread: int) -> list[int]:
        statement = select(_HAPPENINGS.id).where(_HAPPENINGS.thread == thread).order_by(_HAPPENINGS.id)
        return list(self._connection.execute(statement).scalars())

    def _count_happenings(self, thread: int) -> int:
        return self._connection.execute(select(func.count()).where(_HAPPENINGS.thread == thread)).scalar_one()

    def _count_stories(self, happenings: list[int]) -> int:
        count = 0
        for chunk in chunks(happenings):
            statement = select(func.count()).where(_LINEAGES.happening.in_(chunk))
            count += self._connection.execute(statement).scalar_one()
        return count

    def write_threads_of_stories(self, happenings: Iterable[int]) -> set[int]:
        """Write the threads of these happenings, and of all that were moved, to their stories.

        Returns:
            The lineages whose thread changed.
        """
        changed: set[int] = set()
        by_thread: dict[int, list[int]] = {}
        for happening in sorted({*happenings, *self._moved}):
            by_thread.setdefault(self._thread_of(happening), []).append(happening)
        for thread, members in by_thread.items():
            for chunk in chunks(members):
                is_stale = _LINEAGES.happening.in_(chunk), _LINEAGES.thread.is_distinct_from(thread)
                statement = update(t.lineages).where(*is_stale).values(thread=thread).returning(_LINEAGES.id)
                changed.update(self._connection.execute(statement).scalars())
        return changed

    def _thread_of(self, happening: int) -> int:
        if happening in self._rows:
            return self._rows[happening].thread
        statement = select(_HAPPENINGS.thread).where(_HAPPENINGS.id == happening)
        thread: int = self._connection.execute(statement).scalar_one()
        return thread
