"""Keeping copy groups: reads the confirmed pairs around some lineages, and writes the groups that they form."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, func, or_, select, update
from sqlalchemy import bindparam as bind

from pipeline.models import Status, TakeState
from pipeline.store.copies.grouping import group_copies
from pipeline.store.db import tables as t
from pipeline.store.db.statements import chunks
from pipeline.store.marks.resolve import lineages_marked_after

REACH = 2000  # lineages looked at around a change; a larger tangle of copies is grouped in parts

_LINEAGES, _EDGES = t.lineages.c, t.copy_edges.c
_UNDATED = 2**62  # after every date
_version_a, _version_b = t.versions.alias("version_a"), t.versions.alias("version_b")
_USABLE_EDGES = (  # a take that has expired may never have been compared with anything: it ties nothing
    select(_EDGES.lineage_a, _EDGES.lineage_b, _EDGES.similarity)
    .select_from(
        t.copy_edges.join(_version_a, _version_a.c.id == _EDGES.version_a).join(
            _version_b, _version_b.c.id == _EDGES.version_b
        )
    )
    .where(_version_a.c.state == TakeState.USABLE, _version_b.c.state == TakeState.USABLE)
)
_PRESENT = select(
    _LINEAGES.id,
    _LINEAGES.status,
    _LINEAGES.merged_into,
    _LINEAGES.published_at,
    _LINEAGES.copy_group,
    _LINEAGES.copies,
    func.min(t.items.c.uri).label("first_uri"),
).select_from(t.lineages.outerjoin(t.items, t.items.c.lineage == _LINEAGES.id))
_SET_GROUP = (
    update(t.lineages)
    .where(_LINEAGES.id == bind("lineage_id"))
    .values(copy_group=bind("new_group"), copies=bind("new_copies"))
)


class _Membership(NamedTuple):
    """A lineage's copy group (None without copies), and how many other members that has."""

    group: int | None
    copies: int


def update_copy_groups(connection: Connection, around: Collection[int]) -> set[int]:
    """Form the copy groups of these lineages, and of all that are tied to them, anew.

    Returns:
        The lineages whose group or number of copies changed, and those that follow them up by a mark: marks hold for
        copies.
    """
    if not around:
        return set()
    lineages, edges = _load_tied(connection, set(around))
    present, order = _load_present(connection, lineages)
    members_in_order = set(order)
    inside = {pair: similarity for pair, similarity in edges.items() if members_in_order.issuperset(pair)}
    after = dict.fromkeys(present, _Membership(None, 0))
    for members in group_copies(order, inside):
        after |= dict.fromkeys(members, _Membership(min(members), len(members) - 1))
    changed = [lineage for lineage in sorted(present) if present[lineage] != after[lineage]]
    if changed:
        _write_memberships(connection, {lineage: after[lineage] for lineage in changed})
    return {*changed, *lineages_marked_after(connection, changed)}


def _load_tied(connection: Connection, around: set[int]) -> tuple[set[int], dict[tuple[int, int], float]]:
    """Find what is tied to some lineages, directly or not, by confirmed pairs or by a group that they are in.

    Returns:
        The lineages, and pair of these (the smaller first) -> the best similarity of two of their takes.
    """
    reached, frontier = set(around), set(around)
    for chunk in chunks(sorted(around)):
        groups = select(_LINEAGES.copy_group).where(_LINEAGES.id.in_(chunk), _LINEAGES.copy_group.is_not(None))
        members = select(_LINEAGES.id).where(_LINEAGES.copy_group.in_(groups))
        frontier.update(connection.execute(members).scalars())
    reached |= frontier
    edges: dict[tuple[int, int], float] = {}
    while frontier and len(reached) <= REACH:
        tied: set[int] = set()
        for chunk in chunks(sorted(frontier)):
            touching = or_(_EDGES.lineage_a.in_(chunk), _EDGES.lineage_b.in_(chunk))
            for a, b, similarity in connection.execute(_USABLE_EDGES.where(touching)):
                pair = (min(a, b), max(a, b))
                edges[pair] = max(similarity, edges.get(pair, 0.0))
                tied |= {a, b}
        frontier = tied - reached
        reached |= tied
    return reached, edges


def _load_present(connection: Connection, lineages: set[int]) -> tuple[dict[int, _Membership], list[int]]:
    """Read the groups that lineages are in now.

    Returns:
        Lineage -> its membership, and the lineages that may be in a group (usable, and not merged into another) from
        first to last published.
    """
    present: dict[int, _Membership] = {}
    may_be_grouped: list[tuple[int, str, int]] = []
    for chunk in chunks(sorted(lineages)):
        for row in connection.execute(_PRESENT.where(_LINEAGES.id.in_(chunk)).group_by(_LINEAGES.id)):
            present[row.id] = _Membership(row.copy_group, row.copies)
            if row.merged_into is None and row.status == Status.USABLE:
                published_at = _UNDATED if row.published_at is None else row.published_at
                may_be_grouped.append((published_at, row.first_uri, row.id))
    return present, [lineage for _, _, lineage in sorted(may_be_grouped)]


def _write_memberships(connection: Connection, memberships: Mapping[int, _Membership]) -> None:
    rows = [
        {"lineage_id": lineage, "new_group": membership.group, "new_copies": membership.copies}
        for lineage, membership in memberships.items()
    ]
    connection.execute(_SET_GROUP, rows)
