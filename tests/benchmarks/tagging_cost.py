"""Tagging beside bare spaCy on the same texts, in turn, slice by slice; two processes beside one; memory; long texts.

    python -m tests.benchmarks.tagging_cost [--short 20000] [--long 2000] [--gazetteer DIR]

Prints ratios of processor time, for two processes of wall time. "tok2vec + NER" is the model with the components that
tagging runs; "whole pipeline" is the model as installed (with tagger, parser and lemmatizer).
"""

import argparse
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import spacy

from pipeline.enrich import build_tagger
from pipeline.models import Origin, StoredTake, Story
from pipeline.ports import Tagger
from tests.benchmarks import corpus

MODEL = "en_core_web_sm"
SHORT_WORDS, LONG_WORDS = 60, 600
SLICE = 500  # short stories a turn; a tenth of that of long ones
SIZES = (125_000, 250_000, 500_000, 1_000_000)  # characters of single stories

Work = Callable[[Sequence[StoredTake]], object]


def takes(count: int, words: int) -> list[StoredTake]:
    """Stories of the sample wire's sentences."""
    now = datetime(2017, 11, 9, tzinfo=UTC)
    return [
        StoredTake(
            version_id=number, lineage=number, version=1, origin=Origin("benchmark", "", now),
            story=Story(uri=row["uri"], headline=row["body_text"][:60], body=row["body_text"], language="en",
                        published_at=now),
        )
        for number, row in enumerate(corpus.stories(count, words))
    ]  # fmt: skip


def bare(**settings: Any) -> Work:
    """spaCy alone over the same texts."""
    name = next(i for i in spacy.util.get_installed_models() if i.startswith(MODEL))
    nlp = spacy.load(name, **settings)
    return lambda takes: [len(doc.ents) for doc in nlp.pipe([take.story.body for take in takes])]


def in_turn(works: dict[str, Work], stories: Sequence[StoredTake], size: int) -> dict[str, float]:
    """Processor seconds of each over all the stories, slice by slice in turn, after a slice to warm up."""
    spent = dict.fromkeys(works, 0.0)
    for work in works.values():
        work(stories[:size])
    for batch in (stories[start : start + size] for start in range(0, len(stories), size)):
        for name, work in works.items():
            started = time.process_time()
            work(batch)
            spent[name] += time.process_time() - started
    return spent


def compare(name: str, works: dict[str, Work], stories: Sequence[StoredTake], size: int) -> None:
    """Print what everything costs beside each of the others."""
    spent = in_turn(works, stories, size)
    ours = spent.pop("everything")
    rate = len(stories) / ours
    ratios = ", ".join(f"{ours / seconds:.2f} x {other}" for other, seconds in spent.items())
    print(f"{name}: {len(stories)} stories, everything {rate:.0f} a processor second = {ratios}", flush=True)


def wall(tagger: Tagger, stories: Sequence[StoredTake]) -> float:
    """Wall seconds of tagging, the processes being warm."""
    list(tagger.tag(stories[:SLICE]))
    started = time.monotonic()
    for _ in tagger.tag(stories):
        pass
    return time.monotonic() - started


def processes(stories: Sequence[StoredTake], gazetteer: Path | None, single: Tagger) -> None:
    """Print the gain of a second process, and what a worker holds after it has read everything."""
    two = build_tagger(MODEL, gazetteer=gazetteer, processes=2)
    alone, together = wall(single, stories), wall(two, stories)
    workers = [child for child in psutil.Process().children() if "pipeline.enrich.pool.worker" in child.cmdline()]
    largest = max(worker.memory_info().rss for worker in workers) / 2**20
    print(
        f"two processes: {alone / together:.2f} x as fast as one; the larger worker holds {largest:.0f} MB", flush=True
    )


def long_stories(tagger: Tagger) -> None:
    """Print the processor time of single long stories, for each 100,000 characters."""
    text = " ".join(row["body_text"] for row in corpus.stories(400, LONG_WORDS, seed=7))
    while len(text) < SIZES[-1]:
        text += " " + text
    (template,) = takes(1, SHORT_WORDS)
    for size in SIZES:
        story = Story(uri="long", body=text[:size], language="en")
        take = StoredTake(version_id=1, lineage=1, version=1, story=story, origin=template.origin)
        started = time.process_time()
        list(tagger.tag([take]))
        seconds = time.process_time() - started
        print(f"a story of {size:,} characters: {seconds / size * 100_000:.2f} s for each 100,000", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", default=20_000, type=int)
    parser.add_argument("--long", default=2_000, type=int)
    parser.add_argument("--gazetteer", type=Path, help="a folder over the shipped one")
    chosen = parser.parse_args(arguments)
    short, long = takes(chosen.short, SHORT_WORDS), takes(chosen.long, LONG_WORDS)
    tagger = build_tagger(MODEL, gazetteer=chosen.gazetteer)
    ner = ["tagger", "morphologizer", "parser", "senter", "attribute_ruler", "lemmatizer"]
    works: dict[str, Work] = {
        "everything": lambda takes: list(tagger.tag(takes)),
        "tok2vec + NER": bare(exclude=ner),
        "whole pipeline": bare(),
    }
    compare("short", works, short, SLICE)
    compare("long", works, long, SLICE // 10)
    long_stories(tagger)
    processes([*short, *long], chosen.gazetteer, tagger)


if __name__ == "__main__":
    main()
