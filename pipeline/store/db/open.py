"""Opening a store: its folder and tables are made, or brought up to date, by whoever comes first."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from pipeline.errors import StoreUnavailable
from pipeline.ports import Clock
from pipeline.store.db.database import MIGRATION_LOCK, Database
from pipeline.store.store import SqlStore

HEAD = "0001"  # the newest step in migrations/versions; known here so that a store up to date opens without alembic


def open_store(url: str, clock: Clock, busy_seconds: float = 30.0) -> SqlStore:
    """Open the store at ``url`` (``sqlite:////folder/file.db`` or ``postgresql+psycopg://user@host/name``).

    Creates it where there is none and migrates an older one, under a lock, so that any number of processes may open it
    at once. busy_seconds: how long a writer waits for others.
    Raises StoreUnavailable with what to do, and SettingsError for a URL that names no store.
    """
    database = Database(url, busy_seconds)
    try:
        if database.is_sqlite:
            _make_folder(Path(str(database.url.database)))
        with database.reading() as connection:
            revision = _revision(connection)
        if revision != HEAD:
            database.write(lambda connection: _migrate(connection, database), in_turn=False)
    except BaseException:
        database.close()
        raise
    return SqlStore(database, clock)


def _make_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(
            f"the store's folder {file.parent} cannot be made: {error.strerror}; "
            "set WIREWATCH_HOME to a folder that this user may write to"
        ) from error


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def _migrate(connection: Connection, database: Database) -> None:
    """Run the missing steps in this transaction. SQLite's write lock is already held; PostgreSQL has one for this."""
    if not database.is_sqlite:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    if _revision(connection) == HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreUnavailable(
            f"the store {database.name} was made by a newer Wirewatch ({error}): install that version or a later one"
        ) from error
