"""When a feed is asked, for what, and what its state is afterwards. Decisions only: no clock, no network."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from pipeline.models import Feed, FeedState, FetchOutcome

UNCONDITIONAL_EVERY = timedelta(days=1)  # a 304 is not proof of no change: some servers answer it whatever happened
LONGEST_BACK_OFF = timedelta(days=1)
_DOUBLINGS = 12  # beyond any cap; keeps the arithmetic small
_EARLY, _SPREAD = 0.90, 0.08  # of a wait: due a little early, so that a run every `every` finds the feed due


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPlan:
    """What to ask.

    Attributes:
        addresses: to be tried in turn until one answers.
        etag: for the first address only; None for an unconditional request.
        last_modified: likewise.
    """

    addresses: tuple[str, ...]
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResult:
    """How asking a feed ended.

    Attributes:
        outcome: fetched, not modified, moved, gone or failed.
        reason: why it failed or moved, for people.
        http_status: of the answer.
        url: the address to use from now on; None where nothing answered.
        etag: of the answer.
        last_modified: of the answer.
        body_hash: SHA-256 of the body, in hexadecimal.
        retry_after: the header as sent, seconds or an HTTP date.
        unconditional: no validators were sent.
    """

    outcome: FetchOutcome
    reason: str | None = None
    http_status: int | None = None
    url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    retry_after: str | None = None
    unconditional: bool = False


def is_due(feed: Feed, state: FeedState, now: datetime) -> bool:
    """Whether the feed is to be fetched: never fetched or its time has come, and not gone."""
    return not state.gone and (state.next_due_at is None or state.next_due_at <= now)


def plan_fetch(feed: Feed, state: FeedState, now: datetime) -> FetchPlan:
    """Plan the next request to a feed: usually a conditional one to the address in use.

    Once a day it is unconditional and begins with the declared address. That finds a redirect that was taken back, or
    an address that the operator corrected.
    """
    declared = feed.url or ""
    in_use = state.url or declared
    last_unconditional = state.unconditional_at
    stale = last_unconditional is None or not timedelta(0) <= now - last_unconditional < UNCONDITIONAL_EVERY
    addresses = tuple(dict.fromkeys((declared, in_use) if stale else (in_use, declared)))
    if stale or not (state.etag or state.last_modified):
        return FetchPlan(addresses=addresses)
    return FetchPlan(addresses=addresses, etag=state.etag, last_modified=state.last_modified)


def next_state(state: FeedState, feed: Feed, result: FetchResult, now: datetime) -> FeedState:
    """The state that follows a fetch. A failure keeps what is known of the feed and doubles the wait each time."""
    reported = replace(state, last_outcome=result.outcome, last_reason=result.reason, last_fetched_at=now)
    match result.outcome:
        case FetchOutcome.GONE:
            return replace(reported, gone=True, failures=state.failures + 1, next_due_at=None)
        case FetchOutcome.FAILED:
            failures = state.failures + 1
            return replace(
                reported, failures=failures, next_due_at=_after_failure(feed, failures, result.retry_after, now)
            )
        case FetchOutcome.NOT_MODIFIED | FetchOutcome.FETCHED | FetchOutcome.MOVED:
            return replace(
                reported,
                url=result.url or state.url,
                etag=result.etag,
                last_modified=result.last_modified,
                body_hash=result.body_hash or state.body_hash,
                failures=0,
                next_due_at=now + _wait(feed.every, feed.name),
                last_ok_at=now,
                unconditional_at=now if result.unconditional else state.unconditional_at,
            )


def retry_at(header: str | None, now: datetime) -> datetime | None:
    """The moment that a Retry-After header names (RFC 9110, 10.2.3), at most a day away; None where it names none."""
    text = (header or "").strip()
    if text.isdecimal() and text.isascii():
        moment = now + timedelta(seconds=min(int(text[:9]), LONGEST_BACK_OFF.total_seconds()))
    else:
        try:
            parsed = parsedate_to_datetime(text)
        except ValueError:
            return None
        moment = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return min(moment, now + LONGEST_BACK_OFF).astimezone(UTC) if moment > now else None


def _after_failure(feed: Feed, failures: int, retry_after: str | None, now: datetime) -> datetime:
    requested = retry_at(retry_after, now)
    if requested is not None:
        return max(requested, now + _wait(feed.every, feed.name))
    longest = max(LONGEST_BACK_OFF, feed.every)
    factor: int = 2 ** min(failures, _DOUBLINGS)
    return now + _wait(min(feed.every * factor, longest), feed.name)


def _wait(base: timedelta, name: str) -> timedelta:
    """A wait that is the same for a feed every time and differs between feeds, so that they are not due all at once."""
    share = int.from_bytes(hashlib.sha256(name.encode("utf-8")).digest()[:4]) / 2**32
    return base * (_EARLY + _SPREAD * share)
