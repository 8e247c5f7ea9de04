"""The engines that the suite runs over. A new one is a line in ``ENGINES``."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from pipeline.index.embedded import open_embedded
from pipeline.ports import SearchIndex
from tests.index.stories import LIBRARY


class FixedClock:
    """Always the same time: what ``now`` means in the suite's queries."""

    def now(self) -> datetime:
        return datetime(2017, 11, 20, 12, 0, tzinfo=UTC)


@contextmanager
def embedded(request: pytest.FixtureRequest) -> Iterator[SearchIndex]:
    """tantivy in a folder of its own."""
    folders: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    engine = open_embedded(folders.mktemp("index"), FixedClock())
    yield engine
    engine.close()


ENGINES: Mapping[str, Callable[[pytest.FixtureRequest], AbstractContextManager[SearchIndex]]] = MappingProxyType(
    {"embedded": embedded}
)
"""A name -> a context manager that yields an empty index with ``FixedClock`` and removes it afterwards."""


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[SearchIndex]:
    """An empty index of a test's own."""
    with ENGINES[request.param](request) as engine:
        yield engine


@pytest.fixture(scope="module", params=ENGINES)
def library(request: pytest.FixtureRequest) -> Iterator[SearchIndex]:
    """An index with the library in it, written in two batches; for tests that only read."""
    with ENGINES[request.param](request) as engine:
        engine.write(LIBRARY[:6])
        engine.write(LIBRARY[6:])
        yield engine
