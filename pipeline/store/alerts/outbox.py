"""The outbox: lines are claimed by message, so that what went into one message once stays together in every retry."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from pipeline.models import Delivery, DeliveryKind
from pipeline.store.alerts.rows import delivery
from pipeline.store.db import tables as t
from pipeline.store.db.database import Database
from pipeline.store.db.epoch import to_epoch_us
from pipeline.store.db.statements import chunks
from pipeline.store.queue.leases import UNCLAIMED, claim_values, is_free

_d, _s = t.deliveries.c, t.subscriptions.c
_OPEN = and_(_d.sent_at.is_(None), ~_d.parked)
_NEWS = _d.kind.in_((DeliveryKind.NEW, DeliveryKind.UPDATE))
_HELD = select(_s.id).where(_s.id == _d.subscription_id, _s.paused, ~_s.ended).exists()


class SqlOutbox:
    """The deliveries of ``pipeline.ports.AlertStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim_deliveries(self, worker: str, now: datetime, lease: timedelta, limit: int) -> list[Delivery]:
        """Claim unsent deliveries that are due, those longest due first, each with all that go out together with it."""
        due = and_(_OPEN, _d.due_at <= to_epoch_us(now), is_free(t.deliveries, now, lease), ~and_(_NEWS, _HELD))
        claim = claim_values(worker, now, lease)

        def work(connection: Connection) -> list[Delivery]:
            first = select(_d.id, _d.subscription_id, _d.channel_key, _d.grouped, _d.bundle)
            seeds = connection.execute(first.where(due).order_by(_d.due_at, _d.id).limit(limit)).all()
            for subscription, channel in dict.fromkeys(
                (row.subscription_id, row.channel_key) for row in seeds if row.grouped and row.bundle is None
            ):
                _bundle(connection, and_(due, _d.subscription_id == subscription, _d.channel_key == channel))
            ids = {row.id for row in seeds} | set(_mates(connection, due, {row.id for row in seeds}))
            claimed: list[Delivery] = []
            for some in chunks(sorted(ids)):
                statement = update(t.deliveries).where(_d.id.in_(some)).values(**claim).returning(t.deliveries)
                claimed += [delivery(row) for row in connection.execute(statement)]
            return sorted(claimed, key=lambda line: (line.due_at, line.id))

        return self._database.write(work)

    def record_sent(self, delivery_ids: Sequence[int], now: datetime) -> None:
        """These were accepted by their channel."""

        def work(connection: Connection) -> None:
            for some in chunks(sorted(delivery_ids)):
                unsent = and_(_d.id.in_(some), _d.sent_at.is_(None))
                sent = {"sent_at": to_epoch_us(now), "attempts": _d.attempts + 1, "last_error": None, "parked": False}
                bundle = func.coalesce(_d.bundle, _d.key)
                connection.execute(update(t.deliveries).where(unsent).values(**sent, bundle=bundle, **UNCLAIMED))
                served = select(_d.subscription_id).where(_d.id.in_(some), _d.grouped)
                statement = update(t.subscriptions).where(_s.id.in_(served)).values(served_at=to_epoch_us(now))
                connection.execute(statement)

        self._database.write(work)

    def record_unsent(self, delivery_ids: Sequence[int], error: str, retry_at: datetime | None) -> None:
        """These were not accepted: due again at ``retry_at``, or parked if None."""
        values: dict[str, Any] = {"attempts": _d.attempts + 1, "last_error": error, "parked": retry_at is None}
        if retry_at is not None:
            values["due_at"] = to_epoch_us(retry_at)
        self._set(delivery_ids, values | {"bundle": func.coalesce(_d.bundle, _d.key)})

    def drop(self, delivery_ids: Sequence[int], reason: str) -> None:
        """These are not to be sent any more, and were not tried: parked with the reason."""
        self._set(delivery_ids, {"last_error": reason, "parked": True})

    def postpone(self, delivery_ids: Sequence[int], due_at: datetime) -> None:
        """These are not to be sent before then; they were not tried."""
        self._set(delivery_ids, {"due_at": to_epoch_us(due_at)})

    def deliveries(self, subscription_id: int | None = None, limit: int = 50) -> list[Delivery]:
        """Latest deliveries, newest first."""
        statement = select(t.deliveries).order_by(_d.id.desc()).limit(limit)
        if subscription_id is not None:
            statement = statement.where(_d.subscription_id == subscription_id)
        with self._database.reading() as connection:
            return [delivery(row) for row in connection.execute(statement)]

    def lines(self, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[Delivery]]:
        """(subscription, lineage) -> all its lines, oldest first; pairs without any are absent."""
        wanted = set(pairs)
        readers = {subscription for subscription, _ in wanted}
        found: dict[tuple[int, int], list[Delivery]] = {}
        with self._database.reading() as connection:
            for some in chunks(sorted({lineage for _, lineage in wanted})):
                for row in connection.execute(
                    select(t.deliveries).where(_d.lineage.in_(some), _among(_d.subscription_id, readers))
                ):
                    if (row.subscription_id, row.lineage) in wanted:
                        found.setdefault((row.subscription_id, row.lineage), []).append(delivery(row))
        return {pair: sorted(lines, key=lambda line: line.id) for pair, lines in found.items()}

    def _set(self, delivery_ids: Sequence[int], values: dict[str, Any]) -> None:
        def work(connection: Connection) -> None:
            for some in chunks(sorted(delivery_ids)):
                unsent = and_(_d.id.in_(some), _d.sent_at.is_(None))
                connection.execute(update(t.deliveries).where(unsent).values(**values, **UNCLAIMED))

        self._database.write(work)


def replan(connection: Connection, subscription_id: int, due_at: datetime) -> None:
    """News that is waiting, and was never handed to a channel, is due then."""
    waiting = and_(_OPEN, _NEWS, _d.subscription_id == subscription_id, _d.bundle.is_(None), _d.attempts == 0)
    connection.execute(update(t.deliveries).where(waiting).values(due_at=to_epoch_us(due_at)))


def _bundle(connection: Connection, together: ColumnElement[bool]) -> None:
    """One message for all that is due to one reader on one channel; it goes by the key of its first line."""
    loose = and_(together, _d.grouped, _d.bundle.is_(None))
    key = connection.execute(select(_d.key).where(loose).order_by(_d.id).limit(1)).scalar_one_or_none()
    if key is not None:
        connection.execute(update(t.deliveries).where(loose).values(bundle=key))


def _mates(connection: Connection, due: ColumnElement[bool], ids: set[int]) -> Iterable[int]:
    """Due lines that share a message with these."""
    for some in chunks(sorted(ids)):
        shared = select(_d.subscription_id, _d.bundle).where(_d.id.in_(some), _d.bundle.is_not(None))
        for subscription, bundle in {(row.subscription_id, row.bundle) for row in connection.execute(shared)}:
            mates = and_(due, _d.subscription_id == subscription, _d.bundle == bundle)
            yield from connection.execute(select(_d.id).where(mates)).scalars()


def _among(column: ColumnElement[int], values: set[int]) -> ColumnElement[bool]:
    """A filter in the database where the values are few; the caller filters in any case."""
    return column.in_(sorted(values)) if len(values) <= 500 else column.is_not(None)
