"""The embedded engine: the port ``SearchIndex`` over tantivy."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.index.embedded.batch_index import BatchIndex
from pipeline.index.embedded.generations import Generations, explained
from pipeline.index.embedded.hit_ranking import RankedHits
from pipeline.index.embedded.search import Search
from pipeline.index.embedded.translate import Translator
from pipeline.index.embedded.writer import drop_before, write_batch
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
from pipeline.models.month_key import month_from_number
from pipeline.ports import Clock
from pipeline.query import parse_query

_REBUILD_BATCH = 2_000


class EmbeddedIndex:
    """One folder with a tantivy index; safe for several processes and threads. See ``SearchIndex`` for each method."""

    def __init__(self, folder: Path, clock: Clock | None, wait: float) -> None:
        self._folder = folder
        self._clock = clock
        self._generations = Generations(folder, wait)
        self._matcher = Matcher(BatchIndex())

    # ------------------------------------------------------------------ writing

    def write(self, documents: Sequence[StoryDocument]) -> list[WriteOutcome]:
        """See ``SearchIndex.write``."""
        if not documents:
            return []
        with self._generations.writing() as (current, *building), explained("writing", self._folder):
            outcomes = write_batch(current, documents)
            for generation in building:
                write_batch(generation, documents)
        return outcomes

    def drop_before(self, month: str) -> list[str]:
        """See ``SearchIndex.drop_before``. It also drops from a generation that is being built."""
        if self._generations.reader() is None:
            return []
        with self._generations.writing() as targets, explained("dropping old months", self._folder):
            dropped = [drop_before(generation, month) for generation in targets]
        return [month_from_number(number) for number in sorted(dropped[0])]

    def rebuild(self, documents: Iterable[StoryDocument]) -> Iterator[WriteOutcome]:
        """See ``SearchIndex.rebuild``. A new generation is filled, and removed if it is given up."""
        pending = iter(documents)
        with self._generations.rebuilding() as generation:
            while batch := list(islice(pending, _REBUILD_BATCH)):
                with self._generations.locked(), explained("rebuilding", self._folder):
                    outcomes = write_batch(generation, batch)
                yield from outcomes

    # ------------------------------------------------------------------ reading

    def search(self, request: SearchRequest) -> SearchResult:
        """See ``SearchIndex.search``. It sees the latest commit."""
        check_request(request)
        tree = parse_query(request.query, self._now())
        reader = self._generations.reader()
        if reader is None:
            return SearchResult(total=0, hits=(), facets=dict.fromkeys(request.facets, ()))
        with explained("searching", self._folder):
            searcher = reader.searcher
            return Search(searcher, Translator(searcher, reader.index.schema), request, tree).result()

    def candidates(self, queries: Sequence[CandidateQuery]) -> list[list[Candidate]]:
        """See ``SearchIndex.candidates``."""
        reader = self._generations.reader()
        if reader is None:
            return [[] for _ in queries]
        with explained("finding candidates", self._folder):
            searcher = reader.searcher
            translator = Translator(searcher, reader.index.schema)
            return [_candidates(searcher, translator, wanted) for wanted in queries]

    def match(
        self, batch: Sequence[StoryDocument], queries: Sequence[StoredQuery]
    ) -> tuple[list[QueryMatch], list[QueryFailure]]:
        """See ``SearchIndex.match``. It works in memory."""
        with explained("matching stored queries", self._folder):
            return self._matcher.match(batch, queries, self._now())

    def count(self) -> int:
        """See ``SearchIndex.count``."""
        reader = self._generations.reader()
        if reader is None:
            return 0
        with explained("counting", self._folder):
            return int(reader.searcher.num_docs)

    def close(self) -> None:
        """Give the reader back; the index can be used again afterwards."""
        self._generations.close_reader()

    # ------------------------------------------------------------------

    def _now(self) -> datetime:
        return self._clock.now() if self._clock is not None else datetime.now(UTC)


def _candidates(searcher: Any, translator: Translator, wanted: CandidateQuery) -> list[Candidate]:
    if wanted.limit < 1:
        return []
    ranked_hits = RankedHits(searcher, translator.candidates(wanted), "relevance")
    hits = ranked_hits.first(wanted.limit + len(wanted.exclude))
    return [Candidate(lineage, -order) for order, lineage in hits if lineage not in wanted.exclude][: wanted.limit]
