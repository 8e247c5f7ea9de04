"""A place of its own for each test, and a clock that can be set."""

from collections.abc import Iterator

import pytest

from tests.index.elastic.engines import FixedClock, Site, site_on
from tests.servers.elasticsearch import ElasticsearchServer


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def site(elasticsearch_server: ElasticsearchServer) -> Iterator[Site]:
    with site_on(elasticsearch_server) as site:
        yield site
