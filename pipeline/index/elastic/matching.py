"""Stored queries over a batch of stories, which need not be in the index.

Where the cluster has a percolator, it holds the queries and is given the stories (percolator.py). Where it has none, it
is given the stories for a moment and asked the queries that could match at all (batches.py); so are queries that count
from now, and what a percolator refuses. Either way the same stories match: queries and analysis are the same.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pipeline.errors import QueryError
from pipeline.index.elastic.batches import Batches
from pipeline.index.elastic.percolator import Percolator, kept
from pipeline.index.elastic.translate import to_query
from pipeline.index.elastic.workplace import Answers
from pipeline.index.highlight import Highlighter
from pipeline.index.vocabulary import Vocabulary
from pipeline.models import QueryFailure, QueryMatch, Status, StoredQuery, StoryDocument
from pipeline.query import parse_query
from pipeline.query.tree import Node

_LATER = timedelta(days=400)


class Matcher:
    """Matches batches with one cluster."""

    def __init__(self, percolator: Percolator, batches: Batches) -> None:
        self._percolator = percolator
        self._batches = batches

    def match(
        self, batch: Sequence[StoryDocument], queries: Sequence[StoredQuery], now: datetime
    ) -> tuple[list[QueryMatch], list[QueryFailure]]:
        """Which usable stories of the batch match which queries; a query that fails says why and stops no other.

        Of several documents of one lineage only that with the highest revision counts.
        """
        newest = {story.lineage: story for story in sorted(batch, key=lambda story: story.revision)}
        stories = {lineage: story for lineage, story in newest.items() if story.status is Status.USABLE}
        trees, failures = dict[int, Node](), dict[int, str]()
        for stored in queries:
            try:
                trees[stored.id] = parse_query(stored.query, now)
            except QueryError as error:
                failures[stored.id] = str(error)
        # A stored query's dates stand still.
        fleeting = {
            stored.id
            for stored in queries
            if "now" in stored.query
            and stored.id in trees
            and trees[stored.id] != parse_query(stored.query, now + _LATER)
        }
        found = self._found(list(stories.values()), trees, fleeting) if stories and trees else Answers()
        texts = {stored.id: stored.query for stored in queries}
        failures |= {
            number: f"Elasticsearch could not run {texts[number]!r}: {why}" for number, why in found.failed.items()
        }
        matches = [
            QueryMatch(stored.id, lineage, words.words(stories[lineage]))
            for stored in queries
            if found.found.get(stored.id)
            for words in [Highlighter(trees[stored.id])]
            for lineage in sorted(found.found[stored.id])
        ]
        return matches, [QueryFailure(stored.id, failures[stored.id]) for stored in queries if stored.id in failures]

    def _found(self, stories: Sequence[StoryDocument], trees: Mapping[int, Node], fleeting: set[int]) -> Answers:
        percolated = self._percolator.find(stories, {n: kept(tree) for n, tree in trees.items() if n not in fleeting})
        left = fleeting if percolated is not None else set(trees)
        vocabulary = Vocabulary(stories) if left else None
        possible = {
            n: to_query(trees[n]) for n in sorted(left) if vocabulary is not None and vocabulary.may_match(trees[n])
        }
        asked = self._batches.find(stories, possible) if possible else Answers()
        if percolated is None:
            return asked
        return Answers(percolated.found | asked.found, percolated.failed | asked.failed)
