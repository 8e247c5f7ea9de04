"""The port ``SearchIndex`` over an Elasticsearch cluster."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from elasticsearch import NotFoundError

from pipeline.index.elastic.cluster import Cluster, is_missing
from pipeline.index.elastic.matching.batch_search import BatchSearch
from pipeline.index.elastic.matching.cluster_matching import ClusterMatching
from pipeline.index.elastic.matching.percolator import Percolator
from pipeline.index.elastic.names import UNDATED, Names
from pipeline.index.elastic.searching.candidates import find_candidates
from pipeline.index.elastic.searching.search import Search
from pipeline.index.elastic.writing.alias_registry import AliasRegistry
from pipeline.index.elastic.writing.bulk import Bulk
from pipeline.index.elastic.writing.rebuild import rebuild
from pipeline.index.elastic.writing.writer import Writer
from pipeline.index.matching.matcher import Matcher
from pipeline.index.search_request import check_request
from pipeline.models import (
    Candidate,
    CandidateQuery,
    QueryFailure,
    QueryMatch,
    SearchRequest,
    SearchResult,
    StoredQuery,
    StoryDocument,
    WriteOutcome,
)
from pipeline.ports import Clock
from pipeline.query import parse_query
from pipeline.settings import ElasticsearchSettings


class ElasticIndex:
    """One cluster; safe for several processes. See ``SearchIndex`` for each method.

    Args:
        settings: the address, and how to sign in.
        clock: what ``now`` in a query means.
        prefix: of all names.
        pause: waits for so many seconds.
        patience: seconds that an answer may take.
    """

    def __init__(
        self,
        settings: ElasticsearchSettings,
        clock: Clock,
        prefix: str = "wire",
        pause: Callable[[float], None] = time.sleep,
        patience: float = 60.0,
    ) -> None:
        self._clock = clock
        self._cluster = Cluster(settings, Names(prefix), patience, pause)
        self._bulk = Bulk(self._cluster)
        self._registry = AliasRegistry(self._cluster, clock.now)
        self._writer = Writer(self._cluster, self._registry, self._bulk)
        work = (self._cluster, self._bulk, clock.now)
        self._matcher = Matcher(ClusterMatching(Percolator(*work), BatchSearch(*work)))

    # ------------------------------------------------------------------ writing

    def write(self, documents: Sequence[StoryDocument]) -> list[WriteOutcome]:
        """See ``SearchIndex.write``."""
        return self._writer.write(documents)

    def rebuild(self, documents: Iterable[StoryDocument]) -> Iterator[WriteOutcome]:
        """See ``SearchIndex.rebuild``. New indices are filled, and removed if it is given up."""
        yield from rebuild(self._registry, self._bulk, documents)

    def drop_before(self, month: str) -> list[str]:
        """See ``SearchIndex.drop_before``. It removes whole indices."""
        indices = self._registry.look()
        old = {name: index for name, index in indices.current.items() if name != UNDATED and name < month}
        self._registry.remove(old.values())
        return sorted(old)

    # ------------------------------------------------------------------ reading

    def search(self, request: SearchRequest) -> SearchResult:
        """See ``SearchIndex.search``."""
        check_request(request)
        return Search(self._cluster, request, parse_query(request.query, self._clock.now())).result()

    def candidates(self, queries: Sequence[CandidateQuery]) -> list[list[Candidate]]:
        """See ``SearchIndex.candidates``."""
        return find_candidates(self._cluster, queries)

    def match(
        self, batch: Sequence[StoryDocument], queries: Sequence[StoredQuery]
    ) -> tuple[list[QueryMatch], list[QueryFailure]]:
        """See ``SearchIndex.match``."""
        return self._matcher.match(batch, queries, self._clock.now())

    def count(self) -> int:
        """See ``SearchIndex.count``."""
        return self._cluster.with_retries("counting", self._count)

    def close(self) -> None:
        """Close the connections; the index cannot be used again afterwards."""
        self._bulk.close()
        self._cluster.close()

    def _count(self) -> int:
        everything = self._cluster.names.all
        try:
            return int(self._cluster.client.count(index=everything).body["count"])
        except NotFoundError as error:
            if is_missing(error.body, everything):
                return 0
            raise
