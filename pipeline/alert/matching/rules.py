"""Who is told what: matches and outbox lines for takes that have become searchable. Decisions only.

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

from pipeline.alert.delivery.schedule import news_due
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
    """A take that has become searchable, with its lineage's document as it is now.

    novel: it says something that no earlier take of the story did.
    """

    take: StoredTake
    document: StoryDocument
    novel: bool = False


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

    matched: lineage -> subscriptions that it, or a copy of it, has matched. channels: (subscription, lineage) -> the
    channels on which it was sent, or is about to be.
    """

    sent: Mapping[int, frozenset[int]] = field(default_factory=dict)
    matched: Mapping[int, frozenset[int]] = field(default_factory=dict)
    channels: Mapping[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)


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


def is_grouped(kind: DeliveryKind, channel: str) -> bool:
    """Whether a line may share a message with others: news for people. Programs get each story on its own, and
    corrections and withdrawals are told alone."""
    return kind in (DeliveryKind.NEW, DeliveryKind.UPDATE) and _FOR_PROGRAMS.match(channel) is None


def is_muted(mutes: Iterable[Mute], document: StoryDocument) -> bool:
    """Whether a story is of a muted source or thread, or names a muted entity (by its id, or its name in any case)."""
    for mute in mutes:
        match mute.kind:
            case MuteKind.SOURCE:
                held = [document.source or "", document.agency or ""]
            case MuteKind.THREAD:
                held = [str(document.thread)]
            case MuteKind.ENTITY:
                held = [*document.entity_ids, *document.person, *document.organization, *document.place]
                held += [*document.product, *document.named_event]
        if mute.value.casefold() in map(str.casefold, held):
            return True
    return False


def idempotency_key(subscription_id: int, lineage: int, kind: DeliveryKind, version_id: int, channel: str) -> str:
    """The same for the same line of the outbox, whoever decides it and however often."""
    parts = f"{subscription_id}/{lineage}/{kind}/{version_id}/{channel}"
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
            version_id = 0 if kind is DeliveryKind.WITHDRAWAL else arrival.take.version_id
            for reader in sorted(readers):
                if kind in _EVERYONE or self._wants_update(reader, lineage, arrival):
                    self._deliver(reader, lineage, kind, version_id)
            for follower in followers:
                if kind in _EVERYONE or self._is_timely(follower, arrival):
                    self._match(Interest(follower.id, lineage, (Reason("follow", arrival.take.story.title, 1.0),)))
                    self._deliver(follower.id, lineage, kind, version_id)

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
            if is_muted(subscription.mutes, arrival.document):
                continue
            here.add(subscription.id)
            self._match(interest)
            self._deliver(subscription.id, lineage, DeliveryKind.NEW, arrival.take.version_id)

    def _wants_update(self, subscription_id: int, lineage: int, arrival: Arrival) -> bool:
        subscription = self._active.get(subscription_id)
        if subscription is None or subscription.paused or is_muted(subscription.mutes, arrival.document):
            return False
        asked = subscription.updates or subscription.follow == lineage or arrival.novel
        return asked and self._is_timely(subscription, arrival)

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

    def _deliver(self, subscription_id: int, lineage: int, kind: DeliveryKind, version_id: int) -> None:
        """News goes where the subscription wants it now; a correction where the story went."""
        subscription = self._active.get(subscription_id)
        told = self._told.channels.get((subscription_id, lineage), ())
        wanted = subscription.channels if subscription is not None else ()
        is_news = kind not in _EVERYONE
        for channel in wanted if is_news or not told else told:
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
