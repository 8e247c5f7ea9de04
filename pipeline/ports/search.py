"""The search engine, and the board that shows operators how feeds are doing."""

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
    """A search engine that holds one document per lineage. It can be rebuilt from the store at any time."""

    def write(self, documents: Sequence[StoryDocument]) -> list[WriteOutcome]:
        """Write a batch of documents. They can be searched when this returns.

        Returns:
            One outcome per document, in order. A document whose revision is not higher than the stored one's (equal
            ones, too) is SUPERSEDED; one that the engine cannot take is REJECTED.
        """

    def search(self, request: SearchRequest) -> SearchResult:
        """Search.

        Raises:
            QueryError: The query cannot be understood. It says where, and nothing was run.
        """

    def candidates(self, queries: Sequence[CandidateQuery]) -> list[list[Candidate]]:
        """Usable lineages for each request, in order; the best by the engine's own score come first."""

    def match(
        self, batch: Sequence[StoryDocument], queries: Sequence[StoredQuery]
    ) -> tuple[list[QueryMatch], list[QueryFailure]]:
        """Match every document of a batch with every query.

        Returns:
            The matches, and the queries that could not be run. These do not keep others from being run.
        """

    def drop_before(self, month: str) -> list[str]:
        """Remove the documents of the months before this one ("2017.11"). Undated ones stay.

        Returns:
            The months that were removed, in order.
        """

    def rebuild(self, documents: Iterable[StoryDocument]) -> Iterator[WriteOutcome]:
        """Write all documents into a new index and swap it in at the end. Searches go on with the old one until then.

        Yields:
            One outcome per document. If the caller stops before the end, the old index stays.
        """

    def count(self) -> int:
        """How many documents are held, whatever their status."""

    def close(self) -> None:
        """Give the engine's handles and locks back."""


class FeedBoard(Protocol):
    """Where operators see how the feeds are doing. All of it can be shown again from the store."""

    def show(self, feeds: Sequence[FeedHealth], *, all_there_are: bool = False) -> None:
        """Show how these feeds are doing. Only the latest state of a feed is kept, whatever the order of writing.

        Args:
            feeds: The feeds as they are now.
            all_there_are: Whether every other feed is taken down.
        """

    def close(self) -> None:
        """Give the connections back."""
