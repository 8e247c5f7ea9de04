"""Connections and transactions on either database, and what their failures mean.

SQLite runs in WAL mode: readers never wait, writers take turns by BEGIN IMMEDIATE under a busy timeout. PostgreSQL's
writers that decide about stories take turns too, on one advisory lock: a decision about lineage or copies must see
every other one, and taking turns rules deadlocks out. Claims do not queue there: they take what is free by SKIP LOCKED.
"""

import os
import sqlite3
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pipeline.errors import SettingsError, StoreUnavailable

T = TypeVar("T")
P = ParamSpec("P")

WRITER_LOCK = 0x57495245  # advisory lock keys: any constants that nothing else in the database uses
MIGRATION_LOCK = 0x57495246
_ATTEMPTS = 4
_IDLE_IN_TRANSACTION = "60s"  # no model runs inside a transaction: whoever is silent for so long has died
_LIMITS = text(
    "SELECT set_config('lock_timeout', :wait, true), set_config('idle_in_transaction_session_timeout', :idle, true)"
)
_DEADLOCK_OR_SERIALIZATION = {"40P01", "40001"}


class Database:
    """One store's connections."""

    def __init__(self, url: str, busy_seconds: float = 30.0) -> None:
        """Prepare connections; none is made yet.

        Args:
            url: ``sqlite:////folder/file.db`` or ``postgresql+psycopg://user@host/name``.
            busy_seconds: How long a writer waits for its turn.

        Raises:
            SettingsError: The URL names no database that the store runs on.
        """
        self.url = _parse_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.name = self.url.database if self.is_sqlite else self.url.render_as_string(hide_password=True)
        self._busy_seconds = busy_seconds
        self._watch: sqlite3.Connection | None = None
        self.engine = self._sqlite_engine() if self.is_sqlite else self._postgresql_engine()
        forget_inherited = weakref.WeakMethod(self._forget_inherited)
        os.register_at_fork(after_in_child=lambda: (call := forget_inherited()) and call())

    def _forget_inherited(self) -> None:
        """A forked child must not speak on its parent's connections, nor close them."""
        self.engine.dispose(close=False)
        self._watch = None

    def _sqlite_engine(self) -> Engine:
        engine = create_engine(self.url, connect_args={"timeout": self._busy_seconds, "check_same_thread": False})
        seconds = self._busy_seconds

        @event.listens_for(engine, "connect")
        def set_up(connection: sqlite3.Connection, _record: object) -> None:
            connection.isolation_level = None  # transactions are begun below, not by the driver
            _switch_to_wal(connection, seconds)
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA cache_size=-32768")
            connection.execute("PRAGMA temp_store=MEMORY")
            connection.execute("PRAGMA wal_autocheckpoint=4000")

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            writes = connection.get_execution_options().get("writes", False)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

        return engine

    def _postgresql_engine(self) -> Engine:
        return create_engine(
            self.url,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": 10,
                "application_name": "wirewatch",
                "keepalives_idle": 30,
                "keepalives_interval": 10,
                "keepalives_count": 3,
            },
        )

    # ----------------------------------------------------------------------- transactions

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that reads from one snapshot of the store, so that all that it reads fits together."""
        options: dict[str, Any] = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self.explained(), self.engine.connect().execution_options(**options) as connection:
            yield connection

    def change_token(self) -> str:
        """A token of what is committed. While it stays the same, nothing was committed. It costs next to nothing.

        SQLite tells a connection of the commits of other connections, and the one that is asked here never writes. On
        PostgreSQL equal snapshots see the same transactions.
        """
        if self.is_sqlite:
            with self.explained():
                if self._watch is None:
                    self._watch = sqlite3.connect(str(self.url.database), check_same_thread=False)
                return f"{os.getpid()}/{self._watch.execute('PRAGMA data_version').fetchone()[0]}"
        with self.reading() as connection:
            return str(connection.execute(text("SELECT pg_current_snapshot()::text")).scalar_one())

    def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work`` in a transaction once it is this writer's turn, and return what it returns.

        Everything that decides about stories is written in turn: PostgreSQL's writers wait for each other here.

        Args:
            work: Called with the connection and the further arguments. It is called again if the database breaks a tie.
            args: Its further arguments.
            kwargs: Its further arguments by name.

        Raises:
            StoreUnavailable: The database cannot be used; the message says what to do.
        """
        return self._write(True, work, *args, **kwargs)

    def write_out_of_turn(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As ``write``, but without waiting for other writers: for claims and logs, which decide nothing of stories."""
        return self._write(False, work, *args, **kwargs)

    def _write(
        self, in_turn: bool, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        for attempt in range(_ATTEMPTS):
            try:
                with self.explained(last=attempt == _ATTEMPTS - 1), self._writing() as connection:
                    if not self.is_sqlite:
                        self._begin_on_postgresql(connection, in_turn)
                    return work(connection, *args, **kwargs)
            except _GivesWay:
                time.sleep(0.05 * 2**attempt)
        raise AssertionError("the last attempt either returns or raises")

    def _begin_on_postgresql(self, connection: Connection, in_turn: bool) -> None:
        """Bound how long this transaction waits for others, and how long others wait for it if its client has died."""
        limits = {"wait": f"{round(self._busy_seconds * 1000)}ms", "idle": _IDLE_IN_TRANSACTION}
        connection.execute(_LIMITS, limits)
        if in_turn:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def explained(self, last: bool = True) -> Iterator[None]:
        """Turn the driver's errors into ours.

        Args:
            last: Whether no further attempt follows.

        Raises:
            StoreUnavailable: The database cannot be used; the message says what to do.
        """
        try:
            yield
        except PoolTimeout as error:
            raise StoreUnavailable(
                f"the store {self.name} has no free connection: too many threads share it"
            ) from error
        except DBAPIError as error:
            if not last and getattr(error.orig, "sqlstate", None) in _DEADLOCK_OR_SERIALIZATION:
                raise _GivesWay from error
            raise StoreUnavailable(self._explain(error)) from error
        except sqlite3.Error as error:
            raise StoreUnavailable(self._explain_sqlite(str(error))) from error

    def _explain(self, error: DBAPIError) -> str:
        reason = str(error.orig).strip() or type(error.orig).__name__
        return self._explain_sqlite(reason) if self.is_sqlite else self._explain_postgresql(reason, error)

    def _explain_sqlite(self, reason: str) -> str:
        lower = reason.lower()
        advice = next((advice for sign, advice in _SQLITE_ADVICE if sign in lower), "see the reason given")
        return f"the store {self.name} cannot be used: {reason}; {advice}"

    def _explain_postgresql(self, reason: str, error: DBAPIError) -> str:
        state = getattr(error.orig, "sqlstate", None)
        signs = _REFUSALS if state is None else _POSTGRESQL_ADVICE
        fitting = (advice for sign, advice in signs if (sign in reason if state is None else state.startswith(sign)))
        advice = next(fitting, _NO_SERVER if state is None else "see the reason given")
        return f"the store {self.name} cannot be used: {reason}; {advice}"

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        if self._watch is not None:
            self._watch.close()
            self._watch = None


class _GivesWay(Exception):
    """The database chose this transaction to give way."""


_BUSY = "another process has been writing for long: wait for it, or stop it, and run again"

_SQLITE_ADVICE = (
    ("locked", _BUSY),
    ("disk is full", "free some space on its disk and run again; nothing is lost"),
    ("readonly", "make the file and its folder writable for this user, or set WIREWATCH_HOME to a folder that is"),
    ("unable to open", "make its folder writable for this user, or set WIREWATCH_HOME to a folder that is"),
    ("not a database", "this file is something else: move it away, or name another one in WIREWATCH_DATABASE_URL"),
    ("malformed", "the file is damaged: restore it from a copy, or move it away and import again"),
    ("disk i/o", "its disk reports errors or the file was removed: check the disk and run again"),
)

_NO_SERVER = "check that the server runs and that WIREWATCH_DATABASE_URL names it, and run again"
_NO_DATABASE = "this database does not exist: create it (createdb) and run again"
_WRONG_USER = "the user or password is refused: check WIREWATCH_DATABASE_URL"

# A server that refuses a connection says so only in words.
_REFUSALS = (
    ('role "', _WRONG_USER),
    ("does not exist", _NO_DATABASE),
    ("authentication failed", _WRONG_USER),
    ("no pg_hba.conf entry", _WRONG_USER),
    ("too many clients", "the server has no free connection: raise max_connections or run fewer workers"),
)

_POSTGRESQL_ADVICE = (
    ("53100", "the server's disk is full: free some space and run again; nothing is lost"),
    ("53300", "the server has no free connection: raise max_connections or run fewer workers"),
    ("28", _WRONG_USER),
    ("3D000", _NO_DATABASE),
    ("42501", "the user lacks rights there: grant it the database's schema"),
    ("25006", "the server accepts no writes (a standby?): name the primary in WIREWATCH_DATABASE_URL"),
    ("55P03", _BUSY),
    ("57P", "the server is stopping or starting: run again when it is up"),
    ("08", "the connection broke: run again when the server is up"),
)


def _parse_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise SettingsError(
            "this is no database URL; write sqlite:////folder/file.db or postgresql+psycopg://user@host/name"
        ) from error
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise SettingsError(f"the store does not run on {parsed.drivername!r}: use sqlite or postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise SettingsError("the store needs a file: sqlite:////folder/file.db")
    return parsed


def _switch_to_wal(connection: sqlite3.Connection, seconds: float) -> None:
    """Switch to write-ahead logging. Two processes that create the store together may collide here without waiting."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
