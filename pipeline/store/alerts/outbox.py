"""The outbox: lines are claimed by message, so that what went into one message once stays together in every retry."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from pipeline.models import Delivery, DeliveryKind
from pipeline.store.alerts.rows import delivery_of, delivery_row
from pipeline.store.db import alert_tables as ta
from pipeline.store.db.epoch import to_epoch_us
from pipeline.store.db.statements import chunks, insert_new
from pipeline.store.queue.leases import UNCLAIMED, claim_values, is_free
from pipeline.store.stories.load import canonical_lineages

_FEW = 500  # values that a filter names one by one

_DELIVERIES, _SUBSCRIPTIONS = ta.deliveries.c, ta.subscriptions.c
_IS_OPEN = and_(_DELIVERIES.sent_at.is_(None), ~_DELIVERIES.parked)
_IS_NEWS = _DELIVERIES.kind.in_((DeliveryKind.NEW, DeliveryKind.UPDATE))
_IS_PAUSED = (
    select(_SUBSCRIPTIONS.id)
    .where(_SUBSCRIPTIONS.id == _DELIVERIES.subscription_id, _SUBSCRIPTIONS.paused, ~_SUBSCRIPTIONS.ended)
    .exists()
)
# A line keeps the key of the message that it first went into.
_BUNDLE = func.coalesce(_DELIVERIES.bundle, _DELIVERIES.key)


def fill_outbox(connection: Connection, deliveries: Sequence[Delivery]) -> None:
    """Put lines into the outbox; those that are there already are left as they are."""
    canonical = canonical_lineages(connection, [delivery.lineage for delivery in deliveries])
    insert_new(connection, ta.deliveries, [delivery_row(delivery, canonical) for delivery in deliveries])


def claim_due(connection: Connection, worker: str, now: datetime, lease: timedelta, limit: int) -> list[Delivery]:
    """Claim unsent lines that are due, those longest due first, each with all that go out together with it.

    Args:
        connection: The transaction.
        worker: Who claims.
        now: The time.
        lease: For how long.
        limit: How many lines. Those that share a message with one of them come on top.
    """
    is_due = and_(_IS_OPEN, _DELIVERIES.due_at <= to_epoch_us(now), is_free(ta.deliveries, now, lease))
    is_due = and_(is_due, ~and_(_IS_NEWS, _IS_PAUSED))
    columns = select(
        _DELIVERIES.id, _DELIVERIES.subscription_id, _DELIVERIES.channel_key, _DELIVERIES.grouped, _DELIVERIES.bundle
    )
    longest_due = columns.where(is_due).order_by(_DELIVERIES.due_at, _DELIVERIES.id).limit(limit)
    first = connection.execute(longest_due).all()
    loose = [row for row in first if row.grouped and row.bundle is None]
    for subscription_id, channel_key in dict.fromkeys((row.subscription_id, row.channel_key) for row in loose):
        to_one_reader = and_(
            is_due, _DELIVERIES.subscription_id == subscription_id, _DELIVERIES.channel_key == channel_key
        )
        _bundle(connection, to_one_reader)
    ids = {row.id for row in first}
    ids |= set(_sharing_a_message(connection, is_due, ids))
    claimed: list[Delivery] = []
    for chunk in chunks(sorted(ids)):
        claim = update(ta.deliveries).where(_DELIVERIES.id.in_(chunk)).values(**claim_values(worker, now, lease))
        claimed += [delivery_of(row) for row in connection.execute(claim.returning(ta.deliveries))]
    return sorted(claimed, key=lambda line: (line.due_at, line.id))


def _bundle(connection: Connection, together: ColumnElement[bool]) -> None:
    """Make one message of all that is due to one reader on one channel. It goes by the key of its first line."""
    is_loose = and_(together, _DELIVERIES.grouped, _DELIVERIES.bundle.is_(None))
    first_key = select(_DELIVERIES.key).where(is_loose).order_by(_DELIVERIES.id).limit(1)
    key = connection.execute(first_key).scalar_one_or_none()
    if key is not None:
        connection.execute(update(ta.deliveries).where(is_loose).values(bundle=key))


def _sharing_a_message(connection: Connection, is_due: ColumnElement[bool], ids: set[int]) -> Iterable[int]:
    """The due lines that share a message with these."""
    for chunk in chunks(sorted(ids)):
        bundled = select(_DELIVERIES.subscription_id, _DELIVERIES.bundle).where(
            _DELIVERIES.id.in_(chunk), _DELIVERIES.bundle.is_not(None)
        )
        for subscription_id, bundle in {(row.subscription_id, row.bundle) for row in connection.execute(bundled)}:
            mates = and_(is_due, _DELIVERIES.subscription_id == subscription_id, _DELIVERIES.bundle == bundle)
            yield from connection.execute(select(_DELIVERIES.id).where(mates)).scalars()


def record_sent(connection: Connection, delivery_ids: Sequence[int], now: datetime) -> None:
    """Note that lines were accepted by their channel, and that their subscriptions were served."""
    for chunk in chunks(sorted(delivery_ids)):
        unsent = and_(_DELIVERIES.id.in_(chunk), _DELIVERIES.sent_at.is_(None))
        sent: dict[str, Any] = {
            "sent_at": to_epoch_us(now),
            "attempts": _DELIVERIES.attempts + 1,
            "last_error": None,
            "parked": False,
            "bundle": _BUNDLE,
        }
        connection.execute(update(ta.deliveries).where(unsent).values(**sent, **UNCLAIMED))
        served = select(_DELIVERIES.subscription_id).where(_DELIVERIES.id.in_(chunk), _DELIVERIES.grouped)
        statement = update(ta.subscriptions).where(_SUBSCRIPTIONS.id.in_(served))
        connection.execute(statement.values(served_at=to_epoch_us(now)))


def record_unsent(connection: Connection, delivery_ids: Sequence[int], error: str, retry_at: datetime | None) -> None:
    """Note that lines were not accepted: they are due again at ``retry_at``, or parked if that is None."""
    values: dict[str, Any] = {
        "attempts": _DELIVERIES.attempts + 1,
        "last_error": error,
        "parked": retry_at is None,
        "bundle": _BUNDLE,
    }
    if retry_at is not None:
        values["due_at"] = to_epoch_us(retry_at)
    _update_unsent(connection, delivery_ids, values)


def park(connection: Connection, delivery_ids: Sequence[int], reason: str) -> None:
    """Park lines that are not to be sent any more, and were not tried."""
    _update_unsent(connection, delivery_ids, {"last_error": reason, "parked": True})


def postpone(connection: Connection, delivery_ids: Sequence[int], due_at: datetime) -> None:
    """Make lines, which were not tried, due then."""
    _update_unsent(connection, delivery_ids, {"due_at": to_epoch_us(due_at)})


def _update_unsent(connection: Connection, delivery_ids: Sequence[int], values: dict[str, Any]) -> None:
    """Set these values, and end the claims, of lines that were not sent meanwhile."""
    for chunk in chunks(sorted(delivery_ids)):
        unsent = and_(_DELIVERIES.id.in_(chunk), _DELIVERIES.sent_at.is_(None))
        connection.execute(update(ta.deliveries).where(unsent).values(**values, **UNCLAIMED))


def reschedule_news(connection: Connection, subscription_id: int, due_at: datetime) -> None:
    """Make news that waits for a subscription, and was never handed to a channel, due then."""
    untried = and_(_DELIVERIES.bundle.is_(None), _DELIVERIES.attempts == 0)
    waiting = and_(_IS_OPEN, _IS_NEWS, _DELIVERIES.subscription_id == subscription_id, untried)
    connection.execute(update(ta.deliveries).where(waiting).values(due_at=to_epoch_us(due_at)))


def load_latest_deliveries(connection: Connection, subscription_id: int | None, limit: int) -> list[Delivery]:
    """The latest lines of a subscription, or (None) of all, newest first."""
    statement = select(ta.deliveries).order_by(_DELIVERIES.id.desc()).limit(limit)
    if subscription_id is not None:
        statement = statement.where(_DELIVERIES.subscription_id == subscription_id)
    return [delivery_of(row) for row in connection.execute(statement)]


def load_lines(connection: Connection, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[Delivery]]:
    """(subscription, lineage) -> all its lines, oldest first; pairs without any are absent."""
    wanted = set(pairs)
    is_among = _is_among({subscription_id for subscription_id, _ in wanted})
    lines: dict[tuple[int, int], list[Delivery]] = {}
    for chunk in chunks(sorted({lineage for _, lineage in wanted})):
        for row in connection.execute(select(ta.deliveries).where(_DELIVERIES.lineage.in_(chunk), is_among)):
            if (row.subscription_id, row.lineage) in wanted:
                lines.setdefault((row.subscription_id, row.lineage), []).append(delivery_of(row))
    return {pair: sorted(of_pair, key=lambda line: line.id) for pair, of_pair in lines.items()}


def _is_among(subscription_ids: set[int]) -> ColumnElement[bool]:
    """Filter in the database where the values are few; the caller filters in any case."""
    column = _DELIVERIES.subscription_id
    return column.in_(sorted(subscription_ids)) if len(subscription_ids) <= _FEW else column.is_not(None)
