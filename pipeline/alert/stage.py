"""Alerting: takes that have become searchable meet subscriptions; the outbox is emptied into channels.

    match_batch    documents -> engine: which queries, links: which followers -> decide -> store, in one transaction
    deliver_due    claim -> render -> channel -> sent | due again | parked

A line of the outbox is written before anything is sent and marked after it was accepted: whatever dies in between, it
is sent again under the same idempotency key, and nothing is forgotten.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pipeline.alert.decide import Arrival, Interest, Told, decide
from pipeline.alert.due import retry_due
from pipeline.alert.messages import Notice, render
from pipeline.errors import DeliveryError, NotFoundError, SettingsError, UsageError
from pipeline.models import (
    Delivery,
    DeliveryKind,
    LineageRecord,
    Match,
    QueryFailure,
    Reason,
    Status,
    StoredQuery,
    StoredTake,
    StoryDocument,
    Subscription,
)
from pipeline.ports import Channel, Clock, SearchIndex, Store

LEASE = timedelta(minutes=10)
_REMEMBERED = 1_000  # latest matches and deliveries of a subscription that are looked through
_READER_KINDS = frozenset({DeliveryKind.NEW, DeliveryKind.UPDATE})


@dataclass(frozen=True, slots=True)
class Matched:
    """What a batch led to. failures: subscriptions whose query could not be run; they stay, their owners are to
    know.
    """

    matches: int
    deliveries: int
    failures: tuple[QueryFailure, ...] = ()


@dataclass(slots=True)
class Delivered:
    """What became of claimed lines. claimed 0: nothing is due. problems: one line each, for people."""

    claimed: int = 0
    sent: int = 0
    retried: int = 0
    parked: int = 0
    problems: list[str] = field(default_factory=list)


# --------------------------------------------------------------------------- matching


def match_batch(
    store: Store, index: SearchIndex, version_ids: Sequence[int], documents: Sequence[StoryDocument], now: datetime
) -> Matched:
    """Match claimed takes and fill the outbox. documents: their lineages' documents as they are now.

    Raises StoreUnavailable, IndexUnavailable: nothing was recorded, the claim is done again.
    """
    known = {document.lineage: document for document in documents}
    takes = store.stories.takes(version_ids)
    arrivals = [Arrival(take, known[take.lineage]) for take in takes if take.lineage in known]
    subscriptions = _with_current_follow(store, store.alerts.subscriptions())
    usable = [document for document in known.values() if document.status is Status.USABLE]
    wanted, failures = _query_interests(index, usable, subscriptions)
    wanted += _follow_interests(store, usable, subscriptions)
    decision = decide(arrivals, subscriptions, wanted, _told(store, list(known), subscriptions), now)
    store.alerts.record_alerted(version_ids, decision.matches, decision.deliveries)
    return Matched(len(decision.matches), len(decision.deliveries), tuple(failures))


def _query_interests(
    index: SearchIndex, documents: Sequence[StoryDocument], subscriptions: Sequence[Subscription]
) -> tuple[list[Interest], list[QueryFailure]]:
    queries = {s.id: s.query for s in subscriptions if s.query is not None and not s.paused}
    if not queries or not documents:
        return [], []
    matches, failures = index.match(documents, [StoredQuery(*query) for query in queries.items()])
    interests = []
    for match in matches:
        facts = [("word", word) for word in match.words] or [("query", queries[match.query_id])]
        why = tuple(Reason(kind, value, 1 / len(facts)) for kind, value in facts)
        interests.append(Interest(match.query_id, match.lineage, why))
    return interests, failures


def _follow_interests(
    store: Store, documents: Sequence[StoryDocument], subscriptions: Sequence[Subscription]
) -> list[Interest]:
    """Stories that follow up a followed one closely enough, or that are of its thread. Copies of it are neither, nor is
    what readers marked as wrong."""
    followers: dict[int, list[Subscription]] = {}
    for subscription in subscriptions:
        if subscription.follow is not None and not subscription.paused:
            followers.setdefault(subscription.follow, []).append(subscription)
    threads = _threads(store, documents, followers)
    interests: list[Interest] = []
    for document in documents:
        scores = {earlier: score for earlier, score in document.follows if earlier in followers}
        in_thread = [followed for followed in threads.get(document.thread, ()) if followed != document.lineage]
        if not scores and not in_thread:
            continue
        copies = set(store.relations.copies(document.lineage))
        links = {link.earlier: link for link in store.relations.links_to(document.lineage)} if scores else {}
        apart = copies | _marked_wrong(store, {document.lineage, *copies})
        for followed in dict.fromkeys([*scores, *in_thread]):
            if followed in apart:
                continue
            link = links.get(followed)
            for subscription in followers[followed]:
                if link is not None and scores.get(followed, 0.0) >= subscription.closeness:
                    interests.append(Interest(subscription.id, document.lineage, link.reasons, link.new))
                elif followed in in_thread:
                    why = (Reason("thread", "the thread of the story that you follow", 1.0),)
                    interests.append(Interest(subscription.id, document.lineage, why))
    return interests


def _marked_wrong(store: Store, own: set[int]) -> set[int]:
    """Stories that readers said these neither follow up nor are followed up by."""
    wrong = (mark for mark in store.marks.marks(sorted(own)) if not mark.right)
    return {end for mark in wrong for end in (mark.earlier, mark.later)} - own


def _threads(store: Store, documents: Sequence[StoryDocument], followed: Iterable[int]) -> dict[int | None, list[int]]:
    """Thread -> followed lineages in it; looked up only if the batch has stories of any thread."""
    threads: dict[int | None, list[int]] = {}
    if any(document.thread is not None for document in documents):
        for record in store.stories.records(list(followed)):
            if record.thread is not None:
                threads.setdefault(record.thread, []).append(record.lineage)
    return threads


def _with_current_follow(store: Store, subscriptions: Sequence[Subscription]) -> list[Subscription]:
    """Followed lineages as they are called now: one that was joined to another goes by that one's id."""
    return [
        subscription
        if subscription.follow is None
        else replace(subscription, follow=_current(store, subscription.follow))
        for subscription in subscriptions
    ]


