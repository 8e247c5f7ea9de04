"""Feeds and the pages that they link to, fetched; a feed's own fault is an outcome, never an exception.

for feed due:                            (a few at a time; a slow one holds nobody)
    plan_fetch                           which address, conditional or not
    client.get                           limits, safety, redirects
    interpret                            fetched / not modified / moved / gone / failed
    next_state                           with the next due time
"""

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from pipeline.errors import FetchError
from pipeline.fetch.http_client import ACCEPT_PAGES, HttpClient, Response, checked_url, may_carry_credentials
from pipeline.fetch.schedule import FetchPlan, FetchResult, next_state, plan_fetch
from pipeline.models import Feed, FeedState, FetchOutcome, FetchRecord, Origin, RawDocument
from pipeline.ports import Clock

_OK = frozenset({FetchOutcome.FETCHED, FetchOutcome.NOT_MODIFIED, FetchOutcome.MOVED})
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedFeed:
    """One fetch of one feed. Save ``state`` and ``record`` only when the documents' stories are stored.

    Attributes:
        feed: what was fetched.
        outcome: how it ended.
        documents: what is to be parsed; empty where nothing new came.
        state: the feed's next state.
        record: the line for the log of fetches; ``with_counts`` completes it.
        before: the feed's state before.
        problems: what could not be read, one line each, beside what could (drop folders).
    """

    feed: Feed
    outcome: FetchOutcome
    documents: tuple[RawDocument, ...]
    state: FeedState
    record: FetchRecord
    before: FeedState
    problems: tuple[str, ...] = ()


def fetch_feed(feed: Feed, state: FeedState, client: HttpClient, now: datetime) -> FetchedFeed:
    """Fetch one feed over HTTP. A feed's own fault is no error: the outcome is FAILED or GONE, with the reason."""
    if feed.url is None:
        return failed_fetch(feed, state, "it has no url; a drop folder is read with DropFolder.collect", now)
    plan = plan_fetch(feed, state, now)
    in_use = state.url or feed.url
    answers = {}
    for address in plan.addresses:
        result, response = _ask(feed, state, address, plan, client)
        answers[address] = result, response
        if result.outcome in _OK:
            break
    else:
        result, response = answers[in_use]
    return _fetched(feed, state, result, response, now)


def fetch_article(url: str, feed: Feed, client: HttpClient, now: datetime) -> RawDocument:
    """Fetch a page that a teaser feed links to.

    A page in a private network is fetched only for a feed that is itself in one: the links of a public feed must not
    make us ask our own network.

    Raises:
        FetchError: there is no answer, or it is no page.
    """
    page = checked_url(url)
    source = checked_url(feed.url) if feed.url else None
    own = source is not None and may_carry_credentials(source, page)
    response = client.get(
        url,
        credentials=feed.credentials if own else None,
        private=feed.url is not None and client.is_private_host(feed.url),
        accept=ACCEPT_PAGES,
    )
    if response.status != 200:
        raise FetchError(f"{response.url.partition('?')[0]}: {_meaning(response.status)}", response.status)
    if response.content_type not in _PAGE_TYPES | {None}:
        raise FetchError(f"{response.url.partition('?')[0]}: it is {response.content_type}, not an article page", 200)
    return _document(feed, response, now, backfill=not feed.alerts)


def fetch_batch(
    due: Iterable[tuple[Feed, FeedState]], client: HttpClient, clock: Clock, workers: int = 8
) -> Iterator[FetchedFeed]:
    """Fetch feeds, ``workers`` at a time.

    No more than ``workers`` answers are held in memory: a feed is asked only when there is room for its answer.

    Yields:
        Each fetch as soon as it is done, in no certain order.
    """
    feeds = iter(due)
    with ThreadPoolExecutor(workers, thread_name_prefix="fetch") as pool:

        def start(count: int) -> set[Future[FetchedFeed]]:
            return {pool.submit(fetch_feed, feed, state, client, clock.now()) for feed, state in islice(feeds, count)}

        running = start(workers)
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
            running |= start(len(done))


def failed_fetch(feed: Feed, state: FeedState, reason: str, now: datetime) -> FetchedFeed:
    """Make the outcome of a fetch that came to nothing: the feed backs off."""
    return _fetched(feed, state, FetchResult(outcome=FetchOutcome.FAILED, reason=f"{feed.name}: {reason}"), None, now)


def as_failed(fetched: FetchedFeed, reason: str) -> FetchedFeed:
    """Make a failure of a fetch whose documents turned out to be no feed.

    The feed backs off and forgets what it brought, so that the next answer is read, changed or not.
    """
    failure = failed_fetch(fetched.feed, fetched.before, reason, fetched.record.at)
    record = replace(fetched.record, outcome=failure.outcome, reason=failure.record.reason)
    return replace(failure, record=record)


