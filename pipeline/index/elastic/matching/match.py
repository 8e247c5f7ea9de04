"""What a cluster brings to matching.

Where it has a percolator, that holds the queries and is given the stories (percolator.py). Where it has none, it is
given the stories for a moment and asked the queries (batches.py); so are queries that count from now, and what a
percolator refuses. Either way the same stories match: queries and analysis are the same.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from pipeline.index.elastic.mapping import source, to_json
from pipeline.index.elastic.matching.batch_search import Batches
from pipeline.index.elastic.matching.percolator import Kept, Percolator, kept
from pipeline.index.elastic.searching.translate import to_query
from pipeline.index.matching.matcher import EngineAnswers
from pipeline.index.matching.stored_queries import is_time_dependent
from pipeline.models import StoredQuery, StoryDocument
from pipeline.query import parse_query

_SPARE = 1_000  # queries that nobody asks any more, before all are forgotten


class ClusterMatching:
    """Runs stored queries on one cluster."""

    name = "Elasticsearch"

    def __init__(self, percolator: Percolator, batches: Batches) -> None:
        self._percolator = percolator
        self._batches = batches
        self._kept = dict[str, Kept | None]()  # None: it counts from now

    def check(self, story: StoryDocument) -> None:
        """Raises ValueError for one that cannot be sent and indexed."""
        to_json(source(story, for_candidates=False))

    def run(
        self, stories: Sequence[StoryDocument], queries: Sequence[StoredQuery], asked: Collection[int], now: datetime
    ) -> EngineAnswers:
        """By the percolator as many as it has; the rest by asking the batch."""
        standing = self._standing(queries, now)
        percolated = self._percolator.find(stories, standing, asked)
        left = [
            stored for stored in queries if stored.id in asked and (percolated is None or stored.id not in standing)
        ]
        trees = {stored.id: to_query(parse_query(stored.query, now)) for stored in left}
        answers = self._batches.find(stories, trees) if trees else EngineAnswers()
        if percolated is None:
            return answers
        return EngineAnswers(percolated.matches | answers.matches, percolated.failures | answers.failures)

    def _standing(self, queries: Sequence[StoredQuery], now: datetime) -> Mapping[int, Kept]:
        """The queries as a cluster keeps them; none that counts from now, since a kept query's dates stand still."""
        if len(self._kept) > 2 * len(queries) + _SPARE:
            self._kept.clear()
        for stored in queries:
            if stored.query not in self._kept:
                tree = parse_query(stored.query, now)
                self._kept[stored.query] = None if is_time_dependent(stored.query, tree, now) else kept(tree)
        return {stored.id: one for stored in queries if (one := self._kept[stored.query]) is not None}
