"""Who is told what: matches and outbox lines for takes that have become searchable. Decisions only.

a withdrawal          everyone who was sent the story, paused and ended subscriptions included
a correction          the same
a further take        who was sent the story and asked for updates, and who follows this very story
a story not sent yet  whoever it interests: not paused, not older than the look-back, not a copy of one already sent
from a backfill       corrections and withdrawals only
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby

from pipeline.alert.due import first_due
from pipeline.models import (
    Delivery,
    DeliveryKind,
    Match,
    Reason,
    Rhythm,
    Status,
    StoredTake,
    StoryDocument,
    Subscription,
    TakeKind,
)

_EVERYONE = frozenset({DeliveryKind.CORRECTION, DeliveryKind.WITHDRAWAL})
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A take that has become searchable, with its lineage's document as it is now."""

    take: StoredTake
    document: StoryDocument


@dataclass(frozen=True, slots=True)
class Interest:
    """Why a subscription wants a lineage, and what is new in it to the subscriber."""

    subscription_id: int
    lineage: int
    why: tuple[Reason, ...]
    new: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was said before. sent: lineage -> subscriptions that were sent it, ended and paused ones included.

    matched: lineage -> subscriptions that it, or a copy of it, has matched. ended: (subscription, lineage) -> the
    channels on which a subscription that has ended was sent a lineage.
    """

    sent: Mapping[int, frozenset[int]] = field(default_factory=dict)
    matched: Mapping[int, frozenset[int]] = field(default_factory=dict)
    ended: Mapping[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be recorded, nothing in it twice; ids are still 0."""

    matches: tuple[Match, ...] = ()
    deliveries: tuple[Delivery, ...] = ()


def decide(
    arrivals: Iterable[Arrival],
    subscriptions: Sequence[Subscription],
    interests: Iterable[Interest],
    told: Told,
    now: datetime,
) -> Decision:
    """Apply the rules above to a batch. The same batch always gives the same lines, with the same idempotency keys."""
    return _Batch(subscriptions, interests, told, now).run(arrivals)


def notice(take: StoredTake, document: StoryDocument) -> DeliveryKind | None:
    """What a take is to somebody who was sent the story before; None if it is nothing to them."""
    if document.status is Status.WITHDRAWN:
        return DeliveryKind.WITHDRAWAL
    if document.status is not Status.USABLE or take.story.status is not Status.USABLE:
        return None
    if take.story.corrected or take.story.take is TakeKind.CORRECTION:
        return DeliveryKind.CORRECTION
    if take.version < document.version or take.version == 1 or take.story.take is TakeKind.REPEAT:
        return None
    return DeliveryKind.UPDATE


