"""The store as a whole."""

from typing import Protocol

from pipeline.ports.alerts import AlertStore
from pipeline.ports.relations import EntityStore, MarkStore, RelationStore, ThreadStore
from pipeline.ports.stories import FeedStore, StoryStore, WorkQueue


class Store(Protocol):
    """The SQL store, by concern. Times in and out are UTC; every method is safe for several processes."""

    @property
    def feeds(self) -> FeedStore: ...
    @property
    def stories(self) -> StoryStore: ...
    @property
    def work(self) -> WorkQueue: ...
    @property
    def relations(self) -> RelationStore: ...
    @property
    def alerts(self) -> AlertStore: ...
    @property
    def entities(self) -> EntityStore: ...
    @property
    def threads(self) -> ThreadStore: ...
    @property
    def marks(self) -> MarkStore: ...

    def close(self) -> None:
        """Give connections back."""
