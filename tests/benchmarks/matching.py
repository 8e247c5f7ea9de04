"""Stored queries held against batches of 100 stories, beside one search a subscription on the same engine, in one run.

    python -m tests.benchmarks.matching [embedded] [elasticsearch] [percolator]

The embedded engine, Elasticsearch 8 without a percolator (batch queries), Elasticsearch 7.17 with one; a node is
started for each. A subscription's own search asks an index, which holds other stories too, for what came with the
batch; on the percolator's cluster, whose release knows no vectors, the bare client asks an index without them. Cold is
the first batch of a process, with every query still to be read and, in the percolator, to be stored; warm is the median
of the batches after it. The matches of the last batch are checked against the searches' finds.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from elasticsearch import Elasticsearch

from pipeline.index.elastic.engine import ElasticIndex
from pipeline.index.elastic.mapping import analysis, properties, source
from pipeline.index.elastic.searching.translate import to_query
from pipeline.index.embedded import open_embedded
from pipeline.models import Hit, SearchRequest, SearchResult, StoredQuery, StoryDocument
from pipeline.ports import SearchIndex
from pipeline.query import parse_query
from tests.benchmarks.corpus import sentences
from tests.benchmarks.elastic_indexing import documents
from tests.index.elastic.engines import FixedClock, settings_of
from tests.servers.archives import ELASTICSEARCH_7, ELASTICSEARCH_8, Release
from tests.servers.elasticsearch import elasticsearch_node

SUBSCRIPTIONS = 10_000
MANY = 100_000
STORIES = 100  # in a batch
HELD = 5_000  # stories that the index holds besides
WARM = 5  # batches
SEARCHED = 1_000  # subscriptions that search for themselves; the time of all is that many times as long
WANTED = {"embedded": 5.0, "elasticsearch": 3.0, "percolator": 20.0}
GROWTH = 12.0
_ARRIVED = datetime(2019, 6, 1, tzinfo=UTC)


@cache
def subscriptions(count: int, misspelled: bool = False) -> list[StoredQuery]:
    """What desks ask for: two words, a phrase, a name with a word, alternatives, exclusions, patterns, phrases with
    slop. No two are the same. misspelled: one in nine allows for misspellings, which an engine must be asked about."""
    chance = random.Random(7)
    pool = [[word.strip('.,"“”') for word in sentence.split()] for sentence in sentences()]
    words = sorted({word for line in pool for word in line if len(word) > 4 and word.isalpha()})
    names = sorted({word for word in words if word[0].isupper()})
    phrases = sorted({f'"{a} {b}"' for line in pool for a, b in pairwise(line) if (a + b).isalpha()})
    forms: list[Callable[[], str]] = [
        lambda: f"{chance.choice(words)} AND {chance.choice(words)}",
        lambda: f"{chance.choice(phrases)} AND {chance.choice(words)}",
        lambda: f"{chance.choice(names)} AND ({chance.choice(words)} OR {chance.choice(words)})",
        lambda: f'person:"Person {chance.randrange(500)}" AND {chance.choice(words)}',
        lambda: f"headline:{chance.choice(words)} AND NOT {chance.choice(words)}",
        lambda: f"{chance.choice(phrases)} AND {chance.choice(phrases)}",
        lambda: f"{chance.choice(words)[:5]}* AND {chance.choice(words)}",
        lambda: f"{chance.choice(phrases)}~3 AND {chance.choice(words)}",
    ]
    if misspelled:
        forms.append(lambda: f"{chance.choice(names)}~1 AND {chance.choice(words)}")
    generated = dict[str, None]()
    while len(generated) < count:
        generated[chance.choice(forms)()] = None
    return [StoredQuery(number, query) for number, query in enumerate(generated, start=1)]


def batches() -> tuple[list[StoryDocument], list[list[StoryDocument]]]:
    """Stories that the index holds, and batches that arrive after them, a minute apart."""
    generated = documents(HELD + (1 + WARM) * STORIES, vectors=False)
    arriving = []
    for number in range(1 + WARM):
        start = HELD + number * STORIES
        arrived = _ARRIVED + timedelta(minutes=number)
        arriving.append([replace(story, fetched_at=arrived) for story in generated[start : start + STORIES]])
    return generated[:HELD], arriving


class Searched(Protocol):
    """Where subscriptions search for themselves."""

    def write(self, documents: Sequence[StoryDocument]) -> object:
        """Searchable when this returns."""

    def search(self, request: SearchRequest) -> SearchResult:
        """As ``SearchIndex.search``."""


class Bare:
    """An index without vectors, asked by the bare client."""

    def __init__(self, client: Elasticsearch) -> None:
        self._client = client
        mappings = {"dynamic": "strict", "properties": properties(for_candidates=False)}
        settings = {"index": {"number_of_shards": 1, "number_of_replicas": 0, "analysis": analysis()}}
        client.indices.create(index="bench", mappings=mappings, settings=settings)

    def write(self, documents: Sequence[StoryDocument]) -> object:
        lines = [
            line
            for story in documents
            for line in ({"index": {"_id": str(story.lineage)}}, source(story, for_candidates=False))
        ]
        return self._client.bulk(index="bench", operations=lines, refresh=True)

    def search(self, request: SearchRequest) -> SearchResult:
        query = {"constant_score": {"filter": to_query(parse_query(request.query, _ARRIVED))}}
        answer = self._client.search(index="bench", query=query, size=request.limit, source=False)
        hits = [Hit(lineage=int(hit["_id"]), score=0, fields={}) for hit in answer.body["hits"]["hits"]]
        return SearchResult(total=len(hits), hits=tuple(hits))


def measure(name: str, index: SearchIndex, searched: Searched) -> bool:
    """Print an engine's figures; whether its ratios are met."""
    many = subscriptions(MANY)
    queries, misspelled = many[:SUBSCRIPTIONS], subscriptions(SUBSCRIPTIONS, misspelled=True)
    indexed, arriving = batches()
    for start in range(0, len(indexed), 500):
        searched.write(indexed[start : start + 500])
    taken, matched = list[float](), dict[tuple[int, int], None]()
    for batch in arriving:
        searched.write(batch)
        seconds, matched = _timed(index, batch, queries)
        taken.append(seconds)
    warm = statistics.median(taken[1:])
    chosen = random.Random(3).sample(list(queries), SEARCHED)
    _searches(searched, chosen, arriving[-2])
    alone, hits = _searches(searched, chosen, arriving[-1])
    _agree(chosen, set(matched), hits)
    alone *= len(queries) / len(chosen)
    by_misspelled = statistics.median([_timed(index, batch, misspelled)[0] for batch in arriving[:3]][1:])
    by_many = [_timed(index, batch, many)[0] for batch in arriving[:3]]
    warm_many = statistics.median(by_many[1:])
    ratio, growth = alone / warm, warm_many / warm
    print(f"{name}: {len(queries)} subscriptions, batches of {STORIES}, {len(matched)} matches in the last")
    print(f"  cold {taken[0]:8.2f} s   warm {warm:8.3f} s   a search each {alone:8.2f} s   {ratio:6.1f} x faster")
    print(f"  one in nine allowing for misspellings: warm {by_misspelled:8.3f} s")
    print(f"  {len(many)}: cold {by_many[0]:8.2f} s   warm {warm_many:8.3f} s   {growth:6.1f} x the time")
    return ratio >= WANTED[name] and growth <= GROWTH