def without_validators(fetched: FetchedFeed, reason: str) -> FetchedFeed:
    """Forget the validators of a fetch whose documents were not used to the full: the next one brings them again."""
    state = replace(fetched.state, etag=None, last_modified=None, body_hash=None)
    return replace(fetched, state=state, problems=(*fetched.problems, reason))


def with_counts(fetched: FetchedFeed, entries: int, new: int) -> FetchedFeed:
    """Record what became of a fetch's documents.

    Args:
        fetched: the fetch.
        entries: how many entries its documents had.
        new: how many of them were new to the store.
    """
    record = replace(fetched.record, entries=entries, new=new)
    last_new_at = record.at if new else fetched.state.last_new_at
    return replace(fetched, record=record, state=replace(fetched.state, last_new_at=last_new_at))


def _ask(
    feed: Feed, state: FeedState, address: str, plan: FetchPlan, client: HttpClient
) -> tuple[FetchResult, Response | None]:
    conditional = address == plan.addresses[0] and bool(plan.etag or plan.last_modified)
    try:
        trusted = may_carry_credentials(checked_url(feed.url or address), checked_url(address))
        response = client.get(
            address,
            etag=plan.etag if conditional else None,
            last_modified=plan.last_modified if conditional else None,
            credentials=feed.credentials if trusted else None,
        )
    except FetchError as error:
        return FetchResult(outcome=FetchOutcome.FAILED, reason=str(error), http_status=error.http_status), None
    return interpret(response, state, state.url or address, conditional), response


def interpret(response: Response, state: FeedState, in_use: str, conditional: bool) -> FetchResult:
    """Decide what an answer means for a feed.

    Args:
        response: the answer.
        state: the feed's state before.
        in_use: the address known until now.
        conditional: whether validators were sent.
    """
    result = FetchResult(
        outcome=FetchOutcome.FAILED,
        http_status=response.status,
        url=response.permanent_url,
        unconditional=not conditional,
        retry_after=response.retry_after,
    )
    address = response.url.partition("?")[0]
    match response.status:
        case 200 | 203 if response.body:
            digest = hashlib.sha256(response.body).hexdigest()
            same = digest == state.body_hash
            known = replace(result, etag=response.etag, last_modified=response.last_modified, body_hash=digest)
            return _with_address(known, FetchOutcome.NOT_MODIFIED if same else FetchOutcome.FETCHED, in_use)
        case 304 if conditional:
            validators = response.etag or state.etag, response.last_modified or state.last_modified
            known = replace(result, etag=validators[0], last_modified=validators[1])
            return _with_address(known, FetchOutcome.NOT_MODIFIED, in_use)
        case 410 if response.url == response.permanent_url:
            return replace(result, outcome=FetchOutcome.GONE, reason=f"{address}: {_meaning(410)}")
        case 200 | 203:
            return replace(result, reason=f"{address}: it answered with an empty body")
        case status:
            return replace(result, reason=f"{address}: {_meaning(status)}")


def _with_address(result: FetchResult, outcome: FetchOutcome, in_use: str) -> FetchResult:
    if result.url in (None, in_use):
        return replace(result, outcome=outcome)
    shown = str(result.url).partition("?")[0]
    return replace(
        result, outcome=FetchOutcome.MOVED, reason=f"moved for good to {shown}; correct its address in feeds.yaml"
    )


def _meaning(status: int) -> str:
    match status:
        case 401 | 403:
            return f"access refused (HTTP {status}); check its credentials"
        case 404:
            return "there is nothing at this address (HTTP 404); correct it if this lasts"
        case 410:
            return "gone for good (HTTP 410); remove it, or correct its address"
        case 429:
            return "it was asked too often (HTTP 429); fetch it less often"
        case status if status >= 500:
            return f"its server has a fault (HTTP {status}); it is tried again"
        case status:
            return f"an answer of no use (HTTP {status})"


def _fetched(
    feed: Feed, state: FeedState, result: FetchResult, response: Response | None, now: datetime
) -> FetchedFeed:
    fresh = result.body_hash is not None and result.body_hash != state.body_hash
    silent = not feed.alerts or state.last_ok_at is None  # a feed's first fetch brings its whole past
    documents = (_document(feed, response, now, silent),) if response is not None and fresh else ()
    record = FetchRecord(
        feed=feed.name,
        at=now,
        outcome=result.outcome,
        http_status=result.http_status,
        bytes=len(response.body) if response else 0,
        seconds=response.seconds if response else 0.0,
        reason=result.reason,
    )
    return FetchedFeed(
        feed=feed,
        outcome=result.outcome,
        documents=documents,
        state=next_state(state, feed, result, now),
        record=record,
        before=state,
    )


def _document(feed: Feed, response: Response, now: datetime, backfill: bool) -> RawDocument:
    return RawDocument(
        origin=Origin(feed.name, response.url, now, backfill),
        content=response.body,
        content_type=response.content_type,
        charset=response.charset,
        publisher=feed.publisher,
        language=feed.language,
    )
