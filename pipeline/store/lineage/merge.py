"""Two lineages turn out to be one story: the older one's id stays, the younger one's becomes an alias of it.

The alias leaves the index as a blank (``LineageRecord.merged_into``); all that pointed at it points at the older one.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, FromClause, Select, and_, delete, or_, select, update

from pipeline.models import DeliveryKind, Stage, Status
from pipeline.store.db import tables as t
from pipeline.store.db.statements import upsert
from pipeline.store.happenings.assign import remove_from_happenings
from pipeline.store.queue.index_tasks import offer_to_index
from pipeline.store.ranking.document_frequencies import recount


@dataclass(frozen=True, slots=True)
class Joined:
    """What a join leaves to its caller, who settles the takes.

    seen: whether readers may have seen the alias. renamed: stories whose background or thread has another name by it.
    """

    seen: bool
    renamed: frozenset[int] = frozenset()


def merge_lineages(connection: Connection, younger: int, older: int) -> Joined:
    """Make ``younger`` an alias of ``older`` in every table."""
    columns = select(t.lineages.c.counted, t.lineages.c.status)
    row = connection.execute(columns.where(t.lineages.c.id == younger)).one_or_none()
    if row is None:
        return Joined(seen=False)  # both are of this batch: the younger one was never written
    recount(connection, {younger: (row.counted, None)})
    connection.execute(
        update(t.lineages)
        .where(t.lineages.c.id == younger)
        .values(
            joined_to=older,
            status=Status.WITHDRAWN,
            revision=t.lineages.c.revision + 1,
            copy_group=None,
            copies=0,
        )
    )
    founders = select(t.items.c.id).where(t.items.c.lineage == younger)  # found by index: an alias has its item's id
    aliases = and_(t.lineages.c.id.in_(founders), t.lineages.c.joined_to == younger)
    connection.execute(update(t.lineages).where(aliases).values(joined_to=older))
    for table in (t.items, t.versions):
        connection.execute(update(table).where(table.c.lineage == younger).values(lineage=older))
    own_work = and_(t.tasks.c.lineage == younger, t.tasks.c.stage != Stage.INDEX)
    connection.execute(update(t.tasks).where(own_work).values(lineage=older))
    _join_copies(connection, younger, older)
    _join_alerts(connection, younger, older)
    offer_to_index(connection, [younger])
    renamed = _join_links(connection, younger, older) | remove_from_happenings(connection, [younger])
    return Joined(row.status == Status.USABLE, frozenset(renamed))


def _join_copies(connection: Connection, younger: int, older: int) -> None:
    e = t.copy_edges.c
    connection.execute(update(t.copy_edges).where(e.lineage_a == younger).values(lineage_a=older))
    connection.execute(update(t.copy_edges).where(e.lineage_b == younger).values(lineage_b=older))
    connection.execute(delete(t.copy_edges).where(e.lineage_a == e.lineage_b))


def _join_links(connection: Connection, younger: int, older: int) -> set[int]:
    c = t.links.c
    touching = or_(c.earlier == younger, c.later == younger, c.decided_by == younger)
    moved = [dict(row) for row in connection.execute(select(t.links).where(touching)).mappings()]
    if not moved:
        return set()
    connection.execute(delete(t.links).where(touching))
    best: dict[tuple[int, int], dict[str, Any]] = {}
    for link in moved:
        link |= {name: older for name in ("earlier", "later", "decided_by") if link[name] == younger}
        pair = (link["earlier"], link["later"])
        there = connection.execute(select(c.score).where(c.earlier == pair[0], c.later == pair[1])).scalar()
        rival = best[pair]["score"] if pair in best else there
        if pair[0] != pair[1] and (rival is None or link["score"] > rival):
            best[pair] = link
    upsert(connection, t.links, [best[pair] for pair in sorted(best)], ("earlier", "later"))
    return {later for _, later in best}


def _join_alerts(connection: Connection, younger: int, older: int) -> None:
    """Keep what each subscription was told; where it was told of both, the older lineage's record stands for both."""
    m, d = t.matches.c, t.deliveries.c
    told = select(m.subscription_id).where(m.lineage == older)
    connection.execute(delete(t.matches).where(m.lineage == younger, m.subscription_id.in_(told)))
    connection.execute(update(t.matches).where(m.lineage == younger).values(lineage=older))
    other = t.deliveries.alias("other")
    sent = _twins(other, younger).where(other.c.sent_at.is_not(None)).exists()
    connection.execute(delete(t.deliveries).where(d.lineage == older, d.sent_at.is_(None), sent))
    twin = _twins(other, older).exists()
    connection.execute(delete(t.deliveries).where(d.lineage == younger, twin, d.sent_at.is_(None)))
    connection.execute(update(t.deliveries).where(d.lineage == younger, ~twin).values(lineage=older))
    connection.execute(update(t.subscriptions).where(t.subscriptions.c.follow == younger).values(follow=older))


def _twins(other: FromClause, lineage: int) -> Select[tuple[int]]:
    """The line by which a subscription was told the same of another lineage; that a story is new is told once."""
    d, c = t.deliveries.c, other.c
    return select(c.id).where(
        c.lineage == lineage,
        c.subscription_id == d.subscription_id,
        c.kind == d.kind,
        or_(c.version_id == d.version_id, d.kind == DeliveryKind.NEW),
        c.channel_key == d.channel_key,
    )
