"""The servers as fixtures; tests/conftest.py loads this module as a plugin.

| fixture                  | scope    | what                                                                          |
|--------------------------|----------|-------------------------------------------------------------------------------|
| postgres_server          | session  | a PostgreSQL, or the one at WIREWATCH_TEST_POSTGRES_URL                       |
| postgres_url             | function | a new empty database on it                                                    |
| private_postgres_server  | function | a PostgreSQL to kill, stop and restart                                        |
| elasticsearch_server     | session  | Elasticsearch 8.16.1 without security, or WIREWATCH_TEST_ELASTICSEARCH_URL    |
| percolator_server        | session  | Elasticsearch 7.17.8 with the percolator                                      |
| secured_elasticsearch    | session  | Elasticsearch 8.16.1 with accounts and API keys                               |
| tls_elasticsearch        | session  | the same, over TLS with a private CA                                          |
| private_elasticsearch    | module   | Elasticsearch 8.16.1 to kill, suspend and restart                             |
| smtp                     | function | an SMTP server that can be told to fail                                       |
| http                     | function | an HTTP server with programmable routes                                       |

Session fixtures live once in every pytest-xdist worker. A PostgreSQL is cheap; tests that ask for an Elasticsearch are
kept together in one worker (--dist loadgroup), so that each kind of node starts once. A test that asks for it by
``request.getfixturevalue`` puts ``pytest.mark.xdist_group("elasticsearch")`` on itself.
"""

import os
from collections.abc import Callable, Iterator

import pytest

from tests.servers import elasticsearch as elasticsearch_module
from tests.servers import postgres as postgres_module
from tests.servers.archives import ELASTICSEARCH_7, ELASTICSEARCH_8, Release, is_installed
from tests.servers.daemon import ServerError
from tests.servers.elasticsearch import (
    ElasticsearchNode,
    ElasticsearchServer,
    elasticsearch,
    elasticsearch_node,
)
from tests.servers.http import HttpServer, http_server
from tests.servers.java import find_java
from tests.servers.node_folder import Security
from tests.servers.postgres import PostgresServer, PrivatePostgres, postgres, private_postgres
from tests.servers.smtp import SmtpServer, smtp_server

_ELASTICSEARCH = {
    "elasticsearch_server",
    "percolator_server",
    "secured_elasticsearch",
    "tls_elasticsearch",
    "private_elasticsearch",
}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "xdist_group(name): tests of one group run in the same pytest-xdist worker")


def pytest_itemcollected(item: pytest.Item) -> None:
    """As early as this: pytest-xdist is the first to read the marks once all tests are collected."""
    if isinstance(item, pytest.Function) and not _ELASTICSEARCH.isdisjoint(item.fixturenames):
        item.add_marker(pytest.mark.xdist_group("elasticsearch"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    url = postgres_server.create_database()
    yield url
    postgres_server.drop_database(url)


def _skip_unless(url_variable: str, find: Callable[[], object]) -> None:
    """Skip a test that starts a server of its own, where an address is given and the server's programs are missing."""
    if os.environ.get(url_variable):
        try:
            find()
        except ServerError as error:
            pytest.skip(f"it starts a server of its own: {error}")


def _find_elasticsearch(release: Release) -> None:
    find_java()
    if not is_installed(release):
        raise ServerError(f"Elasticsearch {release.version} is not in the cache")


@pytest.fixture
def private_postgres_server() -> Iterator[PrivatePostgres]:
    _skip_unless(postgres_module.READY_URL_VARIABLE, postgres_module.find_binaries)
    with private_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def elasticsearch_server() -> Iterator[ElasticsearchServer]:
    with elasticsearch(ELASTICSEARCH_8) as server:
        yield server


@pytest.fixture(scope="session")
def percolator_server() -> Iterator[ElasticsearchNode]:
    _skip_unless(elasticsearch_module.READY_URL_VARIABLE, lambda: _find_elasticsearch(ELASTICSEARCH_7))
    with elasticsearch_node(ELASTICSEARCH_7) as node:
        yield node


@pytest.fixture(scope="session")
def secured_elasticsearch() -> Iterator[ElasticsearchNode]:
    _skip_unless(elasticsearch_module.READY_URL_VARIABLE, lambda: _find_elasticsearch(ELASTICSEARCH_8))
    with elasticsearch_node(ELASTICSEARCH_8, security=Security.ACCOUNTS) as node:
        yield node


@pytest.fixture(scope="session")
def tls_elasticsearch() -> Iterator[ElasticsearchNode]:
    _skip_unless(elasticsearch_module.READY_URL_VARIABLE, lambda: _find_elasticsearch(ELASTICSEARCH_8))
    with elasticsearch_node(ELASTICSEARCH_8, security=Security.TLS) as node:
        yield node


@pytest.fixture(scope="module")
def private_elasticsearch() -> Iterator[ElasticsearchNode]:
    _skip_unless(elasticsearch_module.READY_URL_VARIABLE, lambda: _find_elasticsearch(ELASTICSEARCH_8))
    with elasticsearch_node(ELASTICSEARCH_8) as node:
        yield node


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def http() -> Iterator[HttpServer]:
    with http_server() as server:
        yield server
