"""Opening a database: its folder and its tables are made, or brought up to date, by whoever comes first."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from pipeline.errors import StoreUnavailable
from pipeline.store.db.database import MIGRATION_LOCK, Database

MIGRATIONS = Path(__file__).with_name("migrations")


def newest_revision() -> str:
    """The newest step in ``migrations/versions``: "0002" for ``v0002_some_words.py``.

    It is read from the file names, so that a database that is up to date opens without loading Alembic.
    """
    newest = max(path.name for path in (MIGRATIONS / "versions").glob("v*.py"))
    return newest.removeprefix("v").partition("_")[0]


def open_database(url: str, busy_seconds: float) -> Database:
    """Open the database at ``url``; make it, or bring it up to date, under a lock.

    Args:
        url: ``sqlite:////folder/file.db`` or ``postgresql+psycopg://user@host/name``.
        busy_seconds: How long a writer waits for others.

    Raises:
        StoreUnavailable: The database cannot be used; the message says what to do.
        SettingsError: The URL names no database that the store runs on.
    """
    database = Database(url, busy_seconds)
    try:
        if database.is_sqlite:
            _make_folder(Path(str(database.url.database)))
        with database.reading() as connection:
            revision = _revision(connection)
        if revision != newest_revision():
            database.write_out_of_turn(_migrate, database)
    except BaseException:
        database.close()
        raise
    return database


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
    if _revision(connection) == newest_revision():
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreUnavailable(
            f"the store {database.name} was made by a newer Wirewatch ({error}): install that version or a later one"
        ) from error
