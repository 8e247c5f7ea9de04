"""How far back the index and the texts go: what is of a month before the first kept one is dropped.

Both limits are counters ("indexed_from", "texts_from"): 201711 is November 2017, 0 means that everything is kept. A
lineage's month is the one under which its document was first offered; undated ones are always kept. Texts that were
dropped are gone for good, so the index can't go back further than they do.
"""

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from pipeline.models import Stage
from pipeline.models.month_key import month_as_number, month_from_number
from pipeline.store.db import tables as t


def indexed_from(connection: Connection) -> str:
    """The first month that the index holds ("2017.11"), "" while it holds all of them."""
    return _load_limit(connection, "indexed_from")


def texts_from(connection: Connection) -> str:
    """The first month whose texts are kept ("2017.11"), "" while all of them are."""
    return _load_limit(connection, "texts_from")


def is_kept(month: str, first: str) -> bool:
    """Whether something of a month ("" = undated) stays where ``first`` is the first month that is kept."""
    return month == "" or month >= first


def kept(first: str) -> ColumnElement[bool]:
    """``is_kept`` as a condition on lineages that were offered to the index."""
    return or_(t.lineages.c.month == "", t.lineages.c.month >= first)


def drop_before(connection: Connection, month: str, texts: bool) -> int:
    """Keep lineages of a month before this one out of the index; see ``pipeline.ports.StoryStore.drop_before``."""
    lineages = t.lineages.c
    first = max(month, texts_from(connection))
    _save_limit(connection, "indexed_from", first)
    dropped = and_(lineages.month.is_not(None), ~kept(first))
    of_dropped = select(lineages.id).where(dropped)
    waiting = and_(t.tasks.c.stage == Stage.INDEX, t.tasks.c.subject.in_(of_dropped))
    connection.execute(delete(t.tasks).where(waiting))
    behind = and_(dropped, lineages.indexed_revision < lineages.revision)
    connection.execute(update(t.lineages).where(behind).values(indexed_revision=lineages.revision))
    if texts:
        _save_limit(connection, "texts_from", first)
        takes = select(t.versions.c.id).where(t.versions.c.lineage.in_(of_dropped))
        emptied = and_(t.bodies.c.version_id.in_(takes), t.bodies.c.body != "")
        connection.execute(update(t.bodies).where(emptied).values(body=""))
    count = select(func.count()).select_from(t.lineages).where(lineages.merged_into.is_(None), dropped)
    return connection.execute(count).scalar_one()


def count_by_month(connection: Connection) -> dict[str, int]:
    """Month -> how many lineages the index is to hold of it, undated ones under ""; merged ones are left out."""
    lineages = t.lineages.c
    indexed = and_(lineages.month.is_not(None), lineages.merged_into.is_(None), kept(indexed_from(connection)))
    rows = connection.execute(
        select(lineages.month, func.count().label("number"))
        .where(indexed)
        .group_by(lineages.month)
        .order_by(lineages.month)
    )
    return {row.month: row.number for row in rows}


def _load_limit(connection: Connection, counter: str) -> str:
    value = connection.execute(select(t.counters.c.value).where(t.counters.c.name == counter)).scalar_one()
    return month_from_number(value) if value else ""


def _save_limit(connection: Connection, counter: str, month: str) -> None:
    value = month_as_number(month) if month else 0
    connection.execute(update(t.counters).where(t.counters.c.name == counter).values(value=value))
