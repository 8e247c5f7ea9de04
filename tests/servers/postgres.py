"""A real PostgreSQL, private to the test process.

    with private_postgres() as server:          # initdb, start, wait until it answers
        url = server.create_database()          # postgresql+psycopg://...
        server.kill()                           # as a crash would
        server.restart()                        # same data, same port

A server starts in about a second, so every pytest-xdist worker has its own: simpler than counting who still needs a
shared one, and a fault test in one worker cannot disturb the others.
"""

import os
import re
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests.servers.daemon import Account, Daemon, ServerError, hand_over, private_folder, unprivileged_account
from tests.servers.logs import new_log
from tests.servers.loopback import HOST, free_port

READY_URL_VARIABLE = "WIREWATCH_TEST_POSTGRES_URL"
BINARIES_VARIABLE = "WIREWATCH_TEST_POSTGRES_BIN"
OLDEST_VERSION = 15
INSTALL = (
    "install PostgreSQL 15 or newer (Debian and Ubuntu: apt-get install postgresql; macOS: brew install postgresql@16) "
    f"or set {BINARIES_VARIABLE} to the folder with initdb and postgres, or {READY_URL_VARIABLE} to a ready server"
)

_SETTINGS = {
    # Nothing has to outlive this machine. Commits still wait for their log record to reach the system
    # (synchronous_commit stays on), so that killing the server loses nothing that it had confirmed.
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "max_connections": "100",
    "autovacuum_naptime": "10min",
    "unix_socket_directories": "",
    "listen_addresses": HOST,
    "log_min_messages": "warning",
}
_SUPERUSER = "wirewatch"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_ATTEMPTS = 3


