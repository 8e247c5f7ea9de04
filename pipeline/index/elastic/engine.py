"""The SearchIndex that a cluster is."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from elasticsearch import NotFoundError

from pipeline.index.elastic.cluster import Cluster, is_missing
from pipeline.index.elastic.matching.batch_search import Batches
from pipeline.index.elastic.matching.match import ClusterMatching
from pipeline.index.elastic.matching.percolator import Percolator
from pipeline.index.elastic.names import UNDATED, Names
from pipeline.index.elastic.searching.candidates import find_candidates
from pipeline.index.elastic.searching.search import Search
from pipeline.index.elastic.writing.bulk import Bulk
from pipeline.index.elastic.writing.index_registry import Catalogue
from pipeline.index.elastic.writing.rebuild import rebuilt
from pipeline.index.elastic.writing.write import Writer
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

    prefix: of all names. pause: how to wait some seconds. patience: seconds that an answer may take.
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
        self._catalogue = Catalogue(self._cluster, clock.now)
        self._writer = Writer(self._cluster, self._catalogue, self._bulk)
        work = (self._cluster, self._bulk, clock.now)
        self._matcher = Matcher(ClusterMatching(Percolator(*work), Batches(*work)))

    # ------------------------------------------------------------------ writing

    def write(self, documents: Sequence[StoryDocument]) -> list[WriteOutcome]:
        """Searchable, for every process, when this returns."""
        return self._writer.write(documents)

    def rebuild(self, documents: Iterable[StoryDocument]) -> Iterator[WriteOutcome]:
        """New indices beside the searched ones; given up, and removed, if the caller stops before the end."""
        yield from rebuilt(self._catalogue, self._bulk, documents)

    def drop_before(self, month: str) -> list[str]:
        """By removing whole indices."""
        indices = self._catalogue.look()
        old = {name: index for name, index in indices.current.items() if name != UNDATED and name < month}
        self._catalogue.remove(old.values())
        return sorted(old)

    # ------------------------------------------------------------------ reading

    def search(self, request: SearchRequest) -> SearchResult:
        """Runs a checked query."""
        check_request(request)
        return Search(self._cluster, request, parse_query(request.query, self._clock.now())).result()

    def candidates(self, queries: Sequence[CandidateQuery]) -> list[list[Candidate]]:
        """By the sum of the request's weights that a story meets; equal ones by lineage."""
        return find_candidates(self._cluster, queries)

    def match(
        self, batch: Sequence[StoryDocument], queries: Sequence[StoredQuery]
    ) -> tuple[list[QueryMatch], list[QueryFailure]]:
        """The stories of the batch need not be in the index."""
        return self._matcher.match(batch, queries, self._clock.now())

    def count(self) -> int:
        """How many documents are held, whatever their status."""
        return self._cluster.settled("counting", self._count)

    def close(self) -> None:
        """Give the connections back; the index can't be used again afterwards."""
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
