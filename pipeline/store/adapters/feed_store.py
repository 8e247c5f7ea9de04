"""What is remembered of each feed, and its log: the port ``FeedStore``."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, or_, select, update

from pipeline.models import Feed, FeedState, FetchOutcome, FetchRecord
from pipeline.store.db import tables as t
from pipeline.store.db.database import Database
from pipeline.store.db.epoch import from_epoch_us, to_epoch_us
from pipeline.store.db.statements import chunks, insert_new
from pipeline.store.queue.leases import UNCLAIMED, claim_values, is_free

_FEEDS = t.feeds.c
_PLAIN_COLUMNS = ("url", "etag", "last_modified", "body_hash", "failures", "last_outcome", "last_reason", "gone")
_TIME_COLUMNS = ("next_due_at", "last_fetched_at", "last_ok_at", "last_new_at", "unconditional_at")


class SqlFeedStore:
    """See ``pipeline.ports.FeedStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def declare(self, feeds: Sequence[Feed]) -> None:
        """See ``pipeline.ports.FeedStore.declare``."""
        with self._database.reading() as connection:
            declared = _load_declared_urls(connection)
        if any(feed.name not in declared or declared[feed.name] != feed.url for feed in feeds):
            self._database.write(_declare, feeds)

    def states(self) -> list[FeedState]:
        """See ``pipeline.ports.FeedStore.states``."""
        with self._database.reading() as connection:
            return [_state_of(row) for row in connection.execute(select(t.feeds).order_by(_FEEDS.name))]

    def claim_due(
        self, names: Sequence[str], worker: str, now: datetime, lease: timedelta, limit: int
    ) -> list[FeedState]:
        """See ``pipeline.ports.FeedStore.claim_due``."""
        wanted = set(names)
        due_by_now = or_(_FEEDS.next_due_at.is_(None), _FEEDS.next_due_at <= to_epoch_us(now))
        due = select(t.feeds).where(and_(~_FEEDS.gone, due_by_now, is_free(t.feeds, now, lease)))
        longest_due = due.order_by(_FEEDS.next_due_at.is_not(None), _FEEDS.next_due_at, _FEEDS.name)

        def claim(connection: Connection) -> list[FeedState]:
            rows = connection.execute(longest_due.with_for_update(skip_locked=True))
            claimed = [_state_of(row) for row in rows if row.name in wanted][:limit]
            for chunk in chunks(state.name for state in claimed):
                statement = update(t.feeds).where(_FEEDS.name.in_(chunk))
                connection.execute(statement.values(claim_values(worker, now, lease)))
            return claimed

        return self._database.write_out_of_turn(claim)

    def record(self, state: FeedState, fetch: FetchRecord) -> None:
        """See ``pipeline.ports.FeedStore.record``."""
        values: dict[str, Any] = {name: getattr(state, name) for name in _PLAIN_COLUMNS}
        values |= {name: to_epoch_us(getattr(state, name)) for name in _TIME_COLUMNS}
        log_line = {
            "feed": fetch.feed,
            "at": to_epoch_us(fetch.at),
            "outcome": fetch.outcome,
            "http_status": fetch.http_status,
            "entries": fetch.entries,
            "new": fetch.new,
            "bytes": fetch.bytes,
            "seconds": fetch.seconds,
            "reason": fetch.reason,
        }

        def save(connection: Connection) -> None:
            connection.execute(update(t.feeds).where(_FEEDS.name == state.name).values(**values, **UNCLAIMED))
            connection.execute(insert(t.fetches), log_line)

        self._database.write_out_of_turn(save)

    def ask_again(self, names: Sequence[str]) -> None:
        """See ``pipeline.ports.FeedStore.ask_again``."""

        def make_due(connection: Connection) -> None:
            for chunk in chunks(sorted(names)):
                statement = update(t.feeds).where(_FEEDS.name.in_(chunk))
                connection.execute(statement.values(gone=False, next_due_at=None))

        self._database.write_out_of_turn(make_due)

    def fetches(self, name: str, limit: int = 20) -> list[FetchRecord]:
        """See ``pipeline.ports.FeedStore.fetches``."""
        fetches = t.fetches.c
        newest_first = select(t.fetches).where(fetches.feed == name).order_by(fetches.at.desc(), fetches.id.desc())
        with self._database.reading() as connection:
            return [_fetch_of(row) for row in connection.execute(newest_first.limit(limit))]


def _load_declared_urls(connection: Connection) -> dict[str, str | None]:
    """Feed -> the address that it was declared with, None for a drop folder."""
    rows = connection.execute(select(_FEEDS.name, _FEEDS.declared_url))
    return {row.name: row.declared_url for row in rows}


def _declare(connection: Connection, feeds: Sequence[Feed]) -> None:
    declared = _load_declared_urls(connection)
    new = [_fresh_columns(feed) | {"name": feed.name} for feed in feeds if feed.name not in declared]
    insert_new(connection, t.feeds, new)
    for feed in feeds:
        if feed.name in declared and declared[feed.name] != feed.url:
            connection.execute(update(t.feeds).where(_FEEDS.name == feed.name).values(**_fresh_columns(feed)))


def _fresh_columns(feed: Feed) -> dict[str, Any]:
    """A feed that was never fetched from its address."""
    return {
        "declared_url": feed.url,
        "url": feed.url,
        "etag": None,
        "last_modified": None,
        "body_hash": None,
        "next_due_at": None,
        "failures": 0,
        "gone": False,
    }


def _state_of(row: Row[Any]) -> FeedState:
    return FeedState(
        name=row.name,
        url=row.url,
        etag=row.etag,
        last_modified=row.last_modified,
        body_hash=row.body_hash,
        next_due_at=from_epoch_us(row.next_due_at),
        failures=row.failures,
        last_outcome=None if row.last_outcome is None else FetchOutcome(row.last_outcome),
        last_reason=row.last_reason,
        last_fetched_at=from_epoch_us(row.last_fetched_at),
        last_ok_at=from_epoch_us(row.last_ok_at),
        last_new_at=from_epoch_us(row.last_new_at),
        unconditional_at=from_epoch_us(row.unconditional_at),
        gone=row.gone,
    )


def _fetch_of(row: Row[Any]) -> FetchRecord:
    return FetchRecord(
        feed=row.feed,
        at=from_epoch_us(row.at),
        outcome=FetchOutcome(row.outcome),
        http_status=row.http_status,
        entries=row.entries,
        new=row.new,
        bytes=row.bytes,
        seconds=row.seconds,
        reason=row.reason,
    )
