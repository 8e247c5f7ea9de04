"""Small SQL building blocks that work alike on both databases."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Insert, Table, insert
from sqlalchemy.dialects import postgresql, sqlite

from pipeline.store.db.columns import CleanText
from pipeline.store.db.sanitize import clean_text

T = TypeVar("T")

CHUNK = 1000  # values in one IN list: far below either database's limit on parameters


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Yield the values in lists of at most ``size``."""
    chunk: list[T] = []
    for value in values:
        chunk.append(value)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def insert_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, all with the same columns. None of them may exist."""
    if rows:
        _execute_many(connection, table, insert(table), rows)


def insert_new(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, all with the same columns. Rows whose key exists are left as they are."""
    if rows:
        _execute_many(connection, table, _dialect_insert(connection, table).on_conflict_do_nothing(), rows)


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]], key: Sequence[str]) -> None:
    """Insert rows, all with the same columns. Where the columns ``key`` exist already, the row is replaced."""
    if rows:
        statement = _dialect_insert(connection, table)
        new = {name: statement.excluded[name] for name in rows[0] if name not in key}
        _execute_many(connection, table, statement.on_conflict_do_update(index_elements=list(key), set_=new), rows)


def add_to(connection: Connection, table: Table, key: str, deltas: Mapping[int, int]) -> None:
    """Add to the column ``documents`` of each row.

    Args:
        connection: The transaction.
        table: A table with a column ``documents``. Rows that are missing are made.
        key: The column that names a row.
        deltas: Value of that column -> what to add.
    """
    rows = [{key: value, "documents": delta} for value, delta in sorted(deltas.items()) if delta]
    if rows:
        statement = _dialect_insert(connection, table)
        summed = {"documents": table.c.documents + statement.excluded.documents}
        _execute_many(connection, table, statement.on_conflict_do_update(index_elements=[key], set_=summed), rows)


def _execute_many(connection: Connection, table: Table, statement: Insert, rows: Sequence[dict[str, Any]]) -> None:
    """Hand many rows to the driver at once.

    SQLAlchemy's own treatment of each value would cost more than the insert. The one that is needed is done here: texts
    are made storable.
    """
    names = list(rows[0])
    texts = [name for name in names if isinstance(table.c[name].type, CleanText)]
    compiled = statement.compile(dialect=connection.dialect, column_keys=names)
    cleaned = [
        row | {name: clean_text(str(row[name])) for name in texts if row[name] is not None} if texts else row
        for row in rows
    ]
    if compiled.positional:
        order = compiled.positiontup or names
        connection.exec_driver_sql(str(compiled), [tuple([row[name] for name in order]) for row in cleaned])
    else:
        connection.exec_driver_sql(str(compiled), cleaned)


def _dialect_insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
