"""Stored queries over a batch: most are decided from its words alone; the others run on an in-memory index of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import tantivy

from pipeline.index.batch import Batch, numbers_in
from pipeline.index.embedded.layout import tantivy_document
from pipeline.index.embedded.translate import Translator
from pipeline.index.embedded.writing import in_memory
from pipeline.index.highlight import Highlighter
from pipeline.index.stored import Possible, StoredQueries
from pipeline.models import QueryFailure, QueryMatch, Status, StoredQuery, StoryDocument
from pipeline.query import parse_query


class Matcher:
    """Keeps what it has read of the queries from batch to batch."""

    def __init__(self) -> None:
        self._stored = StoredQueries()

    def match(
        self, batch: Sequence[StoryDocument], queries: Sequence[StoredQuery], now: datetime
    ) -> tuple[list[QueryMatch], list[QueryFailure]]:
        """Which usable stories of the batch match which queries; a query that fails says why and stops no other.

        Of several documents of one lineage only that with the highest revision counts.
        """
        newest = {story.lineage: story for story in sorted(batch, key=lambda story: story.revision)}
        stories = list(_indexable(story for story in newest.values() if story.status is Status.USABLE))
        possible, failures = self._stored.possible(Batch(stories), queries, now)
        engine = _Engine(stories)
        matches = list[QueryMatch]()
        for one in possible:
            try:
                lineages = _lineages(stories, one) if one.exact else engine.found(one.stored, now)
            except ValueError as error:
                failures[one.stored.id] = f"the search engine could not run {one.stored.query!r}: {error}"
                continue
            if lineages:
                words = Highlighter(one.wanted)
                matches += [QueryMatch(one.stored.id, n, words.words(newest[n])) for n in lineages]
        return matches, [QueryFailure(stored.id, failures[stored.id]) for stored in queries if stored.id in failures]


def _indexable(stories: Iterable[StoryDocument]) -> Iterable[StoryDocument]:
    for story in stories:
        try:
            tantivy_document(story)
        except ValueError:
            continue  # write() has rejected it with the reason, and it is quarantined
        yield story


def _lineages(stories: Sequence[StoryDocument], one: Possible) -> list[int]:
    return sorted(stories[number].lineage for number in numbers_in(one.found))


class _Engine:
    """An index of the batch alone, made when the first query needs it."""

    def __init__(self, stories: Sequence[StoryDocument]) -> None:
        self._stories = stories
        self._opened: tuple[tantivy.Searcher, Translator] | None = None

    def found(self, stored: StoredQuery, now: datetime) -> list[int]:
        if self._opened is None:
            index = in_memory(self._stories)
            searcher = index.searcher()
            self._opened = searcher, Translator(searcher, index.schema)
        searcher, translator = self._opened
        query = translator.query(parse_query(stored.query, now))
        addresses = [address for _, address in searcher.search(query, max(1, len(self._stories)), count=False).hits]
        return sorted(int(lineage or 0) for lineage in searcher.fast_field_values("lineage", addresses))
