"""Engines on the tests' servers, each under a prefix of its own, so that several may stand side by side."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from pipeline.index.documents import blanked
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
        return self._engine.write([self._dated(document) for document in documents])

    def rebuild(self, documents: Iterable[StoryDocument]) -> Iterator[WriteOutcome]:
        return self._engine.rebuild(self._dated(document) for document in documents)

    def _dated(self, document: StoryDocument) -> StoryDocument:
        time = document.published_at
        month = self._months.setdefault(document.lineage, f"{time:%Y.%m}" if time is not None else None)
        return replace(document, month=month)


class MatchingBy:
    """One engine that matches, and another one that does the rest."""

    def __init__(self, matcher: ElasticIndex, rest: SearchIndex) -> None:
        self._rest = rest
        self.match = matcher.match

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rest, name)


class Site:
    """A prefix on a server: a place that several engines, as those of several processes, have in common."""

    def __init__(self, server: ElasticsearchServer) -> None:
        self.server = server
        self.prefix = f"wire-test{next(_numbers)}"
        self._opened = list[ElasticIndex]()

    def open(self, clock: Clock | None = None, **options: Any) -> ElasticIndex:
        """An engine, closed with the site. options: ElasticIndex's own."""
        settings = options.pop("settings", None) or settings_of(self.server)
        engine = ElasticIndex(settings, clock or FixedClock(), self.prefix, **options)
        self._opened.append(engine)
        return engine

    def call(self, method: str, path: str, body: object = None) -> Any:
        """A request past the engine; ``{}`` in the path stands for the prefix."""
        return self.server.call(method, path.replace("{}", self.prefix), body)

    def indices(self) -> list[str]:
        """The names of all indices here, without the prefix."""
        rows = self.call("GET", "/_cat/indices/{}-*?format=json&h=index&expand_wildcards=all")
        return sorted(row["index"].removeprefix(f"{self.prefix}-") for row in rows)

    def documents(self) -> dict[int, tuple[int, str, str]]:
        """Every document that can be found: lineage -> revision, status, headline."""
        query = {"size": 10_000, "_source": ["lineage", "revision", "status", "headline"]}
        self.call("POST", "/{}-stories-all/_refresh")
        documents = [hit["_source"] for hit in self.call("POST", "/{}-stories-all/_search", query)["hits"]["hits"]]
        assert len({document["lineage"] for document in documents}) == len(documents), "a story is there twice"
        return {
            document["lineage"]: (document["revision"], document["status"], document.get("headline", ""))
            for document in documents
        }

    def close(self) -> None:
        """Close what was opened and remove everything."""
        for engine in self._opened:
            engine.close()
        self.server.clear(f"{self.prefix}-")


@contextmanager
def site_on(server: ElasticsearchServer) -> Iterator[Site]:
    """A place of its own on a server; gone afterwards."""
    site = Site(server)
    try:
        yield site
    finally:
        site.close()


def expected(stories: Iterable[StoryDocument]) -> dict[int, tuple[int, str, str]]:
    """What ``Site.documents`` gives once all of these are in, each in its newest revision."""
    newest = {story.lineage: story for story in sorted(stories, key=lambda story: story.revision)}
    return {lineage: (story.revision, str(story.status), blanked(story).headline) for lineage, story in newest.items()}


@contextmanager
def elastic_engine(server: ElasticsearchServer, clock: Clock) -> Iterator[ElasticIndex]:
    """An empty index on a server; gone afterwards."""
    with site_on(server) as site:
        yield site.open(clock)
