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
    """One source as config/feeds.yaml declares it. Either ``url`` or ``folder`` (a drop folder) is set.

    every: the usual time between fetches. credentials: the name of a settings entry, never a secret itself.
    """

    name: str
    url: str | None = None
    folder: str | None = None
    publisher: str | None = None
    language: str | None = None
    every: timedelta = timedelta(minutes=10)
    credentials: str | None = None
    article_pages: bool = False  # the feed carries teasers: fetch the pages they link to
    alerts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What the store remembers of a feed between fetches."""

    name: str
    url: str | None = None  # the address in use, after permanent redirects
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
    unconditional_at: datetime | None = None  # last fetch without validators: a 304 is not proof of no change
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRecord:
    """One fetch for the feed's log."""

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

    url: the address in use, or the drop folder. lag: how long it has been without an answer, None before the first.
    entries, new, seconds: of its last fetch.
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
