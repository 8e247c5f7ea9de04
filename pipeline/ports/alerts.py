"""Subscriptions, matches, the outbox, and the ways to reach a subscriber."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from pipeline.models import Delivery, Match, Message, Problem, Subscription


class AlertStore(Protocol):
    """Subscriptions, matches and the outbox."""

    # ----------------------------------------------------------------------- subscriptions

    def subscribe(self, subscription: Subscription) -> int:
        """Save a new subscription and return its id.

        Args:
            subscription: The subscription; its ``id`` is ignored. If it is declared and its key is known already, the
                known one is left as it is, and its id returned.
        """

    def change(self, subscription: Subscription, due_at: datetime | None = None) -> None:
        """Save what has been chosen anew for the subscription of this id: its channels, rhythm, mutes, pause and so on.

        What the store itself notes of it stays. A problem with its query is over if the query is another one.

        Args:
            subscription: The subscription as it is to be.
            due_at: When news that waits for it is due now; None leaves it as it is.

        Raises:
            NotFoundError: There is no subscription of this id.
        """

    def stop(self, subscription_id: int, channel: str) -> Subscription:
        """Send nothing to a channel any more whose reader has unsubscribed. Idempotent.

        Returns:
            The subscription as it is then. Without a channel left it has ended.

        Raises:
            NotFoundError: There is no subscription of this id.
        """

    def unsubscribe(self, subscription_id: int) -> None:
        """End a subscription. Corrections of what was sent still go out.

        Raises:
            NotFoundError: There is no subscription of this id, or it has ended already.
        """

    def subscriptions(self) -> list[Subscription]:
        """Active and paused subscriptions, oldest first. A lineage that was merged into another is followed as that."""

    def subscription(self, subscription_id: int) -> Subscription:
        """One subscription, also one that has ended.

        Raises:
            NotFoundError: There is no subscription of this id.
        """

    def followed_in(self, threads: Collection[int]) -> dict[int, list[int]]:
        """Thread -> the lineages in it that subscriptions follow. Threads without any are absent."""

    def declared(self) -> dict[str, Subscription]:
        """Key -> the subscription that was declared in a file under it. Ended ones are included."""

    # ----------------------------------------------------------------------- matches

    def sent_to(self, lineages: Sequence[int]) -> dict[int, list[Match]]:
        """Lineage -> the matches of subscriptions that were sent it, or will be by what is in the outbox.

        Matches of ended and paused subscriptions are included.
        """

    def matched(self, lineages: Sequence[int]) -> dict[int, set[int]]:
        """Lineage -> the subscriptions that have matched it or a copy of it."""

    def record_alerted(
        self, version_ids: Sequence[int], matches: Sequence[Match], deliveries: Sequence[Delivery]
    ) -> None:
        """Save matches and deliveries, and close ALERT: one transaction.

        Args:
            version_ids: The takes whose ALERT tasks are done.
            matches: Matches; existing ones are left as they are.
            deliveries: Lines for the outbox; their ``id`` is ignored, and existing ones are left as they are.
        """

    def matches(self, subscription_id: int | None = None, limit: int = 50) -> list[Match]:
        """The latest matches of a subscription, or (None) of all, newest first."""

    def matches_of(self, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Match]:
        """(subscription, lineage) -> its match. Pairs without one are absent."""

    # ----------------------------------------------------------------------- the outbox

    def claim_deliveries(self, worker: str, now: datetime, lease: timedelta, limit: int) -> list[Delivery]:
        """Claim unsent deliveries that are due, those longest due first.

        Grouped lines to one reader on one channel get a ``bundle`` in common, which they keep. News for paused
        subscriptions waits.

        Args:
            worker: Who claims.
            now: The time.
            lease: For how long the claims hold.
            limit: How many lines. Those that go out together with one of them come on top.
        """

    def record_sent(self, delivery_ids: Sequence[int], now: datetime) -> None:
        """Note that these were accepted by their channel."""

    def record_unsent(self, delivery_ids: Sequence[int], error: str, retry_at: datetime | None) -> None:
        """Note that these were not accepted: they are due again at ``retry_at``, or parked if that is None."""

    def drop(self, delivery_ids: Sequence[int], reason: str) -> None:
        """Park deliveries that are not to be sent any more, and were not tried."""

    def postpone(self, delivery_ids: Sequence[int], due_at: datetime) -> None:
        """Make deliveries, which were not tried, due then."""

    def deliveries(self, subscription_id: int | None = None, limit: int = 50) -> list[Delivery]:
        """The latest deliveries of a subscription, or (None) of all, newest first."""

    def lines(self, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[Delivery]]:
        """(subscription, lineage) -> all its lines in the outbox, oldest first. Pairs without any are absent."""

    # ----------------------------------------------------------------------- problems

    def begin_problem(self, problem: Problem, notices: Sequence[Delivery]) -> bool:
        """Note a problem and put its notices into the outbox, in one transaction.

        Args:
            problem: The problem; its ``id`` is ignored.
            notices: Lines for its owner; their ``version_id`` becomes the problem's id.

        Returns:
            False, and nothing is done, while the same problem lasts already.
        """

    def end_problem(self, subscription_id: int, channel: str | None, now: datetime) -> None:
        """Note that the query (``channel`` None), or the channel, works again."""

    def problems(self, ids: Sequence[int] | None = None) -> list[Problem]:
        """The problems that last (``ids`` None); or these, whether they last or not. Oldest first."""


class Channel(Protocol):
    """A way to reach a subscriber."""

    def send(self, message: Message) -> None:
        """Hand over one message; return only when it was accepted.

        Raises:
            DeliveryError: It was not accepted.
        """
