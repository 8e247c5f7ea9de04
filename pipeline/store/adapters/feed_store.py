"""What is remembered of each feed: the port ``FeedStore``."""

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

_f = t.feeds.c
_TIMES = ("next_due_at", "last_fetched_at", "last_ok_at", "last_new_at", "unconditional_at")
_PLAIN = ("url", "etag", "last_modified", "body_hash", "failures", "last_reason", "gone")


class SqlFeedStore:
    """See ``pipeline.ports.FeedStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def declare(self, feeds: Sequence[Feed]) -> None:
        """Make a state for each feed that has none. A feed whose declared address has changed starts afresh."""

        def work(connection: Connection) -> None:
            known = {row.name: row.declared_url for row in connection.execute(select(_f.name, _f.declared_url))}
            new = [feed for feed in feeds if feed.name not in known]
            insert_new(connection, t.feeds, [_fresh(feed) | {"name": feed.name} for feed in new])
            for feed in feeds:
                if feed.name in known and known[feed.name] != feed.url:
                    connection.execute(update(t.feeds).where(_f.name == feed.name).values(**_fresh(feed)))

        with self._database.reading() as connection:
            declared = {(row.name, row.declared_url) for row in connection.execute(select(_f.name, _f.declared_url))}
        if not declared.issuperset((feed.name, feed.url) for feed in feeds):
            self._database.write(work)

    def states(self) -> list[FeedState]:
        """Every feed's state, by name."""
        with self._database.reading() as connection:
            return [_state(row) for row in connection.execute(select(t.feeds).order_by(_f.name))]

    def claim_due(
        self, names: Sequence[str], worker: str, now: datetime, lease: timedelta, limit: int
    ) -> list[FeedState]:
        """Claim feeds of ``names`` that are due, those longest due first."""
        wanted = set(names)
        due_now = or_(_f.next_due_at.is_(None), _f.next_due_at <= to_epoch_us(now))
        due = and_(~_f.gone, due_now, is_free(t.feeds, now, lease))
        statement = select(t.feeds).where(due).order_by(_f.next_due_at.is_not(None), _f.next_due_at, _f.name)

        def work(connection: Connection) -> list[FeedState]:
            rows = connection.execute(statement.with_for_update(skip_locked=True))
            claimed = [_state(row) for row in rows if row.name in wanted][:limit]
            for some in chunks(state.name for state in claimed):
                claim = claim_values(worker, now, lease)
                connection.execute(update(t.feeds).where(_f.name.in_(some)).values(claim))
            return claimed

        return self._database.write(work, in_turn=False)

    def record(self, state: FeedState, fetch: FetchRecord) -> None:
        """Save the state that follows a fetch and its log line, and end the lease, in one transaction."""
        values = {name: getattr(state, name) for name in _PLAIN}
        values |= {name: to_epoch_us(getattr(state, name)) for name in _TIMES}
        values |= {"last_outcome": state.last_outcome, **UNCLAIMED}
        line = {
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

        def work(connection: Connection) -> None:
            connection.execute(update(t.feeds).where(_f.name == state.name).values(**values))
            connection.execute(insert(t.fetches), line)

        self._database.write(work, in_turn=False)

    def ask_again(self, names: Sequence[str]) -> None:
        """Make these feeds due, also those that have gone."""

        def work(connection: Connection) -> None:
            for some in chunks(sorted(names)):
                due = update(t.feeds).where(_f.name.in_(some))
                connection.execute(due.values(gone=False, next_due_at=None))

        self._database.write(work, in_turn=False)

    def fetches(self, name: str, limit: int = 20) -> list[FetchRecord]:
        """The feed's latest fetches, newest first."""
        c = t.fetches.c
        statement = select(t.fetches).where(c.feed == name).order_by(c.at.desc(), c.id.desc()).limit(limit)
        with self._database.reading() as connection:
            return [
                FetchRecord(
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
                for row in connection.execute(statement)
            ]


def _fresh(feed: Feed) -> dict[str, Any]:
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


def _state(row: Row[Any]) -> FeedState:
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
