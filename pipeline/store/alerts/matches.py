"""Which stories met which subscriptions."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from sqlalchemy import Connection, select

from pipeline.models import Match
from pipeline.store.alerts.rows import match_of, match_row
from pipeline.store.db import alert_tables as ta
from pipeline.store.db import tables as t
from pipeline.store.db.statements import chunks, insert_new
from pipeline.store.stories.load import canonical_lineages

_MATCHES = ta.matches.c

T = TypeVar("T")


def save_matches(connection: Connection, matches: Sequence[Match]) -> None:
    """Save matches; those that are stored already are left as they are."""
    canonical = canonical_lineages(connection, [match.lineage for match in matches])
    insert_new(connection, ta.matches, [match_row(match, canonical) for match in matches])


def load_sent(connection: Connection, lineages: Sequence[int]) -> dict[int, list[Match]]:
    """Lineage -> the matches of subscriptions that were sent it, or will be by what is in the outbox."""
    deliveries = ta.deliveries.c
    was_sent = (
        select(deliveries.id)
        .where(
            deliveries.subscription_id == _MATCHES.subscription_id,
            deliveries.lineage == _MATCHES.lineage,
            ~deliveries.parked,
        )
        .exists()
    )
    canonical = canonical_lineages(connection, lineages)
    sent: dict[int, list[Match]] = {}
    for chunk in chunks({canonical.get(lineage, lineage) for lineage in lineages}):
        statement = select(ta.matches).where(_MATCHES.lineage.in_(chunk), was_sent).order_by(_MATCHES.id)
        for row in connection.execute(statement):
            sent.setdefault(row.lineage, []).append(match_of(row))
    return _by_name(sent, lineages, canonical)


def load_matched(connection: Connection, lineages: Sequence[int]) -> dict[int, set[int]]:
    """Lineage -> the subscriptions that have matched it or a copy of it."""
    own, other = t.lineages.alias("own"), t.lineages.alias("other")
    of_copies = select(own.c.id, _MATCHES.subscription_id).select_from(
        own.join(other, other.c.copy_group == own.c.copy_group).join(ta.matches, _MATCHES.lineage == other.c.id)
    )
    canonical = canonical_lineages(connection, lineages)
    matched: dict[int, set[int]] = {}
    for chunk in chunks({canonical.get(lineage, lineage) for lineage in lineages}):
        direct = select(_MATCHES.lineage, _MATCHES.subscription_id).where(_MATCHES.lineage.in_(chunk))
        for lineage, subscription_id in connection.execute(direct.union(of_copies.where(own.c.id.in_(chunk)))):
            matched.setdefault(lineage, set()).add(subscription_id)
    return _by_name(matched, lineages, canonical)


def _by_name(by_lineage: dict[int, T], lineages: Sequence[int], canonical: dict[int, int]) -> dict[int, T]:
    """The values of canonical lineages, by the ids that were asked for."""
    named = {lineage: canonical.get(lineage, lineage) for lineage in lineages}
    return {lineage: by_lineage[name] for lineage, name in named.items() if name in by_lineage}


def load_latest_matches(connection: Connection, subscription_id: int | None, limit: int) -> list[Match]:
    """The latest matches of a subscription, or (None) of all, newest first."""
    statement = select(ta.matches).order_by(_MATCHES.matched_at.desc(), _MATCHES.id.desc()).limit(limit)
    if subscription_id is not None:
        statement = statement.where(_MATCHES.subscription_id == subscription_id)
    return [match_of(row) for row in connection.execute(statement)]


def load_matches(connection: Connection, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Match]:
    """(subscription, lineage) -> its match; pairs without one are absent."""
    wanted = set(pairs)
    matches: dict[tuple[int, int], Match] = {}
    for chunk in chunks(sorted({lineage for _, lineage in wanted})):
        for row in connection.execute(select(ta.matches).where(_MATCHES.lineage.in_(chunk))):
            if (row.subscription_id, row.lineage) in wanted:
                matches[row.subscription_id, row.lineage] = match_of(row)
    return matches
