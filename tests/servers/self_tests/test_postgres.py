"""PostgreSQL for the tests: databases of one's own, crashes that lose nothing confirmed, what is said without it."""

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.servers.daemon import ServerError
from tests.servers.postgres import (
    BINARIES_VARIABLE,
    READY_URL_VARIABLE,
    PostgresServer,
    PrivatePostgres,
    find_binaries,
    postgres,
)


def connect(url: str, *, seconds: int = 30) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), connect_timeout=seconds)


def test_the_url_serves_sqlalchemy_and_the_server_is_new_enough(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        assert int(connection.execute(text("SHOW server_version_num")).scalar_one()) >= 150_000
    engine.dispose()


def test_every_database_is_empty_and_its_own(postgres_server: PostgresServer) -> None:
    first, second = postgres_server.create_database(), postgres_server.create_database()
    with connect(first) as connection:
        connection.execute("CREATE TABLE stories (id int)")
    with connect(second) as connection:
        assert connection.execute("SELECT to_regclass('stories')").fetchone() == (None,)
    postgres_server.drop_database(first)
    postgres_server.drop_database(second)


def test_dropping_ends_the_sessions_of_a_database(postgres_server: PostgresServer) -> None:
    url = postgres_server.create_database()
    connection = connect(url)
    postgres_server.drop_database(url)
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    connection.close()


def test_only_databases_made_here_are_dropped(postgres_server: PostgresServer) -> None:
    with pytest.raises(ServerError, match="'postgres' was not made by create_database"):
        postgres_server.drop_database(postgres_server.url)


def test_a_crash_keeps_what_was_confirmed_and_nothing_else(private_postgres_server: PrivatePostgres) -> None:
    server = private_postgres_server
    url = server.create_database()
    connection = connect(url)
    connection.execute("CREATE TABLE stories (id int)")
    connection.execute("INSERT INTO stories VALUES (1)")
    connection.commit()
    connection.execute("INSERT INTO stories VALUES (2)")

    server.kill()
    assert not server.running
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    connection.close()
    with pytest.raises(psycopg.OperationalError):
        connect(url)

    server.restart()
    with connect(url) as again:
        assert again.execute("SELECT id FROM stories").fetchall() == [(1,)]


def test_stopped_and_started_it_is_found_where_it_was(private_postgres_server: PrivatePostgres) -> None:
    url = private_postgres_server.create_database()
    private_postgres_server.stop()
    assert not private_postgres_server.running
    private_postgres_server.start()
    connect(url).close()


def test_suspended_it_answers_nobody(private_postgres_server: PrivatePostgres) -> None:
    url = private_postgres_server.url
    private_postgres_server.suspend()
    with pytest.raises(psycopg.errors.ConnectionTimeout):
        connect(url, seconds=2)
    private_postgres_server.resume()
    connect(url).close()


def test_a_ready_server_is_used_as_it_is(postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = make_url(postgres_server.url).set(drivername="postgresql").render_as_string(hide_password=False)
    monkeypatch.setenv(READY_URL_VARIABLE, bare)
    monkeypatch.setenv(BINARIES_VARIABLE, "nowhere")
    with postgres() as server:
        assert server.url == postgres_server.url
        server.drop_database(server.create_database())


def test_without_postgresql_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(BINARIES_VARIABLE, str(tmp_path))
    with pytest.raises(ServerError, match="apt-get install postgresql"):
        find_binaries()


def test_an_old_postgresql_is_named_and_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for program in ("initdb", "postgres"):
        (tmp_path / program).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 13.4'\n")
        (tmp_path / program).chmod(0o755)
    monkeypatch.setenv(BINARIES_VARIABLE, str(tmp_path))
    with pytest.raises(ServerError, match=f"{tmp_path} has version 13"):
        find_binaries()