def _current(store: Store, lineage: int) -> int:
    try:
        return store.stories.resolve(str(lineage))
    except NotFoundError:
        return lineage


def _told(store: Store, lineages: Sequence[int], subscriptions: Sequence[Subscription]) -> Told:
    active = {subscription.id for subscription in subscriptions}
    sent = {
        lineage: frozenset(match.subscription_id for match in matches)
        for lineage, matches in store.alerts.sent_to(lineages).items()
    }
    ended = {(reader, lineage) for lineage, readers in sent.items() for reader in readers - active}
    channels: dict[tuple[int, int], tuple[str, ...]] = {}
    for subscription_id in {reader for reader, _ in ended}:
        for delivery in store.alerts.deliveries(subscription_id, _REMEMBERED):
            place = subscription_id, delivery.lineage
            if place in ended and delivery.channel not in channels.get(place, ()):
                channels[place] = (*channels.get(place, ()), delivery.channel)
    matched = {lineage: frozenset(ids) for lineage, ids in store.alerts.matched(lineages).items()}
    return Told(sent=sent, matched=matched, ended=channels)


# --------------------------------------------------------------------------- delivering


def deliver_due(
    store: Store,
    channel_for: Callable[[str], Channel],
    clock: Clock,
    worker: str,
    lease: timedelta = LEASE,
    limit: int = 50,
    unsubscribe_url: Callable[[Delivery], str | None] = lambda _: None,
) -> Delivered:
    """Claim what is due, once, and send it. A line that a channel does not take is due again later, for about two days.

    channel_for: the channel of a URL; may raise UsageError. Lines that the lease leaves no time for are due again when
    it ends. Call again until ``claimed`` is 0. Raises StoreUnavailable.
    """
    started = clock.now()
    claimed = store.alerts.claim_deliveries(worker, started, lease, limit)
    result = Delivered(claimed=len(claimed))
    for delivery, notice in _notices(store, claimed, unsubscribe_url):
        if clock.now() >= started + lease / 2:
            break
        _deliver(store, delivery, notice, channel_for, clock, result)
    return result


