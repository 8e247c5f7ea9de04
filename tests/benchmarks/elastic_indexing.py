"""Elasticsearch by way of the pipeline, beside the client's own helpers on the same ready-made documents.

    python -m tests.benchmarks.elastic_indexing indexing
    python -m tests.benchmarks.elastic_indexing followups [STORIES [WORDS]]

Indexing: ``SearchIndex.write`` in batches of two sizes, beside ``helpers.parallel_bulk`` and a refresh at its end; also
the processor time that each costs, which other programs on the machine do not change. Follow-ups: what relating asks
for one story (rare terms, entities, the nearest vectors), beside a bare ``more_like_this`` with the same date filter,
in an index of five years as ingestion leaves it. A node is started for it.
"""

import json
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from math import log
from typing import Any

import numpy as np
import psutil
from elasticsearch import Elasticsearch
from elasticsearch.helpers import parallel_bulk

from pipeline.index.elastic.engine import ElasticIndex
from pipeline.index.elastic.mapping import to_line
from pipeline.models import CandidateQuery, Status, StoryDocument, WriteState
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
_LIMIT = 300  # candidates that relating asks for
_SUBJECTS = 500  # groups of stories with similar vectors
_START = datetime(2012, 1, 1, tzinfo=UTC)
_YEARS = timedelta(days=1_800)


def documents(count: int, *, vectors: bool) -> list[StoryDocument]:
    """Stories of five years with all that tagging adds to them; the same for the same count."""
    return list(_documents(count, _WORDS) if vectors else (replace(s, vector=None) for s in _documents(count, _WORDS)))


def _documents(count: int, words: int) -> Iterator[StoryDocument]:
    chance = np.random.default_rng(count)
    subjects = chance.standard_normal((_SUBJECTS, 256))
    for number, generated in enumerate(corpus.stories(count, words), start=1):
        vector = subjects[chance.integers(_SUBJECTS)] + chance.standard_normal(256)
        packed = (vector / np.linalg.norm(vector)).astype("<f2").tobytes()
        yield _document(number, generated["body_text"], _START + number * _YEARS / count, packed)


def _document(number: int, body: str, time: datetime, vector: bytes) -> StoryDocument:
    chance = random.Random(number)
    words = sorted({sys.intern(word.strip('.,"').lower()) for word in body.split() if len(word) > 4})
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
        vector=vector,
        terms=tuple(words),
        headline_terms=tuple(words[:6]),
        month=f"{time:%Y.%m}",
    )


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


def followups(node: ElasticsearchNode, count: int, words: int) -> None:
    """Print the medians of one request each, taken in turn."""
    client = Elasticsearch(**node.client_options(), request_timeout=120)
    index = ElasticIndex(settings_of(node), FixedClock())
    asked, frequency = list[StoryDocument](), Counter[str]()
    started = time.perf_counter()
    for batch in _batches(_documents(count, words), _BATCHES[-1]):
        assert {outcome.state for outcome in index.write(batch)} == {WriteState.WRITTEN}
        for story in batch:
            frequency.update(story.terms)
            if story.lineage % max(1, count // _QUERIES) == 0:
                asked.append(story)
    print(f"{count} stories of {words} words indexed in {time.perf_counter() - started:.0f} s", flush=True)
    queries = {story.lineage: _request(story, count, frequency) for story in asked}
    times = measure.medians_in_turn(
        {
            "more_like_this": [_more_like(client, story) for story in asked],
            "candidates": [_candidates(index, queries[story.lineage]) for story in asked],
            "candidates without vector": [
                _candidates(index, replace(queries[story.lineage], vector=None)) for story in asked
            ],
        }
    )
    answers = index.candidates([queries[story.lineage] for story in asked[-20:]])
    assert all(len(candidates) == _LIMIT for candidates in answers)
    months = len(client.indices.get_alias(index="wire-stories-2*").body)
    index.close()
    client.close()
    print(f"follow-ups among {count} stories in {months} months, {len(asked)} requests, medians:")
    for name, milliseconds in times.items():
        print(
            f"  {name}: {milliseconds:.1f} ms, {milliseconds / times['more_like_this']:.2f} of more_like_this",
            flush=True,
        )


def _batches(stories: Iterator[StoryDocument], size: int) -> Iterator[list[StoryDocument]]:
    while batch := list(islice(stories, size)):
        yield batch


def _request(story: StoryDocument, count: int, frequency: Mapping[str, int]) -> CandidateQuery:
    """What relating would ask for a story: its rarest terms, its entities and its vector, in what came before it."""
    weights = {term: log(1 + count / frequency[term]) for term in story.terms}
    best = sorted(weights, key=lambda term: (-weights[term], term))[:_TERMS]
    return CandidateQuery(
        terms={term: weights[term] for term in best},
        entity_ids=dict.fromkeys(story.entity_ids, 4.0),
        vector=story.vector,
        after=_START,
        before=story.published_at,
        exclude=frozenset({story.lineage}),
        limit=_LIMIT,
    )


def _candidates(index: ElasticIndex, query: CandidateQuery) -> Callable[[], object]:
    return lambda: index.candidates([query])


def _more_like(client: Elasticsearch, story: StoryDocument) -> Callable[[], object]:
    like = {"_index": f"wire-stories-{story.month}", "_id": str(story.lineage)}
    more = {"more_like_this": {"fields": ["headline", "body"], "like": [like], "max_query_terms": _TERMS}}
    window = {"range": {"published_at": {"gte": _START, "lte": story.published_at}}}
    query = {"bool": {"must": [more], "filter": [window]}}
    return lambda: client.search(index="wire-stories-all", query=query, size=_LIMIT, source=False)


def main(arguments: Sequence[str]) -> None:
    """Measure what is asked for, with 25,000 stories of 300 words unless told otherwise."""
    with elasticsearch_node(ELASTICSEARCH_8, heap="1g", for_measuring=True) as node:
        match arguments:
            case ["indexing"]:
                indexing(node, documents(_TIMED, vectors=True))
            case ["followups", *numbers]:
                count, words = [*map(int, numbers), *(25_000, _WORDS)[len(numbers) :]]
                followups(node, count, words)
            case _:
                raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
