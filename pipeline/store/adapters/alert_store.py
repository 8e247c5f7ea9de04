"""Subscriptions, matches, problems and the outbox: the port ``AlertStore``."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from pipeline.models import Delivery, Match, Problem, Subscription
from pipeline.store.alerts import matches as stored_matches
from pipeline.store.alerts import outbox, problems, subscriptions
from pipeline.store.db.database import Database
from pipeline.store.outcomes.record_alerted import record_alerted


class SqlAlertStore:
    """See ``pipeline.ports.AlertStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ----------------------------------------------------------------------- subscriptions

    def subscribe(self, subscription: Subscription) -> int:
        """See ``pipeline.ports.AlertStore.subscribe``."""
        return self._database.write(subscriptions.insert_subscription, subscription)

    def change(self, subscription: Subscription, due_at: datetime | None = None) -> None:
        """See ``pipeline.ports.AlertStore.change``."""
        self._database.write(subscriptions.update_subscription, subscription, due_at)

    def stop(self, subscription_id: int, channel: str) -> Subscription:
        """See ``pipeline.ports.AlertStore.stop``."""
        return self._database.write(subscriptions.stop_channel, subscription_id, channel)

    def unsubscribe(self, subscription_id: int) -> None:
        """See ``pipeline.ports.AlertStore.unsubscribe``."""
        self._database.write(subscriptions.end_subscription, subscription_id)

    def subscriptions(self) -> list[Subscription]:
        """See ``pipeline.ports.AlertStore.subscriptions``."""
        with self._database.reading() as connection:
            return subscriptions.load_active(connection)

    def subscription(self, subscription_id: int) -> Subscription:
        """See ``pipeline.ports.AlertStore.subscription``."""
        with self._database.reading() as connection:
            return subscriptions.load_subscription(connection, subscription_id)

    def followed_in(self, threads: Collection[int]) -> dict[int, list[int]]:
        """See ``pipeline.ports.AlertStore.followed_in``."""
        with self._database.reading() as connection:
            return subscriptions.load_followed(connection, threads)

    def declared(self) -> dict[str, Subscription]:
        """See ``pipeline.ports.AlertStore.declared``."""
        with self._database.reading() as connection:
            return subscriptions.load_declared(connection)

    # ----------------------------------------------------------------------- matches

    def sent_to(self, lineages: Sequence[int]) -> dict[int, list[Match]]:
        """See ``pipeline.ports.AlertStore.sent_to``."""
        with self._database.reading() as connection:
            return stored_matches.load_sent(connection, lineages)

    def matched(self, lineages: Sequence[int]) -> dict[int, set[int]]:
        """See ``pipeline.ports.AlertStore.matched``."""
        with self._database.reading() as connection:
            return stored_matches.load_matched(connection, lineages)

    def record_alerted(
        self, version_ids: Sequence[int], matches: Sequence[Match], deliveries: Sequence[Delivery]
    ) -> None:
        """See ``pipeline.ports.AlertStore.record_alerted``."""
        self._database.write(record_alerted, version_ids, matches, deliveries)

    def matches(self, subscription_id: int | None = None, limit: int = 50) -> list[Match]:
        """See ``pipeline.ports.AlertStore.matches``."""
        with self._database.reading() as connection:
            return stored_matches.load_latest_matches(connection, subscription_id, limit)

    def matches_of(self, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Match]:
        """See ``pipeline.ports.AlertStore.matches_of``."""
        with self._database.reading() as connection:
            return stored_matches.load_matches(connection, pairs)

    # ----------------------------------------------------------------------- the outbox

    def claim_deliveries(self, worker: str, now: datetime, lease: timedelta, limit: int) -> list[Delivery]:
        """See ``pipeline.ports.AlertStore.claim_deliveries``."""
        return self._database.write(outbox.claim_due, worker, now, lease, limit)

    def record_sent(self, delivery_ids: Sequence[int], now: datetime) -> None:
        """See ``pipeline.ports.AlertStore.record_sent``."""
        self._database.write(outbox.record_sent, delivery_ids, now)

    def record_unsent(self, delivery_ids: Sequence[int], error: str, retry_at: datetime | None) -> None:
        """See ``pipeline.ports.AlertStore.record_unsent``."""
        self._database.write(outbox.record_unsent, delivery_ids, error, retry_at)

    def drop(self, delivery_ids: Sequence[int], reason: str) -> None:
        """See ``pipeline.ports.AlertStore.drop``."""
        self._database.write(outbox.park, delivery_ids, reason)

    def postpone(self, delivery_ids: Sequence[int], due_at: datetime) -> None:
        """See ``pipeline.ports.AlertStore.postpone``."""
        self._database.write(outbox.postpone, delivery_ids, due_at)

    def deliveries(self, subscription_id: int | None = None, limit: int = 50) -> list[Delivery]:
        """See ``pipeline.ports.AlertStore.deliveries``."""
        with self._database.reading() as connection:
            return outbox.load_latest_deliveries(connection, subscription_id, limit)

    def lines(self, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[Delivery]]:
        """See ``pipeline.ports.AlertStore.lines``."""
        with self._database.reading() as connection:
            return outbox.load_lines(connection, pairs)

    # ----------------------------------------------------------------------- problems

    def begin_problem(self, problem: Problem, notices: Sequence[Delivery]) -> bool:
        """See ``pipeline.ports.AlertStore.begin_problem``."""
        return self._database.write(problems.begin_problem, problem, notices)

    def end_problem(self, subscription_id: int, channel: str | None, now: datetime) -> None:
        """See ``pipeline.ports.AlertStore.end_problem``."""
        self._database.write(problems.end_problem, subscription_id, channel, now)

    def problems(self, ids: Sequence[int] | None = None) -> list[Problem]:
        """See ``pipeline.ports.AlertStore.problems``."""
        with self._database.reading() as connection:
            return problems.load_problems(connection, ids)
