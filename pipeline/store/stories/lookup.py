"""Finding lineages: by an id or uri, as aliases of one another, and page by page."""

from collections.abc import Iterator

from sqlalchemy import Connection, bindparam, select

from pipeline.errors import NotFoundError
from pipeline.store.db import tables as t
from pipeline.store.db.database import Database
from pipeline.store.db.sanitize import clean_text, uri_key
from pipeline.store.stories.kept_months import indexed_from, kept

_PAGE = 5000
_ID_DIGITS = 19  # of the largest number that a 64-bit column takes

# Built once: a statement costs more to build than to run.
_BY_URI = select(t.items.c.lineage).where(t.items.c.uri_key == bindparam("key"))
_BY_ID = select(t.items.c.lineage).where(t.items.c.id == bindparam("id"))
_TAKES_OF = select(t.versions.c.id).where(t.versions.c.lineage == bindparam("lineage"))
_MERGED_INTO = (
    select(t.lineages.c.id)
    .select_from(t.lineages.join(t.items, t.items.c.id == t.lineages.c.id))  # an alias's item is of this lineage now
    .where(t.items.c.lineage == bindparam("lineage"), t.lineages.c.merged_into == bindparam("lineage"))
    .order_by(t.items.c.id)
)


def find_lineage(connection: Connection, id_or_uri: str) -> int:
    """The lineage that an item's id or a uri names. Raises NotFoundError."""
    name = clean_text(id_or_uri.strip())
    lineage: int | None = connection.execute(_BY_URI, {"key": uri_key(name)}).scalar()
    if lineage is None and name.isascii() and name.isdigit() and len(name) < _ID_DIGITS:
        lineage = connection.execute(_BY_ID, {"id": int(name)}).scalar()
    if lineage is None:
        raise NotFoundError(f"no story has the id or uri {id_or_uri!r}: `wirewatch search` shows both")
    return lineage


def find_takes(connection: Connection, lineage: int) -> list[int]:
    """The takes of a lineage, in any order."""
    return list(connection.execute(_TAKES_OF, {"lineage": lineage}).scalars())


def find_merged(connection: Connection, lineage: int) -> list[int]:
    """The ids of the lineages that were merged into this one, ascending."""
    return list(connection.execute(_MERGED_INTO, {"lineage": lineage}).scalars())


def iterate_lineages(database: Database, indexed: bool) -> Iterator[int]:
    """Every lineage by id, aliases left out, read in pages.

    Args:
        database: The database. Each page is read from a snapshot of its own.
        indexed: Whether only lineages are meant that the index is to hold.
    """
    last = 0
    while True:
        lineages = select(t.lineages.c.id).where(t.lineages.c.id > last, t.lineages.c.merged_into.is_(None))
        with database.reading() as connection:
            if indexed:
                lineages = lineages.where(t.lineages.c.month.is_not(None), kept(indexed_from(connection)))
            page = connection.execute(lineages.order_by(t.lineages.c.id).limit(_PAGE)).scalars().all()
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1]
