"""Engines on the tests' servers, each under a prefix of its own, so that several may stand side by side."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from pipeline.index.elastic.engine import ElasticIndex
from pipeline.models import StoryDocument, WriteOutcome
from pipeline.ports import Clock, SearchIndex
from pipeline.settings import ElasticsearchSettings
from tests.servers.elasticsearch import ElasticsearchServer

_numbers = count(1)


class FixedClock:
    """Always the same time, unless it is set."""

    def __init__(self, time: datetime = datetime(2017, 11, 20, 12, 0, tzinfo=UTC)) -> None:
        self.time = time

    def now(self) -> datetime:
        return self.time


class Pauses:
    """Waits for nothing and notes how long it should have."""

    def __init__(self) -> None:
        self.taken = list[float]()

    def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


def settings_of(server: ElasticsearchServer, **changes: Any) -> ElasticsearchSettings:
    """How to reach a server as its superuser."""
    parts = urlsplit(server.url)
    user = "" if server.password is None else f"{quote(server.user)}:{quote(server.password)}@"
    url = urlunsplit(parts._replace(netloc=user + parts.netloc))
    return ElasticsearchSettings(**{"url": url, "ca": server.authority_file, **changes})


class Monthly:
    """An engine whose documents have the month that the store would have given them: that of their first date."""

    def __init__(self, engine: ElasticIndex) -> None:
        self._engine = engine
        self._months = dict[int, str | None]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def write(self, documents: Sequence[StoryDocument]) -> list[WriteOutcome]:
        return self._engine.write([self._dated(one) for one in documents])

    def rebuild(self, documents: Iterable[StoryDocument]) -> Iterator[WriteOutcome]:
        return self._engine.rebuild(self._dated(one) for one in documents)

    def _dated(self, one: StoryDocument) -> StoryDocument:
        time = one.published_at
        month = self._months.setdefault(one.lineage, f"{time:%Y.%m}" if time is not None else None)
        return replace(one, month=month)


class MatchingBy:
    """One engine that matches, and another one that does the rest."""

    def __init__(self, matcher: ElasticIndex, rest: SearchIndex) -> None:
        self._rest = rest
        self.match = matcher.match

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rest, name)


@contextmanager
def elastic_engine(server: ElasticsearchServer, clock: Clock, **options: Any) -> Iterator[ElasticIndex]:
    """An empty index on a server; gone afterwards. options: for the engine (settings, pause)."""
    prefix = f"wire-test{next(_numbers)}"
    settings = options.pop("settings", None) or settings_of(server)
    engine = ElasticIndex(settings, clock, prefix, **options)
    try:
        yield engine
    finally:
        engine.close()
        server.clear(f"{prefix}-")