def _deliver(
    store: Store,
    delivery: Delivery,
    notice: Notice | str,
    channel_for: Callable[[str], Channel],
    clock: Clock,
    result: Delivered,
) -> None:
    try:
        if isinstance(notice, str):
            raise DeliveryError(notice, permanent=True)
        channel_for(delivery.channel).send(render(notice))
    except (DeliveryError, UsageError) as error:
        permanent = error.permanent if isinstance(error, DeliveryError) else not isinstance(error, SettingsError)
        retry_at = None if permanent else retry_due(delivery.attempts + 1, delivery.key, clock.now())
        store.alerts.record_unsent(delivery.id, str(error), retry_at)
        result.retried += retry_at is not None
        result.parked += retry_at is None
        result.problems.append(f"subscription {delivery.subscription_id}, story {delivery.lineage}: {error}")
    else:
        store.alerts.record_sent([delivery.id], clock.now())
        result.sent += 1


def _notices(
    store: Store, claimed: Sequence[Delivery], unsubscribe_url: Callable[[Delivery], str | None]
) -> Iterator[tuple[Delivery, Notice | str]]:
    """What each line's message is made of, or why it is not to be sent any more."""
    subscriptions = {s.id: s for s in _with_current_follow(store, store.alerts.subscriptions())} if claimed else {}
    records = {record.lineage: record for record in store.stories.records([*{line.lineage for line in claimed}])}
    lookup = _Lookup(store)
    for delivery in claimed:
        record, subscription = records.get(delivery.lineage), subscriptions.get(delivery.subscription_id)
        reason = _overtaken(delivery, record, subscription)
        if record is None or reason is not None:
            yield delivery, reason or "the story is no longer in the store"
            continue
        notice = Notice(
            delivery=delivery,
            take=lookup.takes(delivery.lineage).get(delivery.version, record.current),
            subscription=subscription,
            match=lookup.matches(delivery.subscription_id).get(delivery.lineage),
            copies=lookup.publishers(record),
            unsubscribe_url=unsubscribe_url(delivery),
        )
        yield delivery, notice


def _overtaken(delivery: Delivery, record: LineageRecord | None, subscription: Subscription | None) -> str | None:
    """Why a line that was due should not go out any more."""
    if delivery.kind not in _READER_KINDS:
        return None
    if subscription is None:
        return "the subscription ended before this was sent"
    if subscription.paused:
        return "the subscription was paused before this was sent"
    if record is not None and record.status is not Status.USABLE:
        return f"the story was {record.status} before this was sent"
    return None


class _Lookup:
    """What messages say of stories and matches, asked of the store once a batch."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._takes: dict[int, dict[int, StoredTake]] = {}
        self._matches: dict[int, dict[int, Match]] = {}
        self._publishers: dict[int, list[str]] = {}

    def takes(self, lineage: int) -> dict[int, StoredTake]:
        """A lineage's takes by version."""
        if lineage not in self._takes:
            self._takes[lineage] = {take.version: take for take in self._store.stories.history(lineage)}
        return self._takes[lineage]

    def matches(self, subscription_id: int) -> dict[int, Match]:
        """A subscription's latest matches by lineage."""
        if subscription_id not in self._matches:
            found = self._store.alerts.matches(subscription_id, _REMEMBERED)
            self._matches[subscription_id] = {match.lineage: match for match in found}
        return self._matches[subscription_id]

    def publishers(self, record: LineageRecord) -> list[str]:
        """Who else carries the text."""
        if record.copies and record.lineage not in self._publishers:
            others = self._store.stories.records(self._store.relations.copies(record.lineage))
            names = [other.current.story.source or other.current.origin.name for other in others]
            self._publishers[record.lineage] = names
        return self._publishers.get(record.lineage, [])
