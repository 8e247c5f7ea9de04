"""The search engine, and what else an engine may show."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from pipeline.models import (
    Candidate,
    CandidateQuery,
    FeedHealth,
    QueryFailure,
    QueryMatch,
    SearchRequest,
    SearchResult,
    StoredQuery,
    StoryDocument,
    WriteOutcome,
)


class SearchIndex(Protocol):
    """A search engine holding one document a lineage. Derived: it can be rebuilt from the store at any time."""

    def write(self, documents: Sequence[StoryDocument]) -> list[WriteOutcome]:
        """Write a batch, one outcome each in order; searchable when this returns. A document whose revision is not
        higher than the stored one's is SUPERSEDED (equal revisions too); one that the engine can't take is REJECTED."""

    def search(self, request: SearchRequest) -> SearchResult:
        """Raises QueryError with the position, before anything is run."""

    def candidates(self, queries: Sequence[CandidateQuery]) -> list[list[Candidate]]:
        """Usable lineages for each request, best first by the engine's own score."""

    def match(
        self, batch: Sequence[StoryDocument], queries: Sequence[StoredQuery]
    ) -> tuple[list[QueryMatch], list[QueryFailure]]:
        """Which documents of the batch match which queries, all of them; failures are isolated a query."""

    def drop_before(self, month: str) -> list[str]:
        """Remove the documents of the months before this one ("2017.11"); undated ones stay. Which months."""

    def rebuild(self, documents: Iterable[StoryDocument]) -> Iterator[WriteOutcome]:
        """Write everything into a fresh index and swap it in at the end, while searches go on with the old one."""

    def count(self) -> int:
        """How many documents are held, whatever their status."""

    def close(self) -> None:
        """Give the engine's handles and locks back."""


class FeedBoard(Protocol):
    """Where operators see how the feeds are doing. Derived: all of it can be shown again from the store."""

    def show(self, feeds: Sequence[FeedHealth], *, all_there_are: bool = False) -> None:
        """Show these feeds as they are now; of one feed only the latest is kept, whatever the order of writing.
        all_there_are: take down every other one."""

    def close(self) -> None:
        """Give the connections back."""
