"""Elasticsearch by way of the pipeline, beside the client's own helpers on the same ready-made documents.

    python -m tests.benchmarks.elastic_indexing [STORIES]

Indexing: ``SearchIndex.write`` in batches of two sizes, beside ``helpers.parallel_bulk`` and a refresh at its end; also
the processor time that each costs, which other programs on the machine do not change. Follow-ups: one request for
candidates, beside a bare ``more_like_this`` with the same date filter. A node is started for it.
"""

import json
import random
import statistics
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from math import log, sqrt
from typing import Any

import psutil
from elasticsearch import Elasticsearch
from elasticsearch.helpers import parallel_bulk

from pipeline.index.elastic.engine import ElasticIndex
from pipeline.index.elastic.layout import to_line
from pipeline.models import CandidateQuery, Status, StoryDocument
from tests.benchmarks import corpus, measure
from tests.index.elastic.engines import FixedClock, settings_of
from tests.servers.archives import ELASTICSEARCH_8
from tests.servers.elasticsearch import ElasticsearchNode, elasticsearch_node

_BATCHES = (500, 2_000)  # stories written at once; each batch can be searched before the next one begins
_ROUNDS = 5
_TIMED = 4_000  # stories indexed in a round
_QUERIES = 200
_TERMS = 24  # in a request for candidates
_WORDS = 300
_START = datetime(2012, 1, 1, tzinfo=UTC)
_APART = timedelta(days=1_800) / 25_000


def documents(count: int, *, vectors: bool) -> list[StoryDocument]:
    """Stories with all that tagging adds to them, 25,000 of them to five years; the same for the same count."""
    chance = random.Random(count)
    return [
        _document(number, made["body_text"], _START + number * _APART, chance, vectors)
        for number, made in enumerate(corpus.stories(count, _WORDS), start=1)
    ]


def _document(number: int, body: str, time: datetime, chance: random.Random, with_vector: bool) -> StoryDocument:
    words = sorted({word.strip('.,"').lower() for word in body.split() if len(word) > 4})
    return StoryDocument(
        id=number,
        uri=f"bench:{number}",
        lineage=number,
        version=1,
        revision=1,
        status=Status.USABLE,
        corrected=False,
        headline=" ".join(body.split()[:9]),
        slugline=None,
        body=body,
        language="en",
        byline=None,
        agency="Bench",
        source="Bench",
        url=f"https://wire.example/{number}",
        urgency=3,
        topics=("medtop:11000000",),
        dateline_place=None,
        published_at=time,
        updated_at=time,
        fetched_at=time,
        person=(f"Person {chance.randrange(500)}",),
        organization=(f"Organization {chance.randrange(200)}",),
        entity_ids=tuple(f"e:{chance.randrange(700)}" for _ in range(6)),
        vector=_vector(chance) if with_vector else None,
        terms=tuple(words),
        headline_terms=tuple(words[:6]),
        month=f"{time:%Y.%m}",
    )


def _vector(chance: random.Random) -> bytes:
    values = [chance.gauss(0, 1) for _ in range(256)]
    length = sqrt(sum(value * value for value in values))
    return struct.pack("<256e", *(value / length for value in values))


# --------------------------------------------------------------------------- indexing


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the clock, and of the processor: the node's and ours."""

    wall: float
    processor: float


def indexing(node: ElasticsearchNode, stories: Sequence[StoryDocument]) -> None:
    """Print both ways' costs, taken in turn, each into monthly indices that are there already."""
    client = Elasticsearch(**node.client_options(), request_timeout=120)
    ready = [
        {
            "_index": f"wire-stories-{story.month}",
            "_id": str(story.lineage),
            "version": story.revision,
            "version_type": "external",
            "_source": json.loads(to_line(story)),
        }
        for story in stories
    ]
    ways: dict[str, Callable[[ElasticIndex], None]] = {"parallel_bulk": lambda _: _in_parallel(client, ready)}
    ways |= {f"write, {size} at once": partial(_in_batches, stories=stories, size=size) for size in _BATCHES}
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for _ in range(_ROUNDS):
        for name, way in ways.items():
            with _indices(node, stories) as index:
                costs[name].append(_cost(node, partial(way, index)))
    client.close()
    print(f"indexing {len(stories)} stories of {_WORDS} words, medians of {_ROUNDS}:")
    wall = {name: statistics.median(cost.wall for cost in those) for name, those in costs.items()}
    processor = {name: statistics.median(cost.processor for cost in those) for name, those in costs.items()}
    for name in ways:
        print(f"  {name}: {len(stories) / wall[name]:.0f} a second,", end=" ")
        print(f"{wall['parallel_bulk'] / wall[name]:.2f} of parallel_bulk;", end=" ")
        print(
            f"{processor[name]:.1f} s of processor time, {processor[name] / processor['parallel_bulk']:.2f}", flush=True
        )