class PostgresServer:
    """A PostgreSQL that answers; databases are made and dropped in it.

    Args:
        url: SQLAlchemy address of a database on it, as a user that may create databases.
    """

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql+psycopg")

    @property
    def url(self) -> str:
        """SQLAlchemy address of the maintenance database."""
        return self._url.render_as_string(hide_password=False)

    def create_database(self) -> str:
        """Make an empty database and return its SQLAlchemy address."""
        name = f"wirewatch_{secrets.token_hex(8)}"
        self._administer(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self._url.set(database=name).render_as_string(hide_password=False)

    def drop_database(self, url: str) -> None:
        """Drop the database at ``url``, ending the sessions that still use it."""
        name = make_url(url).database
        if name is None or not name.startswith("wirewatch_"):
            raise ServerError(f"database {name!r} was not made by create_database, so it is not dropped")
        self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _administer(self, statement: sql.Composed) -> None:
        with self._connect() as connection:
            connection.execute(statement)

    def _connect(self) -> psycopg.Connection:
        address = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(address, autocommit=True, connect_timeout=5)


class PrivatePostgres(PostgresServer):
    """A PostgreSQL of our own in a temporary folder, which may be stopped, killed, suspended and restarted.

    Args:
        binaries: folder with the program postgres.
        folder: holds the initialised ``data``.
        account: the user to run as, or None for the caller's.
        password: of the superuser wirewatch.
    """

    def __init__(self, binaries: Path, folder: Path, account: Account | None, password: str) -> None:
        port = free_port()
        super().__init__(URL.create("postgresql+psycopg", _SUPERUSER, password, HOST, port, "postgres"))
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        self._daemon = Daemon(
            "PostgreSQL",
            [str(binaries / "postgres"), "-D", str(folder / "data"), "-p", str(port), *settings],
            folder=folder,
            log=new_log("postgres"),
            account=account,
            environment={},
        )

    @property
    def running(self) -> bool:
        return self._daemon.running

    def start(self) -> None:
        """Start on the data there is, and wait until it takes connections.

        Raises:
            ServerError: it did not come up; the end of its log is in the message.
        """
        self._daemon.start()
        self._daemon.wait_ready(self._answers, seconds=_START_SECONDS)

    def stop(self) -> None:
        """Shut down in order; open sessions are ended."""
        self._daemon.stop(signal.SIGINT, seconds=_STOP_SECONDS)

    def kill(self) -> None:
        """End the server and all its sessions at once, as a crash would."""
        self._daemon.kill()

    def restart(self) -> None:
        """Stop if running, then start again on the same data and port."""
        if self.running:
            self.stop()
        self.start()

    def suspend(self) -> None:
        """Leave every connection open and answer nothing until ``resume``."""
        self._daemon.suspend()

    def resume(self) -> None:
        self._daemon.resume()

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def private_postgres() -> Iterator[PrivatePostgres]:
    """A PostgreSQL of the caller's own, started; gone with its data at the end.

    Raises:
        ServerError: PostgreSQL is not installed or does not start.
    """
    binaries = find_binaries()
    account = unprivileged_account("postgres", "nobody")
    folder = private_folder("postgres", account)
    try:
        password = secrets.token_urlsafe(12)
        _initialise(binaries, folder, account, password)
        server = _start_on_free_port(binaries, folder, account, password)
        try:
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres() -> Iterator[PostgresServer]:
    """The server at WIREWATCH_TEST_POSTGRES_URL where that is set, otherwise one of our own.

    Raises:
        ServerError: PostgreSQL is not installed or does not start.
    """
    ready = os.environ.get(READY_URL_VARIABLE)
    if ready:
        yield PostgresServer(make_url(ready))
        return
    with private_postgres() as server:
        yield server


def find_binaries() -> Path:
    """The folder with initdb and postgres, version 15 or newer.

    Looks at WIREWATCH_TEST_POSTGRES_BIN alone where that is set, otherwise along PATH, in Debian's and Red Hat's
    folders (newest first) and where pg_config points.

    Raises:
        ServerError: there is none; the message lists what was found and what to install.
    """
    rejected: list[str] = []
    for folder in _candidate_folders():
        if not (folder / "initdb").is_file() or not (folder / "postgres").is_file():
            continue
        version = _major_version(folder / "postgres")
        if version >= OLDEST_VERSION:
            return folder
        rejected.append(f"{folder} has version {version}")
    rejections = f" ({'; '.join(rejected)})" if rejected else ""
    raise ServerError(f"no PostgreSQL {OLDEST_VERSION} or newer found{rejections}: {INSTALL}")


def _candidate_folders() -> Iterator[Path]:
    chosen = os.environ.get(BINARIES_VARIABLE)
    if chosen:
        yield Path(chosen)
        return
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    packaged = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    yield from sorted(packaged, key=lambda folder: _number(folder.parent.name), reverse=True)
    pg_config = shutil.which("pg_config")
    if pg_config:
        done = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            yield Path(done.stdout.strip())


def _major_version(program: Path) -> int:
    done = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False)
    return _number(done.stdout)


def _number(text: str) -> int:
    digits = re.search(r"\d+", text)
    return int(digits.group()) if digits else 0


def _initialise(binaries: Path, folder: Path, account: Account | None, password: str) -> None:
    secret = folder / "password"
    secret.write_text(password, encoding="ascii")
    hand_over(folder, account)
    # Sorting by a language, as servers in production do, shows code that relies on SQLite's order by code point.
    command = [str(binaries / "initdb"), "-D", str(folder / "data"), f"--username={_SUPERUSER}"]
    command += ["--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US"]
    command += ["--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync", "--no-instructions"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=folder,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        check=False,
    )
    secret.unlink()
    if done.returncode != 0:
        raise ServerError(f"initdb from {binaries} failed: {done.stderr.strip() or done.stdout.strip()}")


def _start_on_free_port(binaries: Path, folder: Path, account: Account | None, password: str) -> PrivatePostgres:
    """Another process may take the port between its choice and its use, so a start gets a few tries."""
    for _ in range(_ATTEMPTS - 1):
        server = PrivatePostgres(binaries, folder, account, password)
        try:
            server.start()
        except ServerError as error:
            if "Address already in use" not in str(error):
                raise
        else:
            return server
    server = PrivatePostgres(binaries, folder, account, password)
    server.start()
    return server
