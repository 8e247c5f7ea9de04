"""The whole store as rows, one per uri. Two stores are equal when their canonical exports are.

Canonical rows carry nothing that depends on when or in which order things arrived: lineages, copy groups, happenings
and threads are named by the smallest uri in them, entities are sorted, and there are no ids, run times or leases.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Subquery, func, select

from pipeline.models import Status
from pipeline.store.db import tables as t
from pipeline.store.db.database import Database
from pipeline.store.db.json_codec import load_entity_ids

_ROWS_AT_ONCE = 1000


def export(database: Database, canonical: bool) -> Iterator[dict[str, Any]]:
    """Yield rows in order of uri (by code point), streamed from one snapshot of the store.

    Args:
        database: The database.
        canonical: Whether groups are named by the smallest uri in them instead of by their ids.

    Yields:
        uri; lineage, copy_group, happening, thread (None if there is none); version (of the uri's newest take, within
        its lineage); status (of the lineage); entities (ids of the winning take, sorted; none unless usable).
    """
    with database.reading() as connection:
        rows = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(_statement(canonical))
        for uri, version, status, lineage, copy_group, happening, thread, data in rows:
            yield {
                "uri": uri,
                "lineage": lineage,
                "version": version,
                "status": status,
                "copy_group": copy_group,
                "happening": happening,
                "thread": thread,
                "entities": load_entity_ids(data) if data is not None and status == Status.USABLE else [],
            }


def _statement(canonical: bool) -> Select[Any]:
    items, lineages = t.items.c, t.lineages.c
    newest = _newest_takes()
    tables: FromClause = (
        t.items.join(t.lineages, lineages.id == items.lineage)
        .join(newest, newest.c.item_id == items.id)
        .outerjoin(t.enrichments, t.enrichments.c.version_id == lineages.current_version_id)
    )
    names: list[ColumnElement[Any]] = []
    for column in (lineages.id, lineages.copy_group, lineages.happening, lineages.thread):
        if canonical:
            first = _first_uris(column, f"first_{column.name}")
            tables = tables.outerjoin(first, first.c.id == column)
            names.append(first.c.uri)
        else:
            names.append(column)
    columns = select(items.uri, newest.c.version, lineages.status, *names, t.enrichments.c.data)
    return columns.select_from(tables).order_by(items.uri)


def _newest_takes() -> Subquery:
    """Each item's newest take, by its number within the lineage."""
    versions = t.versions.c
    newest = select(versions.item_id, func.max(versions.number).label("version"))
    return newest.group_by(versions.item_id).subquery("newest")


def _first_uris(group: ColumnElement[int], name: str) -> Subquery:
    """The smallest uri of each group: of each value of a column of lineages."""
    joined = t.items.join(t.lineages, t.lineages.c.id == t.items.c.lineage)
    named = select(group.label("id"), func.min(t.items.c.uri).label("uri")).select_from(joined)
    return named.where(group.is_not(None)).group_by(group).subquery(name)