@contextmanager
def _indices(node: ElasticsearchNode, stories: Sequence[StoryDocument]) -> Iterator[ElasticIndex]:
    """Monthly indices for these stories, each with one other story in it; for writing to them."""
    node.clear()
    index = ElasticIndex(settings_of(node), FixedClock())
    months = {story.month: story for story in stories}
    index.write([replace(story, lineage=-number) for number, story in enumerate(months.values(), start=1)])
    yield index
    assert index.count() == len(stories) + len(months)
    index.close()


def _in_parallel(client: Elasticsearch, ready: Sequence[dict[str, Any]]) -> None:
    assert all(done for done, _ in parallel_bulk(client, ready))
    client.indices.refresh(index="wire-stories-all")


def _in_batches(index: ElasticIndex, stories: Sequence[StoryDocument], size: int) -> None:
    for start in range(0, len(stories), size):
        index.write(stories[start : start + size])


def _cost(node: ElasticsearchNode, work: Callable[[], None]) -> Cost:
    processes = [psutil.Process(), *map(psutil.Process, node.process_ids)]
    before, started = _processor(processes), time.perf_counter()
    work()
    return Cost(time.perf_counter() - started, _processor(processes) - before)


def _processor(processes: Sequence[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


# --------------------------------------------------------------------------- follow-ups


def followups(node: ElasticsearchNode, stories: Sequence[StoryDocument]) -> None:
    """Print the medians of one request each, taken in turn."""
    client = Elasticsearch(**node.client_options(), request_timeout=120)
    with _indices(node, stories) as index:
        _in_batches(index, stories, _BATCHES[-1])
        client.indices.forcemerge(index="wire-stories-all", max_num_segments=1)
        requests = list(_requests(stories))
        times = measure.medians_in_turn(
            {
                "more_like_this": [_more_like(client, story) for story, _ in requests],
                "candidates": [_candidates(index, query) for _, query in requests],
            }
        )
    client.close()
    print(f"follow-ups among {len(stories)} stories in {len({s.month for s in stories})} months, medians:")
    for name, milliseconds in times.items():
        print(f"  {name}: {milliseconds:.1f} ms")
    print(f"  candidates / more_like_this: {times['candidates'] / times['more_like_this']:.2f}", flush=True)


def _requests(stories: Sequence[StoryDocument]) -> Iterator[tuple[StoryDocument, CandidateQuery]]:
    """Every so manyth story and what relating would ask for it: its rarest terms and its entities."""
    frequency = Counter(term for story in stories for term in story.terms)
    for story in stories[:: max(1, len(stories) // _QUERIES)]:
        weights = {term: log(1 + len(stories) / frequency[term]) for term in story.terms}
        best = sorted(weights, key=lambda term: (-weights[term], term))[:_TERMS]
        yield (
            story,
            CandidateQuery(
                terms={term: weights[term] for term in best},
                entity_ids=dict.fromkeys(story.entity_ids, 4.0),
                after=_START,
                before=story.published_at,
                exclude=frozenset({story.lineage}),
                limit=60,
            ),
        )


def _candidates(index: ElasticIndex, query: CandidateQuery) -> Callable[[], object]:
    return lambda: index.candidates([query])


def _more_like(client: Elasticsearch, story: StoryDocument) -> Callable[[], object]:
    like = {"_index": f"wire-stories-{story.month}", "_id": str(story.lineage)}
    more = {"more_like_this": {"fields": ["headline", "body"], "like": [like], "max_query_terms": _TERMS}}
    window = {"range": {"published_at": {"gte": _START, "lte": story.published_at}}}
    query = {"bool": {"must": [more], "filter": [window]}}
    return lambda: client.search(index="wire-stories-all", query=query, size=60, source=False)


def main(arguments: Sequence[str]) -> None:
    """Measure with 25,000 stories, or as many as asked for."""
    count = int(arguments[0]) if arguments else 25_000
    with elasticsearch_node(ELASTICSEARCH_8, heap="1g", for_measuring=True) as node:
        indexing(node, documents(_TIMED, vectors=True))
        followups(node, documents(count, vectors=False))


if __name__ == "__main__":
    main(sys.argv[1:])
