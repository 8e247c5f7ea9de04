"""Saving, changing, ending and reading subscriptions."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, select, update

from pipeline.errors import NotFoundError
from pipeline.models import Subscription
from pipeline.store.alerts.outbox import reschedule_news
from pipeline.store.alerts.problems import end_query_problems
from pipeline.store.alerts.rows import subscription_of, subscription_row
from pipeline.store.db import alert_tables as ta
from pipeline.store.db import tables as t
from pipeline.store.db.epoch import to_epoch_us
from pipeline.store.db.json_codec import dump_strings
from pipeline.store.db.statements import chunks
from pipeline.store.stories.load import canonical_lineages

_SUBSCRIPTIONS = ta.subscriptions.c


def insert_subscription(connection: Connection, subscription: Subscription) -> int:
    """Save a new subscription and return its id; one that is declared already is left as it is."""
    if subscription.declared is not None:  # another process may have just applied the same file
        same = select(_SUBSCRIPTIONS.id).where(_SUBSCRIPTIONS.declared == subscription.declared)
        known_id: int | None = connection.execute(same).scalar_one_or_none()
        if known_id is not None:
            return known_id
    row = {
        **subscription_row(subscription),
        "created_at": to_epoch_us(subscription.created_at),
        "stopped": dump_strings(subscription.stopped),
    }
    new_id: int = connection.execute(insert(ta.subscriptions).values(**row).returning(_SUBSCRIPTIONS.id)).scalar_one()
    return new_id


def update_subscription(connection: Connection, subscription: Subscription, due_at: datetime | None) -> None:
    """Save what was chosen anew for a subscription.

    Args:
        connection: The transaction.
        subscription: The subscription as it is to be.
        due_at: When news that waits for it is due now; None leaves it as it is.

    Raises:
        NotFoundError: There is no subscription of this id.
    """
    is_meant = _SUBSCRIPTIONS.id == subscription.id
    before = connection.execute(select(_SUBSCRIPTIONS.query).where(is_meant)).one_or_none()
    if before is None:
        raise _unknown(subscription.id)
    connection.execute(update(ta.subscriptions).where(is_meant).values(**subscription_row(subscription)))
    if due_at is not None:
        reschedule_news(connection, subscription.id, due_at)
    if before.query != subscription.query:
        end_query_problems(connection, subscription.id)


def stop_channel(connection: Connection, subscription_id: int, channel: str) -> Subscription:
    """Send nothing to a channel any more; without a channel left the subscription has ended. Raises NotFoundError."""
    is_meant = _SUBSCRIPTIONS.id == subscription_id
    row = connection.execute(select(ta.subscriptions).where(is_meant)).one_or_none()
    if row is None:
        raise _unknown(subscription_id)
    subscription = subscription_of(row)
    left = tuple(other for other in subscription.channels if other != channel)
    stopped = dump_strings(tuple(dict.fromkeys((*subscription.stopped, channel))))
    values = {"stopped": stopped, "channels": dump_strings(left), "ended": subscription.ended or not left}
    changed = update(ta.subscriptions).where(is_meant).values(**values).returning(ta.subscriptions)
    return subscription_of(connection.execute(changed).one())


def end_subscription(connection: Connection, subscription_id: int) -> None:
    """End a subscription. Raises NotFoundError, also where it has ended already."""
    is_meant = (_SUBSCRIPTIONS.id == subscription_id) & ~_SUBSCRIPTIONS.ended
    statement = update(ta.subscriptions).where(is_meant).values(ended=True).returning(_SUBSCRIPTIONS.id)
    if connection.execute(statement).first() is None:
        raise _unknown(subscription_id)


def load_active(connection: Connection) -> list[Subscription]:
    """Subscriptions that have not ended, oldest first."""
    return _load(connection, ~_SUBSCRIPTIONS.ended)


def load_subscription(connection: Connection, subscription_id: int) -> Subscription:
    """One subscription, also one that has ended. Raises NotFoundError."""
    subscriptions = _load(connection, _SUBSCRIPTIONS.id == subscription_id)
    if not subscriptions:
        raise _unknown(subscription_id)
    return subscriptions[0]


def load_declared(connection: Connection) -> dict[str, Subscription]:
    """Key in subscriptions.yaml -> the subscription, ended ones included."""
    declared = _load(connection, _SUBSCRIPTIONS.declared.is_not(None))
    return {subscription.declared: subscription for subscription in declared if subscription.declared is not None}


def load_followed(connection: Connection, threads: Collection[int]) -> dict[int, list[int]]:
    """Thread -> the lineages in it that active subscriptions follow; threads without any are absent."""
    lineages = t.lineages.c
    statement = (
        select(lineages.thread, lineages.id)
        .join_from(t.lineages, ta.subscriptions, _SUBSCRIPTIONS.follow == lineages.id)
        .where(~_SUBSCRIPTIONS.ended)
        .distinct()
        .order_by(lineages.id)
    )
    followed: dict[int, list[int]] = {}
    for chunk in chunks(sorted(threads)):
        for thread, lineage in connection.execute(statement.where(lineages.thread.in_(chunk))):
            followed.setdefault(thread, []).append(lineage)
    return followed


def _load(connection: Connection, condition: ColumnElement[bool]) -> list[Subscription]:
    """Subscriptions, oldest first. A lineage that was merged into another is followed as that."""
    rows = connection.execute(select(ta.subscriptions).where(condition).order_by(_SUBSCRIPTIONS.id)).all()
    canonical = canonical_lineages(connection, {row.follow for row in rows if row.follow is not None})
    subscriptions = map(subscription_of, rows)
    return [
        replace(subscription, follow=canonical[subscription.follow])
        if subscription.follow in canonical
        else subscription
        for subscription in subscriptions
    ]


def _unknown(subscription_id: int) -> NotFoundError:
    return NotFoundError(f"there is no subscription {subscription_id}: `wirewatch subscriptions` lists them")