def _timed(
    index: SearchIndex, batch: Sequence[StoryDocument], queries: Sequence[StoredQuery]
) -> tuple[float, dict[tuple[int, int], None]]:
    started = time.perf_counter()
    matches, failures = index.match(batch, queries)
    seconds = time.perf_counter() - started
    if failures:
        raise SystemExit(f"a query could not be run: {failures[0]}")
    return seconds, dict.fromkeys((match.query_id, match.lineage) for match in matches)


def _searches(
    searched: Searched, queries: Sequence[StoredQuery], batch: Sequence[StoryDocument]
) -> tuple[float, set[tuple[int, int]]]:
    """As peers do it: each saved query once a batch, for what has come since the one before."""
    since = f"{batch[0].fetched_at:%Y-%m-%dT%H:%M:%SZ}"
    requests = {
        stored.id: SearchRequest(
            query=f"({stored.query}) AND fetched_at:[{since} TO *]", limit=STORIES, sort="newest", highlight=False
        )
        for stored in queries
    }
    started = time.perf_counter()
    results = {number: searched.search(request) for number, request in requests.items()}
    seconds = time.perf_counter() - started
    return seconds, {(number, hit.lineage) for number, result in results.items() for hit in result.hits}


def _agree(chosen: Sequence[StoredQuery], matched: set[tuple[int, int]], searched: set[tuple[int, int]]) -> None:
    asked = {stored.id for stored in chosen}
    if {pair for pair in matched if pair[0] in asked} != searched:
        raise SystemExit("matching and searching do not find the same")


@contextmanager
def _embedded() -> Iterator[tuple[SearchIndex, Searched]]:
    with tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as folder:
        index = open_embedded(Path(folder), FixedClock(_ARRIVED))
        yield index, index
        index.close()


@contextmanager
def _elasticsearch(release: Release, bare: bool = False) -> Iterator[tuple[SearchIndex, Searched]]:
    with elasticsearch_node(release, heap="1g", for_measuring=True) as node:
        index = ElasticIndex(settings_of(node), FixedClock(_ARRIVED))
        yield index, Bare(Elasticsearch(**node.client_options(), request_timeout=120)) if bare else index
        index.close()


def main(arguments: Sequence[str]) -> None:
    """Measure the engines asked for, or all. Exit status 1: a ratio is not met."""
    engines: dict[str, Callable[[], AbstractContextManager[tuple[SearchIndex, Searched]]]] = {
        "embedded": _embedded,
        "elasticsearch": lambda: _elasticsearch(ELASTICSEARCH_8),
        "percolator": lambda: _elasticsearch(ELASTICSEARCH_7, bare=True),
    }
    met = True
    for name in arguments or engines:
        with engines[name]() as (index, searched):
            met &= measure(name, index, searched)
    if not met:
        raise SystemExit("a ratio is not met")


if __name__ == "__main__":
    main(sys.argv[1:])
