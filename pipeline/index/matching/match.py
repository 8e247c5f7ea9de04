"""Stored queries over a batch of stories, which need not be in the index.

What a story's words, names, numbers and dates decide is decided here, for every engine alike (stored.py). An engine is
asked only about misspellings, and of those queries only the ones that some story may answer.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from pipeline.index.highlight import Highlighter
from pipeline.index.matching.bitset import Batch, numbers_in
from pipeline.index.matching.stored_query import StoredQueries
from pipeline.models import QueryFailure, QueryMatch, Status, StoredQuery, StoryDocument


@dataclass(slots=True)
class Answers:
    """What running stored queries found: query id -> lineages, or why one could not be run."""

    found: dict[int, list[int]] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)


class Engine(Protocol):
    """What an engine brings to matching. name: as a reader is told who could not run a query."""

    name: str

    def check(self, story: StoryDocument) -> None:
        """Raises ValueError for a story that a write would reject, with the reason."""

    def run(
        self, stories: Sequence[StoryDocument], queries: Sequence[StoredQuery], asked: Collection[int], now: datetime
    ) -> Answers:
        """What the queries find among the stories. asked: the ids of those to run; others may be with the next."""


class Matcher:
    """Matches batches with one engine; keeps what it has read of the queries from batch to batch."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stored = StoredQueries()

    def match(
        self, batch: Sequence[StoryDocument], queries: Sequence[StoredQuery], now: datetime
    ) -> tuple[list[QueryMatch], list[QueryFailure]]:
        """Which usable stories of the batch match which queries; a query that fails says why and stops no other.

        Of several documents of one lineage only that with the highest revision counts.
        """
        newest = {story.lineage: story for story in sorted(batch, key=lambda story: story.revision)}
        stories = list(self._indexable(story for story in newest.values() if story.status is Status.USABLE))
        held = self._stored.held_against(Batch(stories), queries, now)
        asked = {one.stored.id for one in held.possible if not one.exact}
        answers = self._engine.run(stories, held.undecided, asked, now) if asked else Answers()
        matches = list[QueryMatch]()
        for one in held.possible:
            number = one.stored.id
            lineages = [stories[n].lineage for n in numbers_in(one.found)] if one.exact else answers.found.get(number)
            if lineages:
                words = Highlighter(one.wanted)
                matches += [QueryMatch(number, lineage, words.words(newest[lineage])) for lineage in sorted(lineages)]
        failures = held.failures | {
            stored.id: f"{self._engine.name} could not run {stored.query!r}: {answers.failed[stored.id]}"
            for stored in held.undecided
            if stored.id in answers.failed
        }
        return matches, [QueryFailure(stored.id, failures[stored.id]) for stored in queries if stored.id in failures]

    def _indexable(self, stories: Iterable[StoryDocument]) -> Iterator[StoryDocument]:
        for story in stories:
            try:
                self._engine.check(story)
            except ValueError:
                continue  # write() has rejected it, and it is quarantined
            yield story
