"""Follow-ups in homes of two sizes, beside bare queries on the same engine, in one run; and what linking costs.

    python -m tests.benchmarks.followups_cost                              2,000 beside 20,000 stories, embedded
    python -m tests.benchmarks.followups_cost [--elasticsearch] HOME...    homes that tests.benchmarks.grown filled

Each home is indexed first, as ``wirewatch reindex`` does it. Embedded, the bare query has the same candidate terms and
asks for as many hits; in Elasticsearch it is a more_like_this over the same dates. Follow-ups are the ranked list, for
stories that were asked about before: a process that goes on asking. Linking is what ``relate`` does for new stories,
beside tagging as many of the same length.
"""

import argparse
import contextlib
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from elasticsearch import Elasticsearch

from pipeline import Wirewatch
from pipeline.enrich import build_tagger
from pipeline.models import StoredTake, StoryOutline
from pipeline.ports import Tagger
from pipeline.relate import BatchRelater
from pipeline.relate.ranking.candidate_query import LIMIT, followup_query
from pipeline.relate.ranking.feature_cache import FeatureCache
from pipeline.settings import load_settings
from tests.benchmarks.grown import WORDS, fill, stored, stories, tag
from tests.benchmarks.measure import medians_in_turn
from tests.benchmarks.search_cost import Bare
from tests.benchmarks.tagging_cost import takes
from tests.index.elastic.engines import settings_of
from tests.servers.archives import ELASTICSEARCH_8
from tests.servers.elasticsearch import ElasticsearchNode, elasticsearch_node

QUERIES = 100
SHOWN = 20
LINKED = 300  # a batch
ROUNDS = 5

Calls = dict[str, Sequence[Callable[[], object]]]


def measure(home: Path, node: ElasticsearchNode | None) -> dict[str, float]:
    """Index a home and print its medians; name -> milliseconds."""
    settings = load_settings({"WIREWATCH_HOME": str(home)})
    if node is not None:
        node.clear()
        settings = replace(settings, elasticsearch=settings_of(node))
    with Wirewatch.open(settings) as wirewatch:
        started = time.perf_counter()
        indexed = wirewatch.stages.reindex().indexed
        print(f"{home.name}: {indexed} stories indexed in {time.perf_counter() - started:.0f} s", flush=True)
        number = stored(wirewatch.adapters.store)
        asked = random.Random(5).sample(range(number), QUERIES)
        lineages = [wirewatch.stories.resolve(f"grown:{number}") for number in asked]
        calls = _elastic(wirewatch, lineages, node) if node is not None else _embedded(wirewatch, lineages)
        clock = time.perf_counter if node is not None else time.process_time
        medians_in_turn(calls, clock)
        medians = medians_in_turn(calls, clock)
        for name, milliseconds in medians.items():
            print(f"  {name:<16} {milliseconds:8.2f} ms  {milliseconds / medians['bare']:5.2f} x", flush=True)
        if node is None:
            _print_linking(wirewatch, number)
        return medians


def _embedded(wirewatch: Wirewatch, lineages: Sequence[int]) -> Calls:
    bare = Bare(wirewatch.settings.index_folder)
    asked = [followup_query(story) for story in FeatureCache(wirewatch.adapters.store).features(lineages).values()]
    return {
        "bare": [partial(bare.search, list(request.terms), LIMIT, False) for request in asked],
        "candidates": [partial(wirewatch.adapters.index.candidates, [request]) for request in asked],
        "follow-ups": [partial(wirewatch.adapters.followup_finder.rank, lineage, SHOWN) for lineage in lineages],
    }


def _elastic(wirewatch: Wirewatch, lineages: Sequence[int], node: ElasticsearchNode) -> Calls:
    client = Elasticsearch(**node.client_options(), request_timeout=300)
    features = FeatureCache(wirewatch.adapters.store).features(lineages).values()
    return {
        "bare": [_more_like(client, story.outline) for story in features],
        "candidates": [partial(wirewatch.adapters.index.candidates, [followup_query(story)]) for story in features],
        "follow-ups": [partial(wirewatch.adapters.followup_finder.rank, lineage, SHOWN) for lineage in lineages],
    }


def _more_like(client: Elasticsearch, story: StoryOutline) -> Callable[[], object]:
    at = story.published_at or datetime(2014, 1, 1, tzinfo=UTC)
    like = {"_index": f"wire-stories-{at:%Y.%m}", "_id": str(story.lineage)}
    more = {"more_like_this": {"fields": ["headline", "body"], "like": [like], "max_query_terms": 24}}
    query = {"bool": {"must": [more], "filter": [{"range": {"published_at": {"gte": at}}}]}}
    return lambda: client.search(index="wire-stories-all", query=query, size=LIMIT, source=False)


def _print_linking(wirewatch: Wirewatch, number: int) -> None:
    """Relate batches of new stories, and in turn tag as many of the same length; the first of each warms up."""
    relater, tagger = BatchRelater(wirewatch.adapters.store, wirewatch.adapters.index), build_tagger()
    fresh = [
        partial(relater.relate, tag(wirewatch.adapters.store, stories(first, LINKED, live=True)))
        for first in range(number, number + (ROUNDS + 1) * LINKED, LINKED)
    ]
    texts = takes((ROUNDS + 1) * LINKED, WORDS)
    tagged = [partial(_tag, tagger, texts[first : first + LINKED]) for first in range(0, len(texts), LINKED)]
    for batch in (fresh, tagged):
        batch.pop(0)()
    spent = [(_spent(link), _spent(tag_them)) for link, tag_them in zip(fresh, tagged, strict=True)]
    linking, tagging = (1000 * statistics.median(seconds) / LINKED for seconds in zip(*spent, strict=True))
    print(f"  linking a story {linking:.2f} ms, {linking / tagging:.2f} x tagging one", flush=True)


def _tag(tagger: Tagger, texts: Sequence[StoredTake]) -> None:
    list(tagger.tag(texts))


def _spent(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


@contextlib.contextmanager
def _engine(wanted: bool) -> Iterator[ElasticsearchNode | None]:
    if not wanted:
        yield None
        return
    with elasticsearch_node(ELASTICSEARCH_8, heap="2g", for_measuring=True) as node:
        yield node


def main(arguments: Sequence[str]) -> None:
    """Measure the homes given, or two small ones of its own; print how the ratios changed with size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("homes", nargs="*", type=Path)
    parser.add_argument("--elasticsearch", action="store_true")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as folder, _engine(chosen.elasticsearch) as node:
        homes = chosen.homes or [Path(folder) / "2000", Path(folder) / "20000"]
        if not chosen.homes:
            for home in homes:
                fill(home, int(home.name))
        ratios = [(medians["follow-ups"] / medians["bare"]) for medians in (measure(home, node) for home in homes)]
    print(f"follow-ups beside bare queries: {', '.join(f'{ratio:.2f} x' for ratio in ratios)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