def idempotency_key(subscription_id: int, lineage: int, kind: DeliveryKind, version: int, channel: str) -> str:
    """The same for the same line of the outbox, whoever decides it and however often."""
    parts = f"{subscription_id}/{lineage}/{kind}/{version}/{channel}"
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class _Batch:
    def __init__(
        self, subscriptions: Sequence[Subscription], interests: Iterable[Interest], told: Told, now: datetime
    ) -> None:
        self._active = {subscription.id: subscription for subscription in subscriptions}
        self._followers: dict[int, list[Subscription]] = {}
        for subscription in subscriptions:
            if subscription.follow is not None and not subscription.paused:
                self._followers.setdefault(subscription.follow, []).append(subscription)
        self._interests: dict[int, list[Interest]] = {}
        for interest in interests:
            self._interests.setdefault(interest.lineage, []).append(interest)
        self._told = told
        self._now = now
        self._matched_groups: dict[int, set[int]] = {}  # copy group -> subscriptions that this batch matched with it
        self._matches: dict[tuple[int, int], Match] = {}
        self._deliveries: dict[str, Delivery] = {}

    def run(self, arrivals: Iterable[Arrival]) -> Decision:
        """Originals before copies, and the takes of a story in their order."""
        ordered = sorted(arrivals, key=_order)
        for lineage, group in groupby(ordered, key=lambda arrival: arrival.document.lineage):
            takes = list(group)
            self._tell_readers(lineage, takes)
            if takes[-1].document.status is Status.USABLE:
                self._tell_the_interested(lineage, takes[-1])
        return Decision(tuple(self._matches.values()), tuple(self._deliveries.values()))

    def _tell_readers(self, lineage: int, takes: Sequence[Arrival]) -> None:
        """News of a story to those who were sent it, and to those who follow it."""
        readers = self._told.sent.get(lineage, frozenset())
        followers = [one for one in self._followers.get(lineage, ()) if one.id not in readers]
        for arrival in takes:
            kind = notice(arrival.take, arrival.document)
            if kind is None:
                continue
            version = arrival.document.version if kind is DeliveryKind.WITHDRAWAL else arrival.take.version
            for reader in sorted(readers):
                if kind in _EVERYONE or self._wants_update(reader, lineage, arrival):
                    self._deliver(reader, lineage, kind, version)
            for follower in followers:
                if kind in _EVERYONE or self._is_timely(follower, arrival):
                    self._match(Interest(follower.id, lineage, (Reason("follow", arrival.take.story.headline, 1.0),)))
                    self._deliver(follower.id, lineage, kind, version)

    def _tell_the_interested(self, lineage: int, arrival: Arrival) -> None:
        """A story to those who have not been sent it, or a copy of it, before."""
        group = arrival.document.copy_group
        here = self._matched_groups.setdefault(group, set()) if group is not None else set()
        before = self._told.sent.get(lineage, frozenset()) | self._told.matched.get(lineage, frozenset())
        for interest in self._interests.get(lineage, ()):
            subscription = self._active.get(interest.subscription_id)
            if subscription is None or subscription.paused or subscription.follow == lineage:
                continue
            if subscription.id in before | here or not self._is_timely(subscription, arrival):
                continue
            here.add(subscription.id)
            self._match(interest)
            self._deliver(subscription.id, lineage, DeliveryKind.NEW, arrival.document.version)

    def _wants_update(self, subscription_id: int, lineage: int, arrival: Arrival) -> bool:
        subscription = self._active.get(subscription_id)
        if subscription is None or subscription.paused:
            return False
        return (subscription.updates or subscription.follow == lineage) and self._is_timely(subscription, arrival)

    def _is_timely(self, subscription: Subscription, arrival: Arrival) -> bool:
        """Neither from a backfill nor older than the look-back; an undated take is as old as its arrival."""
        story, origin = arrival.take.story, arrival.take.origin
        sent = story.updated_at or story.published_at or origin.fetched_at
        return not origin.backfill and sent >= self._now - subscription.look_back

    def _match(self, interest: Interest) -> None:
        match = Match(
            subscription_id=interest.subscription_id,
            lineage=interest.lineage,
            matched_at=self._now,
            why=interest.why,
            new=interest.new,
        )
        self._matches.setdefault((match.subscription_id, match.lineage), match)

    def _deliver(self, subscription_id: int, lineage: int, kind: DeliveryKind, version: int) -> None:
        subscription = self._active.get(subscription_id)
        if subscription is None:
            channels, rhythm, timezone = self._told.ended.get((subscription_id, lineage), ()), Rhythm.AT_ONCE, "UTC"
        else:
            channels, rhythm, timezone = subscription.channels, subscription.rhythm, subscription.timezone
        due_at = self._now if kind in _EVERYONE else first_due(rhythm, timezone, self._now)
        for channel in channels:
            delivery = Delivery(
                id=0,
                subscription_id=subscription_id,
                lineage=lineage,
                kind=kind,
                version=version,
                channel=channel,
                key=idempotency_key(subscription_id, lineage, kind, version, channel),
                due_at=due_at,
            )
            self._deliveries.setdefault(delivery.key, delivery)


def _order(arrival: Arrival) -> tuple[datetime, int, int]:
    document = arrival.document
    return document.published_at or _LAST, document.lineage, arrival.take.version
