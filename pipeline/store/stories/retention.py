"""How far back the index goes, and the texts: what is of a month before the first kept one is dropped.

Both limits are counters ("indexed_from", "texts_from"): 201711 is November 2017, 0 means everything. A lineage's month
is the one that its document was first offered under; undated ones are always kept. Texts that were dropped are gone for
good, so that the index can't go back further than they do.
"""

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from pipeline.models import Stage
from pipeline.models.months import month_as_number, month_from_number
from pipeline.store.db import tables as t

_l = t.lineages.c


def indexed_from(connection: Connection) -> str:
    """The first month that the index holds, "" while that is all of them."""
    return _limit(connection, "indexed_from")


def texts_from(connection: Connection) -> str:
    """The first month whose texts are kept, "" while that is all of them."""
    return _limit(connection, "texts_from")


def is_kept(month: str, first: str) -> bool:
    """Whether something of a month ("" = undated) stays where ``first`` is the first one kept."""
    return month == "" or month >= first


def kept(first: str) -> ColumnElement[bool]:
    """``is_kept`` for lineages that were offered to the index."""
    return or_(_l.month == "", _l.month >= first)


def drop_before(connection: Connection, month: str, texts: bool) -> int:
    """Drop what is of a month before this one: see ``StoryStore.drop_before``."""
    first = max(month, texts_from(connection))
    _set_limit(connection, "indexed_from", first)
    of_dropped = select(_l.id).where(_l.month.is_not(None), ~kept(first))
    waiting = and_(t.tasks.c.stage == Stage.INDEX, t.tasks.c.subject.in_(of_dropped))
    connection.execute(delete(t.tasks).where(waiting))
    behind = and_(_l.month.is_not(None), ~kept(first), _l.indexed_revision < _l.revision)
    connection.execute(update(t.lineages).where(behind).values(indexed_revision=_l.revision))
    if texts:
        _set_limit(connection, "texts_from", first)
        takes = select(t.versions.c.id).where(t.versions.c.lineage.in_(of_dropped))
        emptied = and_(t.bodies.c.version_id.in_(takes), t.bodies.c.body != "")
        connection.execute(update(t.bodies).where(emptied).values(body=""))
    count = select(func.count()).select_from(t.lineages).where(_l.joined_to.is_(None), _l.id.in_(of_dropped))
    return connection.execute(count).scalar_one()


def months(connection: Connection) -> dict[str, int]:
    """How many lineages the index holds of each month, undated ones under ""; without those joined to another."""
    held = and_(_l.month.is_not(None), _l.joined_to.is_(None), kept(indexed_from(connection)))
    rows = connection.execute(
        select(_l.month, func.count().label("number")).where(held).group_by(_l.month).order_by(_l.month)
    )
    return {row.month: row.number for row in rows}


def _limit(connection: Connection, name: str) -> str:
    value = connection.execute(select(t.counters.c.value).where(t.counters.c.name == name)).scalar_one()
    return month_from_number(value) if value else ""


def _set_limit(connection: Connection, name: str, month: str) -> None:
    value = month_as_number(month) if month else 0
    connection.execute(update(t.counters).where(t.counters.c.name == name).values(value=value))
