"""What a story costs in a store that holds many: adding, filing its signature, finding and deciding copies, grouping.

    python -m tests.benchmarks.copies_cost                        a store of 20,000 beside one of 100,000
    python -m tests.benchmarks.copies_cost --store FILE COUNT     fills the store up to COUNT stories, and measures

The last 5,000 stories are measured, by processor time, so that a store of a million can be filled in several runs:
`--store wire.db 100000`, then `--store wire.db 300000`, then `--store wire.db 1000000`, and compare what each prints.
Stories are spread at random over five years, so that every stretch of time fills as the store grows; one in twenty is a
copy of one of the thousand before it.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.enrich.signature import signature
from pipeline.models import CopyEdge, Enrichment, Origin, Relations, Stage, Story
from pipeline.ports import Store
from pipeline.relate.copies import copy_similarity
from pipeline.store import open_store
from tests.store.newsroom import SetClock

MEASURED = 5_000
_BATCH = 500
_WORDS = 60
_START = datetime(2014, 1, 1, tzinfo=UTC)
_NOW = datetime(2019, 6, 1, tzinfo=UTC)
_SPAN = timedelta(days=5 * 365)
_LEASE = timedelta(hours=1)
_WINDOW = timedelta(days=7)
_VOCABULARY = [
    f"{a}{b}{c}" for a in "bdgklmnprst" for b in "aeiou" for c in ("rn", "st", "l", "m", "nt", "sk", "v", "th")
]


def stories(first: int, count: int) -> list[Story]:
    """Stories number ``first`` and on: the same numbers always give the same stories."""
    made = []
    for number in range(first, first + count):
        rng = random.Random(number)
        original = number - rng.randint(1, 1000) if number > 1000 and rng.random() < 0.05 else number
        told = random.Random(f"text {original}")
        body = " ".join(told.choices(_VOCABULARY, k=_WORDS))
        at = _START + _SPAN * told.random() + timedelta(minutes=number - original)
        source = f"Paper {number % 97}"
        story = Story(
            uri=f"cost:{number}",
            headline=body[:50],
            body=body,
            source=source,
            published_at=at,
            updated_at=at,
            language="en",
        )
        made.append(story)
    return made


def add(store: Store, made: Sequence[Story]) -> int:
    """All that a store does for copies of these stories; how many copies were found."""
    store.stories.add(made, Origin("benchmark", "", _NOW, backfill=True))
    ids = store.work.claim(Stage.ENRICH, "benchmark", _NOW, _LEASE, len(made))
    takes = store.stories.takes(ids)
    store.work.record_enriched(
        [Enrichment(version_id=take.version_id, revision="1", signature=signature(take.story.body)) for take in takes]
    )
    ids = store.work.claim(Stage.RELATE, "benchmark", _NOW, _LEASE, len(made))
    similar = store.relations.copy_candidates(ids, _WINDOW)
    relations = []
    for take in store.stories.takes(ids):
        alike = ((other, copy_similarity(take, other)) for other in similar[take.version_id])
        edges = tuple(CopyEdge(take.version_id, other.version_id, found) for other, found in alike if found is not None)
        relations.append(Relations(lineage=take.lineage, version_id=take.version_id, copies=edges))
    store.work.record_related(relations)
    return sum(len(one.copies) for one in relations)


def fill(path: Path, count: int) -> float:
    """Fill the store up to ``count`` stories; milliseconds of processor time for each of the last 5,000."""
    store = open_store(f"sqlite:///{path}", SetClock(_NOW))
    try:
        done = _stored(store)
        spent, measured, copies = 0.0, 0, 0
        while done < count:
            made = stories(done, min(_BATCH, count - done))
            started = time.process_time()
            copies += add(store, made)
            done += len(made)
            if done > count - MEASURED:
                spent += time.process_time() - started
                measured += len(made)
        each = 1000 * spent / max(1, measured)
        megabytes = path.stat().st_size / 2**20
        print(
            f"  at {done} stories: {each:.2f} ms a story ({copies} copies found in this run, {megabytes:.0f} MB)",
            flush=True,
        )
        return each
    finally:
        store.close()


def _stored(store: Store) -> int:
    """How many stories an earlier run left: they are numbered from 0."""
    from pipeline.errors import NotFoundError

    low, high = 0, 1
    while True:
        try:
            store.stories.resolve(f"cost:{high - 1}")
        except NotFoundError:
            break
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        try:
            store.stories.resolve(f"cost:{middle}")
            low = middle + 1
        except NotFoundError:
            high = middle
    return low


def main(arguments: list[str]) -> None:
    """Fill one store to two sizes, or the given one to the given size."""
    parser = argparse.ArgumentParser(prog="copies_cost")
    parser.add_argument("--store", type=Path)
    parser.add_argument("count", type=int, nargs="?", default=100_000)
    chosen = parser.parse_args(arguments)
    if chosen.store is not None:
        fill(chosen.store, chosen.count)
        return
    with tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as folder:
        small = fill(Path(folder) / "wire.db", chosen.count // 5)
        large = fill(Path(folder) / "wire.db", chosen.count)
        print(f"copies: {large / small:.2f} x the time a story with {chosen.count} stored as with {chosen.count // 5}")


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
