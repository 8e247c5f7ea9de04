"""Subscriptions, matches, the outbox, and the ways to reach a subscriber."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from pipeline.models import Delivery, Match, Message, Problem, Subscription


class AlertStore(Protocol):
    """Subscriptions, matches and the outbox."""

    def subscribe(self, subscription: Subscription) -> int:
        """Save a new subscription (its ``id`` is ignored) and return its id."""

    def change(self, subscription: Subscription, due_at: datetime | None = None) -> None:
        """Save what has been chosen anew for the subscription of this id (its channels, rhythm, mutes, pause, ...; not
        what the store itself notes of it). due_at: when news that waits for it is due now. A problem with its query is
        over if the query is another one. Raises NotFoundError."""

    def stop(self, subscription_id: int, channel: str) -> Subscription:
        """A channel's reader has unsubscribed: nothing goes there again; without a channel left the subscription has
        ended. Idempotent; the subscription as it is then. Raises NotFoundError."""

    def unsubscribe(self, subscription_id: int) -> None:
        """End a subscription; corrections of what was sent still go out. Raises NotFoundError."""

    def subscriptions(self) -> list[Subscription]:
        """Active and paused subscriptions, oldest first; a lineage that was joined to another is followed as that."""

    def subscription(self, subscription_id: int) -> Subscription:
        """One subscription, also one that has ended. Raises NotFoundError."""

    def followed_in(self, threads: Collection[int]) -> dict[int, list[int]]:
        """Thread -> the lineages in it that subscriptions follow; threads without any are absent."""

    def declared(self) -> dict[str, Subscription]:
        """Those that were ever declared in a file, by their key; ended ones too. ``subscribe`` with a key that is known
        gives the one that there is."""

    def sent_to(self, lineages: Sequence[int]) -> dict[int, list[Match]]:
        """Lineage -> the matches of subscriptions that were sent it, ended and paused ones included."""

    def matched(self, lineages: Sequence[int]) -> dict[int, set[int]]:
        """Lineage -> subscriptions that have matched it or a copy of it."""

    def record_alerted(
        self, version_ids: Sequence[int], matches: Sequence[Match], deliveries: Sequence[Delivery]
    ) -> None:
        """Save matches and deliveries (their ``id`` ignored; existing ones kept) and close ALERT: one transaction."""

    def claim_deliveries(self, worker: str, now: datetime, lease: timedelta, limit: int) -> list[Delivery]:
        """Claim unsent deliveries that are due: ``limit`` of them, with all that go out together with them. Grouped
        lines to one reader on one channel get a ``bundle`` in common, which they keep. News for paused subscriptions
        waits."""

    def record_sent(self, delivery_ids: Sequence[int], now: datetime) -> None:
        """These were accepted by their channel."""

    def record_unsent(self, delivery_ids: Sequence[int], error: str, retry_at: datetime | None) -> None:
        """These were not accepted: due again at ``retry_at``, or parked if None."""

    def drop(self, delivery_ids: Sequence[int], reason: str) -> None:
        """These are not to be sent any more, and were not tried: parked with the reason."""

    def postpone(self, delivery_ids: Sequence[int], due_at: datetime) -> None:
        """These are not to be sent before then; they were not tried."""

    def lines(self, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[Delivery]]:
        """(subscription, lineage) -> all its lines in the outbox, oldest first; pairs without any are absent."""

    def matches_of(self, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Match]:
        """(subscription, lineage) -> its match; pairs without one are absent."""

    def begin_problem(self, problem: Problem, notices: Sequence[Delivery]) -> bool:
        """Note a problem (its ``id`` is ignored) and put its notices (their ``version_id`` is ignored) into the outbox,
        in one transaction; False, and nothing is done, while the same problem lasts already."""

    def end_problem(self, subscription_id: int, channel: str | None, now: datetime) -> None:
        """The query (``channel`` None), or the channel, works again."""

    def problems(self, ids: Sequence[int] | None = None) -> list[Problem]:
        """Those that last; or these, whether they last or not. Oldest first."""

    def matches(self, subscription_id: int | None = None, limit: int = 50) -> list[Match]:
        """Latest matches, newest first."""

    def deliveries(self, subscription_id: int | None = None, limit: int = 50) -> list[Delivery]:
        """Latest deliveries, newest first."""


class Channel(Protocol):
    """A way to reach a subscriber."""

    def send(self, message: Message) -> None:
        """Hand over one message; returns only when it was accepted. Raises DeliveryError."""
