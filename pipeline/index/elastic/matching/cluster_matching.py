"""Stored queries on a cluster.

Where it has a percolator, that holds the queries and is given the stories (``percolator``). Otherwise the stories are
put into a scratch index and searched there (``batch_search``). The same is done for queries that count from now, and
for those that a percolator refuses. Either way the same stories match: queries and analysis are the same.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from pipeline.index.elastic.mapping import source, to_json
from pipeline.index.elastic.matching.batch_search import BatchSearch
from pipeline.index.elastic.matching.percolator import Percolator, PercolatorQuery, percolator_query
from pipeline.index.elastic.searching.translate import to_query
from pipeline.index.matching.matcher import EngineAnswers
from pipeline.index.matching.stored_queries import is_time_dependent
from pipeline.models import StoredQuery, StoryDocument
from pipeline.query import parse_query

_SPARE = 1_000  # queries that nobody asks any more, before all are forgotten


class ClusterMatching:
    """Runs stored queries on one cluster."""

    name = "Elasticsearch"

    def __init__(self, percolator: Percolator, batch_search: BatchSearch) -> None:
        self._percolator = percolator
        self._batch_search = batch_search
        self._by_text = dict[str, PercolatorQuery | None]()  # None: it counts from now

    def check(self, story: StoryDocument) -> None:
        """See ``MatchingEngine.check``."""
        to_json(source(story, for_candidates=False))

    def run(
        self,
        stories: Sequence[StoryDocument],
        queries: Sequence[StoredQuery],
        query_ids: Collection[int],
        now: datetime,
    ) -> EngineAnswers:
        """See ``MatchingEngine.run``."""
        storable = self._storable(queries, now)
        percolated = self._percolator.find(stories, storable, query_ids)
        left = [
            stored for stored in queries if stored.id in query_ids and (percolated is None or stored.id not in storable)
        ]
        trees = {stored.id: to_query(parse_query(stored.query, now)) for stored in left}
        answers = self._batch_search.find(stories, trees) if trees else EngineAnswers()
        if percolated is None:
            return answers
        return EngineAnswers(percolated.matches | answers.matches, percolated.failures | answers.failures)

    def _storable(self, queries: Sequence[StoredQuery], now: datetime) -> Mapping[int, PercolatorQuery]:
        """The queries as a percolator keeps them; none that counts from now, since there its dates would be fixed."""
        if len(self._by_text) > 2 * len(queries) + _SPARE:
            self._by_text.clear()
        for stored in queries:
            if stored.query not in self._by_text:
                tree = parse_query(stored.query, now)
                self._by_text[stored.query] = (
                    None if is_time_dependent(stored.query, tree, now) else percolator_query(tree)
                )
        return {stored.id: query for stored in queries if (query := self._by_text[stored.query]) is not None}
