"""The ports: what the pipeline asks of the world outside it, and how each adapter fails.

- store: ``Store``, which holds the ports of the database
- stories: ``FeedStore``, ``StoryStore``, ``WorkQueue``
- relations: ``RelationStore``, ``ThreadStore``, ``MarkStore``, ``EntityStore``
- alerts: ``AlertStore``, ``Channel``
- search: ``SearchIndex``, ``FeedBoard``

Every adapter of a port passes that port's contract suite in tests/contracts. An adapter raises only errors of
``pipeline.errors``. Where nothing else is said these are ``StoreUnavailable`` (store) or ``IndexUnavailable`` (index).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from pipeline.models import Enrichment, Rejected, StoredTake
from pipeline.ports.alerts import AlertStore, Channel
from pipeline.ports.relations import EntityStore, MarkStore, RelationStore, ThreadStore
from pipeline.ports.search import FeedBoard, SearchIndex
from pipeline.ports.store import Store
from pipeline.ports.stories import FeedStore, StoryStore, WorkQueue

__all__ = [
    "AlertStore",
    "Channel",
    "Clock",
    "EntityStore",
    "FeedBoard",
    "FeedStore",
    "MarkStore",
    "RelationStore",
    "SearchIndex",
    "Store",
    "StoryStore",
    "Tagger",
    "ThreadStore",
    "WorkQueue",
]


class Clock(Protocol):
    """The time, so that tests can choose it."""

    def now(self) -> datetime:
        """The current instant, UTC."""


class Tagger(Protocol):
    """Entity tagging with one configured model."""

    @property
    def revision(self) -> str:
        """A text that changes whenever the model, the gazetteer or the code would answer differently."""

    def tag(self, takes: Iterable[StoredTake]) -> Iterator[Enrichment | Rejected]:
        """Tag takes as they come.

        Yields:
            One answer per take, in order. A text that cannot be tagged is Rejected; the others go on.
        """

    def close(self) -> None:
        """End the tagger's processes. It cannot be used after that."""
