"""How a feed is doing, decided from what the store remembers of it."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from pipeline.models import Feed, FeedCondition, FeedHealth, FeedState, FetchRecord

SILENT_AFTER = 20  # fetches in a row without news before a feed is called silent ...
SILENT_AT_LEAST = timedelta(days=1)  # ... but never for being quiet over night


def health_of(feed: Feed, state: FeedState, last: FetchRecord | None, now: datetime) -> FeedHealth:
    """How a feed is doing now.

    Args:
        feed: As it is declared.
        state: What is remembered of it.
        last: Its latest fetch; None if it was never fetched.
        now: The present.
    """
    silent = is_silent(feed, state, now)
    return FeedHealth(
        name=feed.name,
        publisher=feed.publisher,
        url=feed.folder or _without_password(state.url or feed.url or ""),
        condition=_condition_of(state, silent),
        outcome=state.last_outcome,
        reason=state.last_reason,
        failures=state.failures,
        last_fetched_at=state.last_fetched_at,
        last_ok_at=state.last_ok_at,
        last_new_at=state.last_new_at,
        next_due_at=None if state.gone else state.next_due_at,
        lag=max(now - state.last_ok_at, timedelta()) if state.last_ok_at is not None else None,
        silent=silent,
        entries=last.entries if last is not None else 0,
        new=last.new if last is not None else 0,
        seconds=last.seconds if last is not None else 0.0,
        checked_at=now,
    )


def is_silent(feed: Feed, state: FeedState, now: datetime) -> bool:
    """Whether a feed has brought nothing new for much longer than its interval."""
    last_news = state.last_new_at or state.last_ok_at
    return last_news is not None and now - last_news > max(SILENT_AT_LEAST, SILENT_AFTER * feed.every)


def _condition_of(state: FeedState, silent: bool) -> FeedCondition:
    if state.gone:
        return FeedCondition.GONE
    if state.failures:
        return FeedCondition.FAILING
    if silent:
        return FeedCondition.SILENT
    return FeedCondition.WAITING if state.last_fetched_at is None else FeedCondition.WELL


def _without_password(url: str) -> str:
    split = urlsplit(url)
    return urlunsplit(split._replace(netloc=split.netloc.rpartition("@")[2]))
