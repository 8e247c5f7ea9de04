"""Subscriptions, matches and the outbox: the port ``AlertStore``."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, select, update

from pipeline.errors import NotFoundError
from pipeline.models import Delivery, DeliveryKind, Match, Rhythm, Stage, Subscription
from pipeline.store import tables as t
from pipeline.store.clean import at_micros, clean_text, from_micros, micros
from pipeline.store.codec import dump_reasons, dump_strings, load_reasons, load_strings
from pipeline.store.database import Database
from pipeline.store.reading import canonical_lineages
from pipeline.store.rows import chunks, insert_new
from pipeline.store.tagged import close_tasks
from pipeline.store.work import claiming, is_free

_s, _m, _d = t.subscriptions.c, t.matches.c, t.deliveries.c


class SqlAlertStore:
    """See ``pipeline.ports.AlertStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ----------------------------------------------------------------------- subscriptions

    def subscribe(self, subscription: Subscription) -> int:
        """Save a new subscription (its ``id`` is ignored) and return its id."""
        row = {
            "owner": subscription.owner,
            "name": subscription.name,
            "channels": dump_strings(subscription.channels),
            "query": subscription.query,
            "follow": subscription.follow,
            "closeness": subscription.closeness,
            "rhythm": subscription.rhythm,
            "timezone": subscription.timezone,
            "updates": subscription.updates,
            "look_back": subscription.look_back // timedelta(microseconds=1),
            "created_at": micros(subscription.created_at),
            "paused": subscription.paused,
            "ended": False,
        }
        statement = insert(t.subscriptions).values(**row).returning(_s.id)

        def work(connection: Connection) -> int:
            subscription_id: int = connection.execute(statement).scalar_one()
            return subscription_id

        return self._database.write(work)

    def unsubscribe(self, subscription_id: int) -> None:
        """End a subscription. Raises NotFoundError."""
        statement = update(t.subscriptions).where(_s.id == subscription_id, ~_s.ended).values(ended=True)
        ended = self._database.write(lambda connection: connection.execute(statement.returning(_s.id)).first())
        if ended is None:
            raise NotFoundError(f"there is no subscription {subscription_id}: `wirewatch subscriptions` lists them")

    def subscriptions(self) -> list[Subscription]:
        """Active and paused subscriptions, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(t.subscriptions).where(~_s.ended).order_by(_s.id))
            return [_subscription(row) for row in rows]

    # ----------------------------------------------------------------------- matches

    def sent_to(self, lineages: Sequence[int]) -> dict[int, list[Match]]:
        """Lineage -> the matches of subscriptions that were sent it, or will be by what is in the outbox."""
        told = (
            select(_d.id)
            .where(_d.subscription_id == _m.subscription_id, _d.lineage == _m.lineage, ~_d.parked)
            .exists()
        )  # fmt: skip
        found: dict[int, list[Match]] = {}
        with self._database.reading() as connection:
            whole = canonical_lineages(connection, lineages)
            for some in chunks({whole.get(lineage, lineage) for lineage in lineages}):
                for row in connection.execute(select(t.matches).where(_m.lineage.in_(some), told).order_by(_m.id)):
                    found.setdefault(row.lineage, []).append(_match(row))
        return {lineage: found[one] for lineage in lineages if (one := whole.get(lineage, lineage)) in found}

    def matched(self, lineages: Sequence[int]) -> dict[int, set[int]]:
        """Lineage -> subscriptions that have matched it or a copy of it."""
        own, other = t.lineages.alias("own"), t.lineages.alias("other")
        copies = (
            select(own.c.id, _m.subscription_id)
            .select_from(
                own.join(other, and_(other.c.copy_group == own.c.copy_group)).join(t.matches, _m.lineage == other.c.id)
            )
        )  # fmt: skip
        found: dict[int, set[int]] = {}
        with self._database.reading() as connection:
            whole = canonical_lineages(connection, lineages)
            for some in chunks({whole.get(lineage, lineage) for lineage in lineages}):
                direct = select(_m.lineage, _m.subscription_id).where(_m.lineage.in_(some))
                for lineage, subscription in connection.execute(direct.union(copies.where(own.c.id.in_(some)))):
                    found.setdefault(lineage, set()).add(subscription)
        return {lineage: found[one] for lineage in lineages if (one := whole.get(lineage, lineage)) in found}

    def record_alerted(
        self, version_ids: Sequence[int], matches: Sequence[Match], deliveries: Sequence[Delivery]
    ) -> None:
        """Save matches and deliveries (their ``id`` ignored; existing ones kept) and close ALERT: one transaction."""

        def work(connection: Connection) -> None:
            whole = canonical_lineages(
                connection, [*(match.lineage for match in matches), *(delivery.lineage for delivery in deliveries)]
            )
            insert_new(connection, t.matches, [_match_row(match, whole) for match in matches])
            insert_new(connection, t.deliveries, [_delivery_row(delivery, whole) for delivery in deliveries])
            close_tasks(connection, Stage.ALERT, version_ids)

        self._database.write(work)

    def matches(self, subscription_id: int | None = None, limit: int = 50) -> list[Match]:
        """Latest matches, newest first."""
        statement = select(t.matches).order_by(_m.matched_at.desc(), _m.id.desc()).limit(limit)
        if subscription_id is not None:
            statement = statement.where(_m.subscription_id == subscription_id)
        with self._database.reading() as connection:
            return [_match(row) for row in connection.execute(statement)]

    # ----------------------------------------------------------------------- the outbox

    def claim_deliveries(self, worker: str, now: datetime, lease: timedelta, limit: int) -> list[Delivery]:
        """Claim unsent deliveries that are due, those longest due first."""
        at, span = micros(now), lease // timedelta(microseconds=1)
        due = and_(_d.sent_at.is_(None), ~_d.parked, _d.due_at <= at, is_free(t.deliveries, at, span))
        free = select(_d.id).where(due).order_by(_d.due_at, _d.id).limit(limit)
        chosen = free.with_for_update(skip_locked=True).cte("chosen")
        statement = (
            update(t.deliveries)
            .where(_d.id.in_(select(chosen.c.id)))
            .values(owner=worker, claimed_at=at, lease_until=at + span)
            .returning(t.deliveries)
        )
        rows = self._database.write(lambda connection: claiming(connection, statement), in_turn=False)
        return [_delivery(row) for row in sorted(rows, key=lambda row: (row.due_at, row.id))]

    def record_sent(self, delivery_ids: Sequence[int], now: datetime) -> None:
        """These were accepted by their channel."""

        def work(connection: Connection) -> None:
            for some in chunks(sorted(delivery_ids)):
                unsent = and_(_d.id.in_(some), _d.sent_at.is_(None))
                sent = {"sent_at": micros(now), "attempts": _d.attempts + 1, "last_error": None, "parked": False}
                connection.execute(update(t.deliveries).where(unsent).values(**sent, **_UNCLAIMED))

        self._database.write(work)

    def record_unsent(self, delivery_id: int, error: str, retry_at: datetime | None) -> None:
        """This was not accepted: due again at ``retry_at``, or parked if None."""
        values: dict[str, Any] = {"attempts": _d.attempts + 1, "last_error": error, "parked": retry_at is None}
        if retry_at is not None:
            values["due_at"] = micros(retry_at)
        unsent = and_(_d.id == delivery_id, _d.sent_at.is_(None))
        statement = update(t.deliveries).where(unsent).values(**values, **_UNCLAIMED)
        self._database.write(lambda connection: connection.execute(statement) and None)

    def deliveries(self, subscription_id: int | None = None, limit: int = 50) -> list[Delivery]:
        """Latest deliveries, newest first."""
        statement = select(t.deliveries).order_by(_d.id.desc()).limit(limit)
        if subscription_id is not None:
            statement = statement.where(_d.subscription_id == subscription_id)
        with self._database.reading() as connection:
            return [_delivery(row) for row in connection.execute(statement)]


_UNCLAIMED: dict[str, None] = {"owner": None, "claimed_at": None, "lease_until": None}


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(
        id=row.id,
        owner=row.owner,
        name=row.name,
        channels=load_strings(row.channels),
        query=row.query,
        follow=row.follow,
        closeness=row.closeness,
        rhythm=Rhythm(row.rhythm),
        timezone=row.timezone,
        updates=row.updates,
        look_back=timedelta(microseconds=row.look_back),
        created_at=at_micros(row.created_at),
        paused=row.paused,
    )


def _match(row: Row[Any]) -> Match:
    return Match(
        subscription_id=row.subscription_id,
        lineage=row.lineage,
        matched_at=at_micros(row.matched_at),
        why=load_reasons(row.why),
        new=load_strings(row.new),
    )


def _match_row(match: Match, whole: dict[int, int]) -> dict[str, Any]:
    return {
        "subscription_id": match.subscription_id,
        "lineage": whole.get(match.lineage, match.lineage),
        "matched_at": micros(match.matched_at),
        "why": dump_reasons(match.why),
        "new": dump_strings(match.new),
    }


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        subscription_id=row.subscription_id,
        lineage=row.lineage,
        kind=DeliveryKind(row.kind),
        version=row.version,
        channel=row.channel,
        key=row.key,
        due_at=at_micros(row.due_at),
        attempts=row.attempts,
        sent_at=from_micros(row.sent_at),
        parked=row.parked,
        last_error=row.last_error,
    )


def _delivery_row(delivery: Delivery, whole: dict[int, int]) -> dict[str, Any]:
    channel = clean_text(delivery.channel)
    return {
        "subscription_id": delivery.subscription_id,
        "lineage": whole.get(delivery.lineage, delivery.lineage),
        "kind": delivery.kind,
        "version": delivery.version,
        "channel": channel,
        "channel_key": blake2b(channel.encode(), digest_size=16).digest(),
        "key": delivery.key,
        "due_at": micros(delivery.due_at),
        "attempts": 0,
        "parked": False,
    }
