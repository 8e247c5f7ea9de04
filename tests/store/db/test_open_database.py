"""Opening a store: where it cannot be, the error says what to do; schemas are brought up to date."""

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Engine, create_engine, event, func, make_url, select, text

from pipeline.errors import SettingsError, StoreUnavailable
from pipeline.models import Stage
from pipeline.store import open_store
from pipeline.store.db.columns import metadata
from pipeline.store.db.database import WRITER_LOCK
from pipeline.store.db.open_database import MIGRATIONS, newest_revision
from tests.servers.postgres import PostgresServer, PrivatePostgres
from tests.store.builders import IMPORT, LEASE, NOW, story
from tests.store.opened_stores import SetClock, opened
from tests.store.stage_runner import StageRunner
from tests.store.worker_process import Workers, add_as_nobody

# --------------------------------------------------------------------------- the schema


def test_the_head_known_to_the_opener_is_the_newest_step() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [newest_revision()]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_steps_make_the_tables_that_the_code_uses(
    database: str, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}" if database == "sqlite" else postgres_server.create_database()
    open_store(url, SetClock()).close()
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == newest_revision()
    engine.dispose()


def test_a_store_up_to_date_opens_without_the_migration_tool(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    open_store(url, SetClock()).close()
    code = (
        "import sys; from pipeline.store import open_store; from tests.store.opened_stores import SetClock;"
        f"open_store({url!r}, SetClock()).close(); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    open_store(url, SetClock()).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreUnavailable, match="newer Wirewatch"):
        open_store(url, SetClock())


def test_the_folder_is_made(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b%41 c?d#e" / "store.db"
    open_store(URL.create("sqlite", database=str(file)).render_as_string(), SetClock()).close()
    assert file.exists()


# --------------------------------------------------------------------------- where it cannot be


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("not a url", "this is no database URL"),
        ("mysql://host/name", "sqlite or postgresql"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
    ],
)
def test_a_url_that_names_no_store_is_a_wrong_setting(url: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        open_store(url, SetClock())


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match=r"folder .* cannot be made.*WIREWATCH_HOME"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'store.db'}", SetClock())


def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"unable to open.*WIREWATCH_HOME"):
        open_store(f"sqlite:///{tmp_path}", SetClock())


def test_a_file_that_is_something_else(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("not a database " * 1000)
    with pytest.raises(StoreUnavailable, match=r"not a database.*move it away"):
        open_store(f"sqlite:///{tmp_path / 'store.db'}", SetClock())


def as_nobody(url: str) -> str:
    """What a user without rights gets to read."""
    ((answer,),) = Workers(add_as_nobody, url, [""]).let_loose().finish()
    return answer


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that another user can reach."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


def test_a_folder_that_may_not_be_written(public_folder: Path) -> None:
    public_folder.chmod(0o555)
    answer = as_nobody(f"sqlite:///{public_folder / 'store.db'}")
    assert "unable to open" in answer
    assert "WIREWATCH_HOME" in answer


def test_a_store_that_may_not_be_written(public_folder: Path) -> None:
    file = public_folder / "store.db"
    open_store(f"sqlite:///{file}", SetClock()).close()
    file.chmod(0o444)
    public_folder.chmod(0o555)
    answer = as_nobody(f"sqlite:///{file}")
    assert "writable" in answer


def _fill(runner: StageRunner) -> None:
    for number in range(100):
        runner.add(story(f"s{number}", body=f"{number} words " * 10_000))


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """SQLite's own limit on a file's pages fails as a full disk does, and at the same places."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with opened(url) as store:
        StageRunner(store).add(story("kept"))

    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA max_page_count = 120")

    event.listen(Engine, "connect", limit)
    try:
        with opened(url) as store, pytest.raises(StoreUnavailable, match=r"disk is full.*free some.*nothing is lost"):
            _fill(StageRunner(store))
    finally:
        event.remove(Engine, "connect", limit)
    with opened(url) as store:
        runner = StageRunner(store)
        stored = len(runner.export())
        runner.add(*(story(f"s{number}", body=f"{number} words " * 100) for number in range(100)))
        assert 0 < stored < 100 < len(runner.export())


def test_a_writer_that_never_ends_is_named(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    store = open_store(f"sqlite:///{file}", SetClock(), busy_seconds=0.05)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match=r"locked.*another process"):
        store.stories.add([story()], IMPORT)
    assert store.feeds.states() == []  # readers never wait
    other.execute("ROLLBACK")
    assert store.stories.add([story()], IMPORT)
    other.close()
    store.close()


# --------------------------------------------------------------------------- PostgreSQL


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(StoreUnavailable, match="WIREWATCH_DATABASE_URL"):
        open_store("postgresql+psycopg://nobody@127.0.0.1:1/none", SetClock())


def test_the_plain_scheme_and_what_is_wrong_with_an_address(postgres_server: PostgresServer) -> None:
    url = make_url(postgres_server.create_database())
    open_store(url.set(drivername="postgresql").render_as_string(hide_password=False), SetClock()).close()
    for wrong, says in ((url.set(database="none"), "createdb"), (url.set(username="nobody"), "user or password")):
        with pytest.raises(StoreUnavailable, match=says) as failure:
            open_store(wrong.render_as_string(hide_password=False), SetClock())
        assert url.password is not None
        assert url.password not in str(failure.value)


def test_a_writer_on_the_server_that_never_ends_is_named(postgres_server: PostgresServer) -> None:
    url = postgres_server.create_database()
    store = open_store(url, SetClock(), busy_seconds=0.05)
    engine = create_engine(url)
    with engine.connect() as other:
        other.execute(select(func.pg_advisory_xact_lock(WRITER_LOCK)))
        with pytest.raises(StoreUnavailable, match="another process"):
            store.stories.add([story()], IMPORT)
        assert store.feeds.states() == []
        assert store.work.claim(Stage.ENRICH, "worker", NOW, LEASE, 1) == []  # claims do not queue behind writers
    assert store.stories.add([story()], IMPORT)
    engine.dispose()
    store.close()


def test_a_server_that_dies_is_used_again_when_it_is_back(private_postgres_server: PrivatePostgres) -> None:
    url = private_postgres_server.create_database()
    with opened(url) as store:
        runner = StageRunner(store)
        runner.add(story("a"))
        private_postgres_server.kill()
        with pytest.raises(StoreUnavailable, match="run again"):
            runner.add(story("b"))
        with pytest.raises(StoreUnavailable):
            runner.export()
        private_postgres_server.restart()
        runner.add(story("b"))
        assert [row["uri"] for row in runner.export()] == ["a", "b"]


# --------------------------------------------------------------------------- forks


def test_a_forked_child_leaves_its_parent_s_connections_alone(postgres_server: PostgresServer) -> None:
    with opened(postgres_server.create_database()) as store:
        runner = StageRunner(store)
        runner.add(story("a"))
        child = os.fork()
        if child == 0:
            runner.add(story("b"))
            store.close()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert [row["uri"] for row in runner.export()] == ["a", "b"]
