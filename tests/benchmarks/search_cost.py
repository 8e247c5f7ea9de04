"""Search and follow-ups beside bare tantivy queries for the same words, in turn, over one store.

    python -m tests.benchmarks.search_cost [CORPUS.jsonl[.gz]]

Without a corpus it makes its own. Prints medians of processor time, to which other work on the machine adds nothing,
and ratios. Follow-ups are asked for twice: the first time a process meets a story it has to read it ("first"), later it
has it at hand ("again"). The bare query has the same candidate terms and asks for as many hits, of which it reads
nothing; their stored fields would cost several times as much.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import tantivy

from pipeline import Wirewatch
from pipeline.models import SearchRequest
from pipeline.query.analysis import terms
from pipeline.relate.ranking.candidate_query import LIMIT, followup_query
from pipeline.relate.ranking.feature_cache import FeatureCache
from pipeline.settings import load_settings
from tests.benchmarks import corpus
from tests.benchmarks.measure import medians_in_turn

QUERIES = 200
HITS = 20
SHOWN = 20


class Bare:
    """The embedded engine's own files, searched without us."""

    def __init__(self, folder: Path) -> None:
        generation = json.loads((folder / "current.json").read_text(encoding="utf-8"))
        self._searcher = tantivy.Index.open(str(folder / _name(generation))).searcher()
        self._schema = tantivy.Index.open(str(folder / _name(generation))).schema

    def search(self, words: list[str], limit: int, read: bool) -> int:
        """An OR of the words in headline and body; read: the stored fields of each hit as well."""
        wanted = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, field, word))
            for word in words
            for field in ("headline", "body")
        ]
        hits = self._searcher.search(tantivy.Query.boolean_query(wanted), limit).hits
        if read:
            for _, address in hits:
                json.loads(bytes(self._searcher.doc(address)["shown"][0]))
        return len(hits)


def _name(current: dict[str, Any]) -> str:
    return next(str(value) for value in current.values() if str(value).startswith("g-"))


def measure(wirewatch: Wirewatch, sample: list[str]) -> None:
    """Print the ratios for stories of this store; sample: their uris."""
    bare = Bare(wirewatch.settings.index_folder)
    rng = random.Random(1)
    lineages = [wirewatch.stories.resolve(uri) for uri in sample]
    records = wirewatch.adapters.store.stories.records(lineages)
    words = [rng.sample(sorted(set(terms(record.current.story.body))), 2) for record in records]
    requests = [SearchRequest(query=" ".join(pair), limit=HITS) for pair in words]
    plain = [SearchRequest(query=" ".join(pair), limit=HITS, highlight=False) for pair in words]
    medians = medians_in_turn(
        {
            "bare": [partial(bare.search, pair, HITS, True) for pair in words],
            "search": [partial(wirewatch.adapters.index.search, request) for request in plain],
            "search with highlights": [partial(wirewatch.adapters.index.search, request) for request in requests],
        },
        time.process_time,
    )
    report(medians)
    asked = [followup_query(story) for story in FeatureCache(wirewatch.adapters.store).features(lineages).values()]
    with Wirewatch.open(wirewatch.settings) as other:  # the whole answer is not to profit from what the list has read
        calls: dict[str, Sequence[Callable[[], object]]] = {
            "bare": [partial(bare.search, list(request.terms), LIMIT, False) for request in asked],
            "bare and read": [partial(bare.search, list(request.terms), LIMIT, True) for request in asked],
            "candidates": [partial(wirewatch.adapters.index.candidates, [request]) for request in asked],
            "follow-ups": [partial(wirewatch.adapters.followup_finder.rank, lineage, SHOWN) for lineage in lineages],
            "whole answer": [partial(other.stories.followups, str(lineage), SHOWN) for lineage in lineages],
        }
        for when in ("first", "again"):
            print(f" {when}, {SHOWN} follow-ups; the whole answer has as many background stories, and all the reasons:")
            report(medians_in_turn(calls, time.process_time))


def report(medians: dict[str, float]) -> None:
    """A line a kind of call, with its ratio to the bare one."""
    for name, milliseconds in medians.items():
        print(f"  {name:<24} {milliseconds:7.2f} ms  {milliseconds / medians['bare']:5.2f} x")


def main(arguments: list[str]) -> None:
    """Import the corpus into a home of its own and measure."""
    with tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as folder:
        path = Path(arguments[0]) if arguments else Path(folder) / "own.jsonl"
        if not arguments:
            corpus.write(path, 25_000, 40)
        with Wirewatch.open(load_settings({"WIREWATCH_HOME": folder})) as wirewatch:
            wirewatch.stories.import_paths([path])
            wirewatch.stages.run()
            uris = [row["uri"] for row in wirewatch.stories.export()]
            print(f"{path.name}: {len(uris)} stories")
            measure(wirewatch, random.Random(0).sample(uris, QUERIES))


if __name__ == "__main__":
    main(sys.argv[1:])
