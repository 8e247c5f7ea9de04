"""What a story costs in a store that holds many: adding, filing its signature, finding and deciding copies, grouping.

    python -m tests.benchmarks.copies_cost                               a store of 2,000 beside one of 20,000
    python -m tests.benchmarks.copies_cost fill wire.db 100000           fills a store; goes on where it was left
    python -m tests.benchmarks.copies_cost compare small.db large.db     adds 5,000 stories to each, in turns

Processor time is compared, the stores taking turns batch by batch, so that other work on the machine weighs on both.
The stores' stories are spread at random over five years, so that every stretch of time fills as a store grows; one in
twenty is a copy of one of the thousand before it. What is compared is a wire, each story later than the last, and an
archive whose stories come in no order and touch pages all over the store.
For a million: `fill small.db 100000`, `fill large.db 1000000`, `compare small.db large.db`.
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
_BETWEEN = timedelta(days=1) / 5_000
_LEASE = timedelta(hours=1)
_WINDOW = timedelta(days=7)
_VOCABULARY = [
    f"{a}{b}{c}" for a in "bdgklmnprst" for b in "aeiou" for c in ("rn", "st", "l", "m", "nt", "sk", "v", "th")
]


def stories(first: int, count: int, live: bool = False) -> list[Story]:
    """Stories number ``first`` and on: the same numbers always give the same stories. live: in order of publication."""
    made = []
    for number in range(first, first + count):
        rng = random.Random(number)
        original = number - rng.randint(1, 1000) if number > 1000 and rng.random() < 0.05 else number
        told = random.Random(f"text {original}")
        body = " ".join(told.choices(_VOCABULARY, k=_WORDS))
        at = _START + _SPAN * told.random() + timedelta(minutes=number - original)
        if live:
            at = _START + _SPAN + number * _BETWEEN
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


def fill(path: Path, count: int) -> None:
    """Fill a store up to ``count`` stories."""
    store = _open(path)
    try:
        done = _stored(store)
        while done < count:
            add(store, stories(done, min(_BATCH, count - done)))
            done += min(_BATCH, count - done)
        print(f"  {path.name}: {done} stories, {path.stat().st_size / 2**20:.0f} MB", flush=True)
    finally:
        store.close()


def compare(small: Path, large: Path, count: int = MEASURED) -> None:
    """Add so many stories of each kind to both stores in turns; print the ratio of their processor time."""
    for live, name in ((True, "a wire"), (False, "an archive")):
        print(f"  {name}:", flush=True)
        _compare(small, large, count, live)


def _compare(small: Path, large: Path, count: int, live: bool) -> None:
    stores = [_open(small), _open(large)]
    try:
        sizes = [_stored(store) for store in stores]
        spent, found = [0.0, 0.0], [0, 0]
        for step in range(0, count, _BATCH):
            for place, store in enumerate(stores):
                made = stories(sizes[place] + step, _BATCH, live)
                started = time.process_time()
                found[place] += add(store, made)
                spent[place] += time.process_time() - started
    finally:
        for store in stores:
            store.close()
    for size, seconds, copies in zip(sizes, spent, found, strict=True):
        print(
            f"  with {size} stories stored: {1000 * seconds / count:.2f} ms a story, {copies} copies found", flush=True
        )
    print(f"    {spent[1] / spent[0]:.2f} x the time with {sizes[1] / sizes[0]:.0f} x the stories", flush=True)


def _open(path: Path) -> Store:
    return open_store(f"sqlite:///{path}", SetClock(_NOW))


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
    """Fill, compare, or both with two small stores of its own."""
    parser = argparse.ArgumentParser(prog="copies_cost")
    chosen = parser.add_subparsers(dest="what")
    filling = chosen.add_parser("fill")
    filling.add_argument("store", type=Path)
    filling.add_argument("count", type=int)
    comparing = chosen.add_parser("compare")
    comparing.add_argument("small", type=Path)
    comparing.add_argument("large", type=Path)
    given = parser.parse_args(arguments)
    if given.what == "fill":
        fill(given.store, given.count)
    elif given.what == "compare":
        compare(given.small, given.large)
    else:
        with tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as folder:
            small, large = Path(folder) / "small.db", Path(folder) / "large.db"
            fill(small, 2_000)
            fill(large, 20_000)
            compare(small, large)


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
