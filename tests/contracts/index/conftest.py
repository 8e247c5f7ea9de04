"""The engines that the suite runs over. A new one is a line in ``ENGINES``."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from types import MappingProxyType

import pytest
from _pytest.mark import ParameterSet

from pipeline.index.embedded import open_embedded
from pipeline.ports import SearchIndex
from tests.index.elastic.engines import MatchingBy, Monthly, elastic_engine
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


@contextmanager
def elasticsearch(request: pytest.FixtureRequest) -> Iterator[SearchIndex]:
    """Elasticsearch 8.16.1, or the server that the tests were given."""
    with elastic_engine(request.getfixturevalue("elasticsearch_server"), FixedClock()) as engine:
        yield Monthly(engine)


ENGINES: Mapping[str, Callable[[pytest.FixtureRequest], AbstractContextManager[SearchIndex]]] = MappingProxyType(
    {"embedded": embedded, "elasticsearch": elasticsearch}
)
"""A name -> a context manager that yields an empty index with ``FixedClock`` and removes it afterwards."""


@contextmanager
def percolator(request: pytest.FixtureRequest) -> Iterator[SearchIndex]:
    """Elasticsearch 7.17.8, which has a percolator but no vectors: it matches, the embedded engine does the rest."""
    with embedded(request) as rest, elastic_engine(request.getfixturevalue("percolator_server"), FixedClock()) as other:
        yield MatchingBy(other, rest)


def parameters(names: Iterable[str]) -> list[ParameterSet]:
    """The engines of these names, those that need an Elasticsearch in one worker."""
    one_worker = pytest.mark.xdist_group("elasticsearch")
    return [pytest.param(name, marks=[] if name == "embedded" else one_worker) for name in names]


@pytest.fixture(params=parameters(ENGINES))
def engine(request: pytest.FixtureRequest) -> Iterator[SearchIndex]:
    """An empty index of a test's own."""
    with ENGINES[request.param](request) as engine:
        yield engine


@pytest.fixture(scope="module", params=parameters(ENGINES))
def library(request: pytest.FixtureRequest) -> Iterator[SearchIndex]:
    """An index with the library in it, written in two batches; for tests that only read."""
    with ENGINES[request.param](request) as engine:
        engine.write(LIBRARY[:6])
        engine.write(LIBRARY[6:])
        yield engine
