"""Keeping copy groups: reading the findings around some lineages, and writing what ``copygroups`` makes of them."""

from collections.abc import Collection

from sqlalchemy import Connection, func, or_, select, update
from sqlalchemy import bindparam as bind

from pipeline.models import Status, TakeState
from pipeline.store.copies.grouping import group
from pipeline.store.db import tables as t
from pipeline.store.db.statements import chunks
from pipeline.store.marks.resolve import lineages_marked_after

REACH = 2000  # lineages looked at around a change; a larger tangle of copies is grouped in parts

_e = t.copy_edges.c
_a, _b = t.versions.alias("a"), t.versions.alias("b")
_SEEN_EDGES = (  # what has expired may never have been compared with anything: it ties nothing
    select(_e.lineage_a, _e.lineage_b, _e.similarity)
    .select_from(t.copy_edges.join(_a, _a.c.id == _e.version_a).join(_b, _b.c.id == _e.version_b))
    .where(_a.c.state == TakeState.USABLE, _b.c.state == TakeState.USABLE)
)
_REGROUPED = (
    update(t.lineages)
    .where(t.lineages.c.id == bind("lineage_id"))
    .values(copy_group=bind("now_group"), copies=bind("now_copies"))
)


def regroup(connection: Connection, around: Collection[int]) -> set[int]:
    """Group anew the lineages that are tied, however indirectly, to these; the ones whose group or size changed, and
    those that follow them up by a mark: it holds for copies."""
    if not around:
        return set()
    near, edges = _tied(connection, set(around))
    l = t.lineages.c  # noqa: E741
    known: dict[int, tuple[int | None, int]] = {}
    order: list[tuple[int, str, int]] = []
    first_uri = func.min(t.items.c.uri)
    columns = select(l.id, l.status, l.joined_to, l.published_at, l.copy_group, l.copies, first_uri)
    joined = columns.select_from(t.lineages.outerjoin(t.items, t.items.c.lineage == l.id))
    for some in chunks(sorted(near)):
        statement = joined.where(l.id.in_(some)).group_by(l.id)
        for lineage, status, joined_to, published_at, copy_group, copies, uri in connection.execute(statement):
            known[lineage] = (copy_group, copies)
            if joined_to is None and status == Status.USABLE:
                order.append((2**62 if published_at is None else published_at, uri, lineage))
    order.sort()
    grouped: dict[int, tuple[int | None, int]] = dict.fromkeys(known, (None, 0))
    for members in group([row[2] for row in order], _among(edges, {row[2] for row in order})):
        grouped |= dict.fromkeys(members, (min(members), len(members) - 1))
    changed = [lineage for lineage in sorted(known) if known[lineage] != grouped[lineage]]
    if changed:
        rows = [{"lineage_id": key, "now_group": grouped[key][0], "now_copies": grouped[key][1]} for key in changed]
        connection.execute(_REGROUPED, rows)
    return {*changed, *lineages_marked_after(connection, changed)}


def _tied(connection: Connection, around: set[int]) -> tuple[set[int], dict[tuple[int, int], float]]:
    """The lineages reached from these over findings or a group that they were in, and the findings between them."""
    edges: dict[tuple[int, int], float] = {}
    reached, frontier = set(around), set(around)
    l = t.lineages.c  # noqa: E741
    for some in chunks(sorted(around)):
        groups = select(l.copy_group).where(l.id.in_(some), l.copy_group.is_not(None))
        frontier.update(connection.execute(select(l.id).where(l.copy_group.in_(groups))).scalars())
    reached |= frontier
    while frontier and len(reached) <= REACH:
        found: set[int] = set()
        for some in chunks(sorted(frontier)):
            tied = _SEEN_EDGES.where(or_(_e.lineage_a.in_(some), _e.lineage_b.in_(some)))
            for a, b, similarity in connection.execute(tied):
                pair = (min(a, b), max(a, b))
                edges[pair] = max(similarity, edges.get(pair, 0.0))
                found |= {a, b}
        frontier = found - reached
        reached |= found
    return reached, edges


def _among(edges: dict[tuple[int, int], float], lineages: set[int]) -> dict[tuple[int, int], float]:
    return {pair: similarity for pair, similarity in edges.items() if pair[0] in lineages and pair[1] in lineages}
