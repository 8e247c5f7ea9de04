"""The whole store as rows, one a uri. Two stores are equal when their canonical exports are.

Canonical rows carry nothing that depends on when or in which order things arrived: lineages, copy groups, happenings
and threads are named by the smallest uri in them, entities are sorted, and there are no ids, run times or leases.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Subquery, func, select

from pipeline.models import Status
from pipeline.store.db import tables as t
from pipeline.store.db.database import Database
from pipeline.store.db.json_codec import entity_ids

_i, _l, _v, _e = t.items.c, t.lineages.c, t.versions.c, t.enrichments.c
_PAGE = 1000


def _newest() -> Subquery:
    """Each item's newest take, by its version within the lineage."""
    return select(_v.item_id, func.max(_v.number).label("version")).group_by(_v.item_id).subquery("newest")


def _first_uri(of: ColumnElement[int], name: str) -> Subquery:
    joined = t.items.join(t.lineages, _l.id == _i.lineage)
    named = select(of.label("id"), func.min(_i.uri).label("uri")).select_from(joined)
    return named.where(of.is_not(None)).group_by(of).subquery(name)


def _statement(canonical: bool) -> Select[Any]:
    newest = _newest()
    tables: FromClause = (
        t.items.join(t.lineages, _l.id == _i.lineage)
        .join(newest, newest.c.item_id == _i.id)
        .outerjoin(t.enrichments, _e.version_id == _l.current)
    )
    names: list[ColumnElement[Any]] = []
    for column in (_l.id, _l.copy_group, _l.happening, _l.thread):
        if canonical:
            first = _first_uri(column, f"first_{column.name}")
            tables = tables.outerjoin(first, first.c.id == column)
            names.append(first.c.uri)
        else:
            names.append(column)
    columns = select(_i.uri, newest.c.version, _l.status, *names, _e.data)
    return columns.select_from(tables).order_by(_i.uri)


def export(database: Database, canonical: bool) -> Iterator[dict[str, Any]]:
    """Rows in order of uri (by code point), streamed from one snapshot of the store.

    uri; lineage, copy_group, happening, thread (ids, or if canonical the smallest uri in each; None if there is none);
    version (of the uri's newest take, within its lineage); status (of the lineage); entities (ids of the winning take,
    sorted; none unless usable).
    """
    with database.reading() as connection:
        rows = connection.execution_options(yield_per=_PAGE).execute(_statement(canonical))
        for uri, version, status, lineage, copy_group, happening, thread, data in rows:
            yield {
                "uri": uri,
                "lineage": lineage,
                "version": version,
                "status": status,
                "copy_group": copy_group,
                "happening": happening,
                "thread": thread,
                "entities": entity_ids(data) if data is not None and status == Status.USABLE else [],
            }
