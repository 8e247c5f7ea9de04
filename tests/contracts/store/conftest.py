"""The adapters that a port's contract suite runs over."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from pipeline.ports import Store
from pipeline.store import open_store
from pipeline.store.db.columns import metadata
from tests.servers.postgres import PostgresServer
from tests.store.opened_stores import SetClock, SqliteStores, opened
from tests.store.stage_runner import StageRunner

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def sqlite_stores(tmp_path_factory: pytest.TempPathFactory) -> SqliteStores:
    return SqliteStores(tmp_path_factory.mktemp("stores"))


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: PostgresServer) -> Iterator[str]:
    url = postgres_server.create_database()
    open_store(url, SetClock()).close()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(params=DATABASES)
def store_url(request: pytest.FixtureRequest) -> str:
    """An empty store's address, on each database in turn."""
    if request.param == "sqlite":
        stores: SqliteStores = request.getfixturevalue("sqlite_stores")
        return stores.fresh()
    url: str = request.getfixturevalue("migrated_postgres")
    engine = create_engine(url)
    with engine.begin() as connection:
        names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables if table.name != "counters")
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
        connection.execute(text("UPDATE counters SET value = 0"))
    engine.dispose()
    return url


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def store(store_url: str, clock: SetClock) -> Iterator[Store]:
    with opened(store_url, clock) as store:
        yield store


@pytest.fixture
def runner(store: Store) -> StageRunner:
    return StageRunner(store)
