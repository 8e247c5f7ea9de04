"""Delivering: the outbox is emptied into channels.

    claim -> by message -> render -> channel -> sent | due again | parked, and the owner is informed

A line of the outbox is written before anything is sent and marked after it was accepted: whatever dies in between, it
is sent again under the same idempotency key, and nothing is forgotten.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipeline.alert.delivery.message_content import MessageContents
from pipeline.alert.problems import OPERATOR, owner_deliveries, render_problem
from pipeline.alert.render.digest import render_digest
from pipeline.alert.render.message import render
from pipeline.alert.schedule import after_quiet, retry_due
from pipeline.errors import DeliveryError, SettingsError, UsageError
from pipeline.models import Delivery, DeliveryKind, Message, Problem, Status
from pipeline.ports import Channel, Clock, Store

LEASE = timedelta(minutes=10)
_STALE = timedelta(days=8)  # beyond the look-back: longer than any rhythm waits
_NEWS = frozenset({DeliveryKind.NEW, DeliveryKind.UPDATE})


@dataclass(slots=True)
class Delivered:
    """What became of the claimed lines.

    Attributes:
        claimed: how many; 0 if nothing is due.
        sent: how many a channel has accepted.
        retried: how many are due again later.
        parked: how many were given up, or dropped since something overtook them.
        postponed: how many wait for the end of quiet hours.
        problems: one line each, for people.
    """

    claimed: int = 0
    sent: int = 0
    retried: int = 0
    parked: int = 0
    postponed: int = 0
    problems: list[str] = field(default_factory=list)


def deliver_due(
    store: Store,
    channel_for: Callable[[str], Channel],
    clock: Clock,
    worker: str,
    lease: timedelta = LEASE,
    limit: int = 50,
    unsubscribe_url: Callable[[Delivery], str | None] = lambda _: None,
    operator: str = OPERATOR,
) -> Delivered:
    """Claim one batch of what is due and send it. Call again until ``claimed`` is 0.

    A line that a channel does not take is due again later, for about two days. Lines that the lease leaves no time for
    are due again when it ends.

    Args:
        store: the store.
        channel_for: the channel of a URL; it may raise UsageError.
        clock: the time.
        worker: who claims.
        lease: for how long.
        limit: how many lines at most.
        unsubscribe_url: where the reader of a line stops the messages; None for a program.
        operator: the channel for problems whose owner has no address.

    Raises:
        StoreUnavailable: what was sent before is recorded, the rest is due again when the lease ends.
    """
    started = clock.now()
    claimed = store.alerts.claim_deliveries(worker, started, lease, limit)
    run = _Run(store, MessageContents(store, claimed, unsubscribe_url), channel_for, clock, operator)
    run.result.claimed = len(claimed)
    for lines in _by_message(claimed):
        if clock.now() >= started + lease / 2:
            break
        run.deliver(lines)
    return run.result


def _by_message(claimed: Iterable[Delivery]) -> list[list[Delivery]]:
    """Lines that share a message, those longest due first."""
    messages: dict[tuple[int, str], list[Delivery]] = {}
    for line in claimed:
        messages.setdefault((line.subscription_id, line.bundle or line.key), []).append(line)
    return list(messages.values())


@dataclass(slots=True)
class _Run:
    store: Store
    contents: MessageContents
    channel_for: Callable[[str], Channel]
    clock: Clock
    operator: str
    result: Delivered = field(default_factory=Delivered)

    def deliver(self, lines: Sequence[Delivery]) -> None:
        """Send the message of these lines, and record what became of it."""
        now = self.clock.now()
        wanted = [line for line in lines if not self._dropped(line, now)]
        if not wanted or self._postponed(wanted, now):
            return
        try:
            self.channel_for(wanted[0].channel).send(self._message(wanted))
        except (DeliveryError, UsageError) as error:
            permanent = error.permanent if isinstance(error, DeliveryError) else not isinstance(error, SettingsError)
            self._failed(wanted, str(error), permanent)
        else:
            self.store.alerts.record_sent([line.id for line in wanted], self.clock.now())
            self.result.sent += len(wanted)
            self._end_problem(wanted[0])

    def _message(self, lines: Sequence[Delivery]) -> Message:
        first = lines[0]
        subscription = self.contents.subscription(first.subscription_id)
        if first.kind is DeliveryKind.NOTICE:
            return render_problem(self.contents.problems[first.version_id], first, subscription)
        contents = [self.contents.content_of(line) for line in lines]
        if len(contents) == 1 or subscription is None:
            return render(contents[0])
        return render_digest(contents, subscription)

    def _failed(self, lines: Sequence[Delivery], reason: str, permanent: bool) -> None:
        first, now = lines[0], self.clock.now()
        failures = max(line.attempts for line in lines) + 1
        retry_at = None if permanent else retry_due(failures, first.bundle or first.key, now)
        self.store.alerts.record_unsent([line.id for line in lines], reason, retry_at)
        if retry_at is None:
            self.result.parked += len(lines)
            self._inform_owner(first, reason, now)
        else:
            self.result.retried += len(lines)
        self._report(lines, reason)

    def _inform_owner(self, line: Delivery, reason: str, now: datetime) -> None:
        subscription = self.contents.subscription(line.subscription_id)
        if subscription is None or line.kind is DeliveryKind.NOTICE:
            return
        problem = Problem(id=0, subscription_id=subscription.id, channel=line.channel, reason=reason, since=now)
        self.store.alerts.begin_problem(problem, owner_deliveries(problem, subscription.owner, self.operator, now))

    def _end_problem(self, line: Delivery) -> None:
        if (line.subscription_id, line.channel) in self.contents.failing:
            self.store.alerts.end_problem(line.subscription_id, line.channel, self.clock.now())

    def _postponed(self, lines: Sequence[Delivery], now: datetime) -> bool:
        """News that falls into the reader's quiet hours, however late it is, waits for their end."""
        subscription = self.contents.subscription(lines[0].subscription_id)
        if subscription is None or lines[0].kind not in _NEWS:
            return False
        until = after_quiet(subscription.quiet, subscription.timezone, now)
        if until <= now:
            return False
        self.store.alerts.postpone([line.id for line in lines], until)
        self.result.postponed += len(lines)
        return True

    def _dropped(self, line: Delivery, now: datetime) -> bool:
        reason = self._overtaken(line, now)
        if reason is None:
            return False
        self.store.alerts.drop([line.id], reason)
        self.result.parked += 1
        self._report([line], reason)
        return True

    def _overtaken(self, line: Delivery, now: datetime) -> str | None:
        """Why a line that was due should not go out any more."""
        subscription = self.contents.subscription(line.subscription_id)
        if line.kind is DeliveryKind.NOTICE:
            problem = self.contents.problems.get(line.version_id)
            return (
                None if problem is not None and problem.until is None else "the problem was over before this was sent"
            )
        record = self.contents.records.get(line.lineage)
        if record is None:
            return "the story is no longer in the store"
        if subscription is not None and line.channel in subscription.stopped:
            return "its reader has unsubscribed"
        if line.kind not in _NEWS:
            return self._superseded_correction(line)
        if subscription is None or subscription.ended:
            return "the subscription ended before this was sent"
        if line.channel not in subscription.channels:
            return "the channel was taken off the subscription before this was sent"
        if record.status is not Status.USABLE:
            return f"the story was {record.status} before this was sent"
        match = self.contents.matches.get((line.subscription_id, line.lineage))
        if line.kind is DeliveryKind.NEW and match and match.matched_at < now - subscription.look_back - _STALE:
            return "it had become too old before it was sent"
        return None

    def _superseded_correction(self, line: Delivery) -> str | None:
        """A correction of a story that still waits to be sent: it will be sent as corrected, or not at all."""
        others = self.contents.lines.get((line.subscription_id, line.lineage), ())
        news = [other for other in others if other.kind in _NEWS and other.channel == line.channel]
        if news and all(other.bundle is None and other.attempts == 0 for other in news):
            return "the story itself had not been sent yet"
        return None

    def _report(self, lines: Sequence[Delivery], reason: str) -> None:
        first = lines[0]
        about = f"story {first.lineage}" if len(lines) == 1 else f"{len(lines)} stories"
        about = "notice to its owner" if first.kind is DeliveryKind.NOTICE else about
        self.result.problems.append(f"subscription {first.subscription_id}, {about}: {reason}")
