"""Stored queries matched against a batch of stories, which need not be in the index.

What a story's words, names, numbers and dates decide is decided in this process, for every engine alike
(``stored_queries``). An engine is asked only about misspellings, and only about queries that some story may match.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from pipeline.index.highlight import Highlighter
from pipeline.index.matching.stored_queries import StoredQueries
from pipeline.index.matching.story_bitsets import StoryBitsets, story_numbers
from pipeline.models import QueryFailure, QueryMatch, Status, StoredQuery, StoryDocument


@dataclass(slots=True)
class EngineAnswers:
    """What an engine answers to stored queries.

    Attributes:
        matches: query id -> lineages.
        failures: query id -> why it could not be run.
    """

    matches: dict[int, list[int]] = field(default_factory=dict)
    failures: dict[int, str] = field(default_factory=dict)


class MatchingEngine(Protocol):
    """What an engine brings to matching.

    Attributes:
        name: how messages call the engine that could not run a query.
    """

    name: str

    def check(self, story: StoryDocument) -> None:
        """Raise ValueError, with the reason, for a story that a write would reject."""

    def run(
        self,
        stories: Sequence[StoryDocument],
        queries: Sequence[StoredQuery],
        query_ids: Collection[int],
        now: datetime,
    ) -> EngineAnswers:
        """Run some stored queries on the stories.

        Args:
            stories: the batch.
            queries: all queries that engines ever have to decide; a percolator keeps them from batch to batch.
            query_ids: those of ``queries`` to run on this batch.
            now: what date math in a query counts from.
        """


class Matcher:
    """Matches batches with one engine; keeps compiled queries from batch to batch."""

    def __init__(self, engine: MatchingEngine) -> None:
        self._engine = engine
        self._stored_queries = StoredQueries()

    def match(
        self, batch: Sequence[StoryDocument], queries: Sequence[StoredQuery], now: datetime
    ) -> tuple[list[QueryMatch], list[QueryFailure]]:
        """Which usable stories of the batch match which queries.

        A query that fails says why and stops no other. Of several documents of one lineage only that with the highest
        revision counts.
        """
        newest = {story.lineage: story for story in sorted(batch, key=lambda story: story.revision)}
        stories = list(self._indexable(story for story in newest.values() if story.status is Status.USABLE))
        evaluation = self._stored_queries.evaluate(StoryBitsets(stories), queries, now)
        query_ids = {possible.stored.id for possible in evaluation.possible if not possible.exact}
        answers = EngineAnswers()
        if query_ids:
            answers = self._engine.run(stories, evaluation.undecided, query_ids, now)
        matches = list[QueryMatch]()
        for possible in evaluation.possible:
            query_id = possible.stored.id
            if possible.exact:
                lineages = [stories[number].lineage for number in story_numbers(possible.stories)]
            else:
                lineages = answers.matches.get(query_id, [])
            if lineages:
                words = Highlighter(possible.wanted)
                matches += [QueryMatch(query_id, lineage, words.words(newest[lineage])) for lineage in sorted(lineages)]
        failures = evaluation.failures | {
            stored.id: f"{self._engine.name} could not run {stored.query!r}: {answers.failures[stored.id]}"
            for stored in evaluation.undecided
            if stored.id in answers.failures
        }
        return matches, [QueryFailure(stored.id, failures[stored.id]) for stored in queries if stored.id in failures]

    def _indexable(self, stories: Iterable[StoryDocument]) -> Iterator[StoryDocument]:
        for story in stories:
            try:
                self._engine.check(story)
            except ValueError:
                continue  # write() has rejected it, and it is quarantined
            yield story
