"""Sources and what became of fetching them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class FetchOutcome(StrEnum):
    """How one fetch of one feed ended."""

    FETCHED = "fetched"
    NOT_MODIFIED = "not_modified"  # 304, or the same body hash
    MOVED = "moved"  # fetched, and the feed has a new address for good
    GONE = "gone"  # 410: not asked again until an operator says so
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One source as config/feeds.yaml declares it.

    Attributes:
        name: Its name.
        url: Its address; None for a drop folder.
        folder: The drop folder where it delivers files; None for an address.
        publisher: Scopes uris that are not globally unique.
        language: The language of stories that do not name their own.
        every: The usual time between fetches.
        credentials: The name of a settings entry, never a secret itself.
        article_pages: Whether it carries teasers, so that the pages that they link to are fetched.
        alerts: Whether its stories may send alerts.
    """

    name: str
    url: str | None = None
    folder: str | None = None
    publisher: str | None = None
    language: str | None = None
    every: timedelta = timedelta(minutes=10)
    credentials: str | None = None
    article_pages: bool = False
    alerts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What the store remembers of a feed between fetches.

    Attributes:
        name: The feed.
        url: The address in use, after permanent redirects.
        etag: The validator of the last answer.
        last_modified: The other validator of the last answer.
        body_hash: Hash of the last body.
        next_due_at: When it is to be fetched again; None: at once.
        failures: How many fetches have failed in a row.
        last_outcome: How the last fetch ended.
        last_reason: Why the last fetch failed.
        last_fetched_at: When it was last asked.
        last_ok_at: When it last answered.
        last_new_at: When it last brought something new.
        unconditional_at: When it was last fetched without validators: a 304 is no proof that nothing has changed.
        gone: Whether it has gone for good (410): it is not asked until an operator says so.
    """

    name: str
    url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    next_due_at: datetime | None = None
    failures: int = 0
    last_outcome: FetchOutcome | None = None
    last_reason: str | None = None
    last_fetched_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_new_at: datetime | None = None
    unconditional_at: datetime | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRecord:
    """One fetch, for the feed's log.

    Attributes:
        feed: The feed.
        at: When it was fetched.
        outcome: How the fetch ended.
        http_status: The answer's status, None without an answer.
        entries: How many entries the feed had.
        new: How many of them were new stories or takes.
        bytes: Length of the body.
        seconds: How long the fetch took.
        reason: Why it failed.
    """

    feed: str
    at: datetime
    outcome: FetchOutcome
    http_status: int | None = None
    entries: int = 0
    new: int = 0
    bytes: int = 0
    seconds: float = 0.0
    reason: str | None = None


class FeedCondition(StrEnum):
    """How a feed is doing, the worst that is true of it."""

    GONE = "gone"  # not asked any more until an operator says so
    FAILING = "failing"  # its last fetch failed
    SILENT = "silent"  # it answers, but has brought nothing new for much longer than it is asked
    WAITING = "waiting"  # it was not asked yet
    WELL = "well"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """A declared feed as operators see it.

    Attributes:
        name: The feed.
        publisher: Its publisher.
        url: The address in use, or the drop folder.
        condition: How it is doing.
        outcome: How its last fetch ended.
        reason: Why its last fetch failed.
        failures: How many fetches have failed in a row.
        last_fetched_at: When it was last asked.
        last_ok_at: When it last answered.
        last_new_at: When it last brought something new.
        next_due_at: When it is to be fetched again.
        lag: How long it has been without an answer; None before the first one.
        silent: Whether it has brought nothing new for long.
        entries: How many entries its last fetch brought.
        new: How many of these were new.
        seconds: How long its last fetch took.
        checked_at: When this was worked out.
    """

    name: str
    publisher: str | None
    url: str | None
    condition: FeedCondition
    outcome: FetchOutcome | None
    reason: str | None
    failures: int
    last_fetched_at: datetime | None
    last_ok_at: datetime | None
    last_new_at: datetime | None
    next_due_at: datetime | None
    lag: timedelta | None
    silent: bool
    entries: int
    new: int
    seconds: float
    checked_at: datetime
