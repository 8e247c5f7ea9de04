"""How the feeds are doing: decided from the store, shown to operators where there is a place for it."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from pipeline.errors import IndexUnavailable
from pipeline.models import Feed, FeedCondition, FeedHealth, FeedState, FetchRecord
from pipeline.wiring import Parts

SILENT_AFTER = 20  # fetches in a row without news before a feed is called silent ...
SILENT_AT_LEAST = timedelta(days=1)  # ... but never for being quiet over night

_log = logging.getLogger(__name__)


def feed_health(parts: Parts, names: Sequence[str] | None = None) -> list[FeedHealth]:
    """The declared feeds, or those of ``names`` among them, in the order of declaration."""
    feeds, now = parts.settings.feeds(), parts.clock.now()
    parts.store.feeds.declare(feeds)
    states = {state.name: state for state in parts.store.feeds.states()}
    wanted = None if names is None else set(names)
    return [
        health_of(feed, states[feed.name], next(iter(parts.store.feeds.fetches(feed.name, limit=1)), None), now)
        for feed in feeds
        if wanted is None or feed.name in wanted
    ]


def show_feeds(parts: Parts, names: Sequence[str] | None = None) -> None:
    """Show operators how all feeds are doing, or those of ``names``, where there is a place for it.

    That it can't be shown is logged and stops nothing: the next time shows it all.
    """
    if parts.feed_board is None:
        return
    try:
        parts.feed_board.show(feed_health(parts, names), all_there_are=names is None)
    except IndexUnavailable as error:
        _log.warning("how the feeds are doing cannot be shown: %s", error)


def silent_feeds(parts: Parts) -> list[str]:
    """Names of the declared feeds that have brought nothing new for much longer than they are asked; logged too."""
    silent = [one for one in feed_health(parts) if one.silent]
    for one in silent:
        _log.warning("feed %s has brought nothing new since %s", one.name, one.last_new_at or one.last_ok_at)
    return [one.name for one in silent]


def health_of(feed: Feed, state: FeedState, last: FetchRecord | None, now: datetime) -> FeedHealth:
    """Pure. last: the feed's latest fetch."""
    silent = is_silent(feed, state, now)
    return FeedHealth(
        name=feed.name,
        publisher=feed.publisher,
        url=feed.folder or _without_password(state.url or feed.url or ""),
        condition=_condition(state, silent),
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
    """Whether a feed that answers has brought nothing new for much longer than it is asked."""
    heard = state.last_new_at or state.last_ok_at
    return heard is not None and now - heard > max(SILENT_AT_LEAST, SILENT_AFTER * feed.every)


def _condition(state: FeedState, silent: bool) -> FeedCondition:
    if state.gone:
        return FeedCondition.GONE
    if state.failures:
        return FeedCondition.FAILING
    if silent:
        return FeedCondition.SILENT
    return FeedCondition.WAITING if state.last_fetched_at is None else FeedCondition.WELL


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
