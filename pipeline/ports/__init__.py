"""The seams: what the walk asks of the world outside it, and how each adapter fails.

Every adapter of a port passes that port's contract suite in tests/contracts. All adapters may raise only errors of
``pipeline.errors``; where nothing else is said, ``StoreUnavailable`` (store) or ``IndexUnavailable`` (index).
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
        """Changes whenever the model, the gazetteer or the code would answer differently."""

    def tag(self, takes: Iterable[StoredTake]) -> Iterator[Enrichment | Rejected]:
        """One answer a take, in order, as they come; a text that can't be tagged is Rejected, the rest goes on."""

    def close(self) -> None:
        """End the tagger's processes. It cannot be used after that."""
