"""A feed, its state and a client whose clock and names the tests choose."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from pipeline.fetch.http_client import HttpClient, Limits
from tests.servers.http import HttpServer, http_server

NOW = datetime(2018, 1, 15, 9, 30, tzinfo=UTC)


@dataclass
class FixedClock:
    """A clock that stands still."""

    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def client() -> HttpClient:
    return HttpClient(limits=Limits(seconds=20, read_timeout=10, bytes=100_000))


@pytest.fixture
def other_http() -> Iterator[HttpServer]:
    """A second server: another host to whoever compares addresses with ports."""
    with http_server() as server:
        yield server
