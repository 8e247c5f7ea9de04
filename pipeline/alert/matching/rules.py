"""Who is sent what: matches and outbox lines for takes that have become searchable. Pure decisions.

a withdrawal          everyone who was sent the story, paused and ended subscriptions included
a correction          the same
a further take        who was sent the story, if they asked for updates or it says something new, and who follows
                      this very story
a story not sent yet  whoever it interests: not paused, not muted, not older than the look-back, not a copy of one
                      already sent
from a backfill       corrections and withdrawals only
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby

from pipeline.alert.schedule import news_due
from pipeline.models import (
    Delivery,
    DeliveryKind,
    Match,
    Mute,
    MuteKind,
    Reason,
    Status,
    StoredTake,
    StoryDocument,
    Subscription,
    TakeKind,
)

_EVERYONE = frozenset({DeliveryKind.CORRECTION, DeliveryKind.WITHDRAWAL})
_FOR_PROGRAMS = re.compile(r"\s*(file|atom|https?):", re.IGNORECASE)
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A take that has become searchable.

    Attributes:
        take: the take.
        document: its lineage's document as it is now.
        novel: the take says something that no earlier take of the story did.
    """

    take: StoredTake
    document: StoryDocument
    novel: bool = False


@dataclass(frozen=True, slots=True)
class Interest:
    """Why a subscription wants a story.

    Attributes:
        subscription_id: whose interest it is.
        lineage: the story.
        why: the reasons.
        new: what is new in it to the subscriber.
    """

    subscription_id: int
    lineage: int
    why: tuple[Reason, ...]
    new: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBefore:
    """What was sent before this batch.

    Attributes:
        sent: lineage -> the subscriptions that were sent it, ended and paused ones included.
        matched: lineage -> the subscriptions that it, or a copy of it, has matched.
        channels: (subscription, lineage) -> the channels on which it was sent, or is about to be.
    """

    sent: Mapping[int, frozenset[int]] = field(default_factory=dict)
    matched: Mapping[int, frozenset[int]] = field(default_factory=dict)
    channels: Mapping[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """The matches and deliveries to record, each once; their ids are still 0."""

    matches: tuple[Match, ...] = ()
    deliveries: tuple[Delivery, ...] = ()


def decide(
    arrivals: Iterable[Arrival],
    subscriptions: Sequence[Subscription],
    interests: Iterable[Interest],
    before: SentBefore,
    now: datetime,
) -> Decision:
    """Apply the rules above to a batch.

    The same batch always gives the same deliveries, with the same idempotency keys.

    Args:
        arrivals: the takes.
        subscriptions: all that have not ended.
        interests: which of them the stories interest.
        before: what was sent before.
        now: the present instant.
    """
    return _BatchDecision(subscriptions, interests, before, now).run(arrivals)


def kind_for_readers(take: StoredTake, document: StoryDocument) -> DeliveryKind | None:
    """As what a take is sent to those who were sent the story before; None if it is not."""
    if document.status is Status.WITHDRAWN:
        return DeliveryKind.WITHDRAWAL
    if document.status is not Status.USABLE or take.story.status is not Status.USABLE:
        return None
    if take.story.corrected or take.story.take is TakeKind.CORRECTION:
        return DeliveryKind.CORRECTION
    if take.version < document.version or take.version == 1 or take.story.take is TakeKind.REPEAT:
        return None
    return DeliveryKind.UPDATE


def followers_by_story(subscriptions: Iterable[Subscription]) -> dict[int, list[Subscription]]:
    """Followed lineage -> the subscriptions that follow it; paused ones are left out."""
    followers: dict[int, list[Subscription]] = {}
    for subscription in subscriptions:
        if subscription.follow is not None and not subscription.paused:
            followers.setdefault(subscription.follow, []).append(subscription)
    return followers


def is_grouped(kind: DeliveryKind, channel: str) -> bool:
    """Whether a delivery may share a message with others.

    News for people may. Programs get each story on its own, and each correction and withdrawal has its own message.
    """
    return kind in (DeliveryKind.NEW, DeliveryKind.UPDATE) and _FOR_PROGRAMS.match(channel) is None


def is_muted(mutes: Iterable[Mute], document: StoryDocument) -> bool:
    """Whether a story is of a muted source or thread, or names a muted entity (by its id, or its name in any case)."""
    for mute in mutes:
        match mute.kind:
            case MuteKind.SOURCE:
                values = [document.source or "", document.agency or ""]
            case MuteKind.THREAD:
                values = [str(document.thread)]
            case MuteKind.ENTITY:
                values = [*document.entity_ids, *document.person, *document.organization, *document.place]
                values += [*document.product, *document.named_event]
        if mute.value.casefold() in map(str.casefold, values):
            return True
    return False


def idempotency_key(subscription_id: int, lineage: int, kind: DeliveryKind, version_id: int, channel: str) -> str:
    """The key of a line of the outbox: the same whoever decides it and however often."""
    parts = f"{subscription_id}/{lineage}/{kind}/{version_id}/{channel}"
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class _BatchDecision:
    def __init__(
        self, subscriptions: Sequence[Subscription], interests: Iterable[Interest], before: SentBefore, now: datetime
    ) -> None:
        self._active = {subscription.id: subscription for subscription in subscriptions}
        self._followers = followers_by_story(subscriptions)
        self._interests: dict[int, list[Interest]] = {}
        for interest in interests:
            self._interests.setdefault(interest.lineage, []).append(interest)
        self._before = before
        self._now = now
        self._matched_groups: dict[int, set[int]] = {}  # copy group -> subscriptions that this batch matched with it
        self._matches: dict[tuple[int, int], Match] = {}
        self._deliveries: dict[str, Delivery] = {}

    def run(self, arrivals: Iterable[Arrival]) -> Decision:
        """Decide: originals before copies, and the takes of a story in their order."""
        ordered = sorted(arrivals, key=_order)
        for lineage, group in groupby(ordered, key=lambda arrival: arrival.document.lineage):
            takes = list(group)
            self._send_to_readers(lineage, takes)
            if takes[-1].document.status is Status.USABLE:
                self._send_to_interested(lineage, takes[-1])
        return Decision(tuple(self._matches.values()), tuple(self._deliveries.values()))

    def _send_to_readers(self, lineage: int, takes: Sequence[Arrival]) -> None:
        """Send further takes of a story to those who were sent it, and to those who follow it."""
        readers = self._before.sent.get(lineage, frozenset())
        followers = [follower for follower in self._followers.get(lineage, ()) if follower.id not in readers]
        for arrival in takes:
            kind = kind_for_readers(arrival.take, arrival.document)
            if kind is None:
                continue
            version_id = 0 if kind is DeliveryKind.WITHDRAWAL else arrival.take.version_id
            for reader in sorted(readers):
                if kind in _EVERYONE or self._wants_update(reader, lineage, arrival):
                    self._deliver(reader, lineage, kind, version_id)
            for follower in followers:
                if kind in _EVERYONE or self._is_timely(follower, arrival):
                    self._match(Interest(follower.id, lineage, (Reason("follow", arrival.take.story.title, 1.0),)))
                    self._deliver(follower.id, lineage, kind, version_id)

    def _send_to_interested(self, lineage: int, arrival: Arrival) -> None:
        """Send a story to those whom it interests and who have not been sent it, or a copy of it, before."""
        group = arrival.document.copy_group
        in_batch = self._matched_groups.setdefault(group, set()) if group is not None else set()
        before = self._before.sent.get(lineage, frozenset()) | self._before.matched.get(lineage, frozenset())
        for interest in self._interests.get(lineage, ()):
            subscription = self._active.get(interest.subscription_id)
            if subscription is None or subscription.paused or subscription.follow == lineage:
                continue
            if subscription.id in before | in_batch or not self._is_timely(subscription, arrival):
                continue
            if is_muted(subscription.mutes, arrival.document):
                continue
            in_batch.add(subscription.id)
            self._match(interest)
            self._deliver(subscription.id, lineage, DeliveryKind.NEW, arrival.take.version_id)

    def _wants_update(self, subscription_id: int, lineage: int, arrival: Arrival) -> bool:
        subscription = self._active.get(subscription_id)
        if subscription is None or subscription.paused or is_muted(subscription.mutes, arrival.document):
            return False
        asked = subscription.updates or subscription.follow == lineage or arrival.novel
        return asked and self._is_timely(subscription, arrival)

    def _is_timely(self, subscription: Subscription, arrival: Arrival) -> bool:
        """Whether a take is no backfill and within the look-back. An undated one is as old as its arrival."""
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

    def _deliver(self, subscription_id: int, lineage: int, kind: DeliveryKind, version_id: int) -> None:
        """Add the deliveries: news goes where the subscription wants it now, a correction where the story went."""
        subscription = self._active.get(subscription_id)
        used = self._before.channels.get((subscription_id, lineage), ())
        wanted = subscription.channels if subscription is not None else ()
        is_news = kind not in _EVERYONE
        for channel in wanted if is_news or not used else used:
            grouped = is_grouped(kind, channel)
            delivery = Delivery(
                id=0,
                subscription_id=subscription_id,
                lineage=lineage,
                kind=kind,
                version_id=version_id,
                channel=channel,
                key=idempotency_key(subscription_id, lineage, kind, version_id, channel),
                due_at=news_due(subscription, self._now, grouped) if subscription and is_news else self._now,
                grouped=grouped,
            )
            self._deliveries.setdefault(delivery.key, delivery)


def _order(arrival: Arrival) -> tuple[datetime, int, int]:
    document = arrival.document
    return document.published_at or _LAST, document.lineage, arrival.take.version
