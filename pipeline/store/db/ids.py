"""Ids from the table of counters. No id is given twice; one from a transaction that fails is given again."""

from sqlalchemy import Connection, select, update

from pipeline.store.db import tables as t


def allocate_ids(connection: Connection, counter: str, count: int) -> range:
    """Take ``count`` ids from a counter ("items", "versions", "tagging_versions")."""
    statement = update(t.counters).where(t.counters.c.name == counter).values(value=t.counters.c.value + count)
    last: int = connection.execute(statement.returning(t.counters.c.value)).scalar_one()
    return range(last - count + 1, last + 1)


class IdAllocator:
    """Ids from a counter that are taken in memory. The writers' turn keeps others from the counter until ``save``."""

    def __init__(self, connection: Connection, counter: str) -> None:
        self._connection = connection
        self._counter = counter
        statement = select(t.counters.c.value).where(t.counters.c.name == counter)
        self._last: int = connection.execute(statement).scalar_one()

    def next(self) -> int:
        """The next id."""
        self._last += 1
        return self._last

    def save(self) -> None:
        """Write the counter."""
        statement = update(t.counters).where(t.counters.c.name == self._counter).values(value=self._last)
        self._connection.execute(statement)
