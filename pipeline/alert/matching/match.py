"""Matching: takes that have become searchable meet subscriptions.

documents -> engine: which queries, links: which followers -> decide -> matches and outbox, in one transaction
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.alert.matching.novelty import says_something_new
from pipeline.alert.matching.rules import Arrival, Interest, SentBefore, decide, followers_by_story, kind_for_readers
from pipeline.alert.problems import OPERATOR, owner_deliveries
from pipeline.models import (
    DeliveryKind,
    Problem,
    QueryFailure,
    Reason,
    Status,
    StoredQuery,
    StoredTake,
    StoryDocument,
    Subscription,
)
from pipeline.ports import SearchIndex, Store


@dataclass(frozen=True, slots=True)
class Matched:
    """What matching a batch led to.

    Attributes:
        matches: how many.
        deliveries: how many lines were put into the outbox.
        failures: the subscriptions whose query could not be run; they stay, and their owners are informed.
    """

    matches: int
    deliveries: int
    failures: tuple[QueryFailure, ...] = ()


def match_batch(
    store: Store,
    index: SearchIndex,
    version_ids: Sequence[int],
    documents: Sequence[StoryDocument],
    now: datetime,
    operator: str = OPERATOR,
) -> Matched:
    """Match claimed takes and fill the outbox.

    Args:
        store: the store.
        index: the search engine.
        version_ids: the takes.
        documents: the documents of their lineages as they are now.
        now: the present instant.
        operator: the channel for problems whose owner has no address.

    Raises:
        StoreUnavailable: nothing was recorded; the takes are matched again.
        IndexUnavailable: likewise.
    """
    known = {document.lineage: document for document in documents}
    takes = [take for take in store.stories.takes(version_ids) if take.lineage in known]
    before = _sent_before(store, list(known))
    arrivals = _arrivals(store, takes, known, before)
    subscriptions = store.alerts.subscriptions()
    usable = [document for document in known.values() if document.status is Status.USABLE]
    interests, failures = _query_interests(index, usable, subscriptions)
    working = {interest.subscription_id for interest in interests}
    interests += _follow_interests(store, usable, subscriptions)
    decision = decide(arrivals, subscriptions, interests, before, now)
    store.alerts.record_alerted(version_ids, decision.matches, decision.deliveries)
    _update_problems(store, subscriptions, failures, working, operator, now)
    return Matched(len(decision.matches), len(decision.deliveries), tuple(failures))


def _arrivals(
    store: Store, takes: Sequence[StoredTake], documents: dict[int, StoryDocument], before: SentBefore
) -> list[Arrival]:
    """Each take with its document. Further takes of a story that was sent are compared with the takes before them."""
    arrivals = []
    for take in takes:
        document, novel = documents[take.lineage], False
        if take.lineage in before.sent and kind_for_readers(take, document) is DeliveryKind.UPDATE:
            history = store.stories.history(take.lineage)
            earlier = (previous.story for previous in history if previous.version < take.version)
            novel = says_something_new(take.story, earlier)
        arrivals.append(Arrival(take, document, novel))
    return arrivals


def _update_problems(
    store: Store,
    subscriptions: Sequence[Subscription],
    failures: Sequence[QueryFailure],
    working: set[int],
    operator: str,
    now: datetime,
) -> None:
    """Inform owners, once, of queries that fail. A query that finds something again has no problem any more.

    Args:
        store: the store.
        subscriptions: all that have not ended.
        failures: the queries that could not be run.
        working: the subscriptions whose query found something.
        operator: the channel for problems whose owner has no address.
        now: the present instant.
    """
    lasting = {problem.subscription_id for problem in store.alerts.problems() if problem.channel is None}
    owners = {subscription.id: subscription.owner for subscription in subscriptions}
    for failure in failures:
        if failure.query_id not in lasting:
            problem = Problem(id=0, subscription_id=failure.query_id, channel=None, reason=failure.reason, since=now)
            store.alerts.begin_problem(problem, owner_deliveries(problem, owners[failure.query_id], operator, now))
    for subscription_id in sorted(lasting & working):
        store.alerts.end_problem(subscription_id, None, now)


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
    """Find the stories that follow up a followed story closely enough, or that belong to its thread.

    Copies of the followed story do neither, nor do stories that readers marked as wrong.
    """
    followers = followers_by_story(subscriptions)
    threads = store.alerts.followed_in({document.thread for document in documents if document.thread is not None})
    interests: list[Interest] = []
    for document in documents:
        scores = {earlier: score for earlier, score in document.follows if earlier in followers}
        thread = threads.get(document.thread, ()) if document.thread is not None else ()
        in_thread = [followed for followed in thread if followed in followers and followed != document.lineage]
        if not scores and not in_thread:
            continue
        copies = set(store.relations.copies(document.lineage))
        links = {link.earlier: link for link in store.relations.links_to(document.lineage)} if scores else {}
        marks, own = store.marks.resolved([document.lineage]), document.lineage
        for followed in dict.fromkeys([*scores, *in_thread]):
            if followed in copies or marks.is_wrong(followed, own) or marks.is_wrong(own, followed):
                continue
            link = links.get(followed)
            for subscription in followers[followed]:
                if link is not None and scores.get(followed, 0.0) >= subscription.closeness:
                    interests.append(Interest(subscription.id, document.lineage, link.reasons, link.new))
                elif followed in in_thread:
                    why = (Reason("thread", "the thread of the story that you follow", 1.0),)
                    interests.append(Interest(subscription.id, document.lineage, why))
    return interests


def _sent_before(store: Store, lineages: Sequence[int]) -> SentBefore:
    sent = {
        lineage: frozenset(match.subscription_id for match in matches)
        for lineage, matches in store.alerts.sent_to(lineages).items()
    }
    lines = store.alerts.lines((reader, lineage) for lineage, readers in sent.items() for reader in readers)
    channels = {
        pair: tuple(dict.fromkeys(line.channel for line in of_pair if not line.parked))
        for pair, of_pair in lines.items()
    }
    matched = {lineage: frozenset(ids) for lineage, ids in store.alerts.matched(lineages).items()}
    return SentBefore(sent=sent, matched=matched, channels=channels)
