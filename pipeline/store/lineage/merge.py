"""Two lineages turn out to be one story: the older one's id stays, and the younger one becomes an alias of it.

The alias leaves the index as a blank (``LineageRecord.merged_into``). All that pointed at it points at the older one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, FromClause, Select, and_, delete, or_, select, update

from pipeline.models import DeliveryKind, Stage, Status
from pipeline.store.db import alert_tables as ta
from pipeline.store.db import tables as t
from pipeline.store.db.statements import upsert
from pipeline.store.happenings.assign import remove_from_happenings
from pipeline.store.queue.index_tasks import offer_to_index
from pipeline.store.ranking.document_frequencies import recount


@dataclass(slots=True)
class MergeEffects:
    """What merges leave to ``refresh_lineages``.

    Attributes:
        seen: Lineage that others became part of -> whether readers may have seen one of those.
        renamed: Lineages whose background or thread goes by another id now.
    """

    seen: dict[int, bool] = field(default_factory=dict)
    renamed: set[int] = field(default_factory=set)


def merge_lineages(connection: Connection, merges: Sequence[tuple[int, int]]) -> MergeEffects:
    """Make lineages aliases of older ones in every table.

    Args:
        connection: The transaction. Its caller refreshes the older lineages, whose takes have changed.
        merges: (younger lineage, older lineage), in the order in which they were found.
    """
    effects = MergeEffects()
    for younger, older in merges:
        row = connection.execute(_MERGED.where(t.lineages.c.id == younger)).one_or_none()
        was_seen = row is not None and row.status == Status.USABLE
        effects.seen[older] = was_seen or effects.seen.get(older, False) or effects.seen.get(younger, False)
        if row is not None:  # else both are of this batch, and the younger one was never written
            recount(connection, {younger: (row.counted_version_id, None)})
            effects.renamed |= _merge(connection, younger, older)
    return effects


_MERGED = select(t.lineages.c.counted_version_id, t.lineages.c.status)


def _merge(connection: Connection, younger: int, older: int) -> set[int]:
    """Make ``younger`` an alias of ``older``.

    Returns:
        The lineages whose background or thread goes by another id now.
    """
    connection.execute(
        update(t.lineages)
        .where(t.lineages.c.id == younger)
        .values(
            merged_into=older,
            status=Status.WITHDRAWN,
            revision=t.lineages.c.revision + 1,
            copy_group=None,
            copies=0,
        )
    )
    founders = select(t.items.c.id).where(
        t.items.c.lineage == younger
    )  # an alias has the id of the item that founded it
    aliases = and_(t.lineages.c.id.in_(founders), t.lineages.c.merged_into == younger)
    connection.execute(update(t.lineages).where(aliases).values(merged_into=older))
    for table in (t.items, t.versions):
        connection.execute(update(table).where(table.c.lineage == younger).values(lineage=older))
    on_takes = and_(t.tasks.c.lineage == younger, t.tasks.c.stage != Stage.INDEX)
    connection.execute(update(t.tasks).where(on_takes).values(lineage=older))
    _merge_copies(connection, younger, older)
    _merge_alerts(connection, younger, older)
    offer_to_index(connection, [younger])
    return _merge_links(connection, younger, older) | remove_from_happenings(connection, [younger])


def _merge_copies(connection: Connection, younger: int, older: int) -> None:
    edges = t.copy_edges.c
    connection.execute(update(t.copy_edges).where(edges.lineage_a == younger).values(lineage_a=older))
    connection.execute(update(t.copy_edges).where(edges.lineage_b == younger).values(lineage_b=older))
    connection.execute(delete(t.copy_edges).where(edges.lineage_a == edges.lineage_b))


def _merge_links(connection: Connection, younger: int, older: int) -> set[int]:
    """Let the older lineage take over the links; of two on one pair the better one stays.

    Returns:
        The later stories of the links that were moved.
    """
    links = t.links.c
    touching = or_(links.earlier == younger, links.later == younger, links.decided_by == younger)
    moved = [dict(row) for row in connection.execute(select(t.links).where(touching)).mappings()]
    if not moved:
        return set()
    connection.execute(delete(t.links).where(touching))
    best: dict[tuple[int, int], dict[str, Any]] = {}
    for link in moved:
        link |= {name: older for name in ("earlier", "later", "decided_by") if link[name] == younger}
        pair = (link["earlier"], link["later"])
        stored = select(links.score).where(links.earlier == pair[0], links.later == pair[1])
        rival = best[pair]["score"] if pair in best else connection.execute(stored).scalar()
        if pair[0] != pair[1] and (rival is None or link["score"] > rival):
            best[pair] = link
    upsert(connection, t.links, [best[pair] for pair in sorted(best)], ("earlier", "later"))
    return {later for _, later in best}


def _merge_alerts(connection: Connection, younger: int, older: int) -> None:
    """Keep what each subscription was sent. Where it was sent both, the older lineage's record stands for both."""
    matches, deliveries = ta.matches.c, ta.deliveries.c
    with_older = select(matches.subscription_id).where(matches.lineage == older)
    connection.execute(
        delete(ta.matches).where(matches.lineage == younger, matches.subscription_id.in_(with_older))
    )  # fmt: skip
    connection.execute(update(ta.matches).where(matches.lineage == younger).values(lineage=older))
    other = ta.deliveries.alias("other")
    sent_of_younger = _same_delivery(other, younger).where(other.c.sent_at.is_not(None)).exists()
    unsent = deliveries.sent_at.is_(None)
    connection.execute(delete(ta.deliveries).where(deliveries.lineage == older, unsent, sent_of_younger))
    is_with_older = _same_delivery(other, older).exists()
    connection.execute(delete(ta.deliveries).where(deliveries.lineage == younger, is_with_older, unsent))
    moved = update(ta.deliveries).where(deliveries.lineage == younger, ~is_with_older)
    connection.execute(moved.values(lineage=older))
    followed = update(ta.subscriptions).where(ta.subscriptions.c.follow == younger)
    connection.execute(followed.values(follow=older))


def _same_delivery(other: FromClause, lineage: int) -> Select[tuple[int]]:
    """The line that says the same of another lineage to a subscription. That a story is new is said once."""
    deliveries = ta.deliveries.c
    return select(other.c.id).where(
        other.c.lineage == lineage,
        other.c.subscription_id == deliveries.subscription_id,
        other.c.kind == deliveries.kind,
        or_(other.c.version_id == deliveries.version_id, deliveries.kind == DeliveryKind.NEW),
        other.c.channel_key == deliveries.channel_key,
    )
