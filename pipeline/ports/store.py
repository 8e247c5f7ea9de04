"""The store, by concern."""

from typing import Protocol

from pipeline.ports.alerts import AlertStore
from pipeline.ports.relations import EntityStore, MarkStore, RelationStore, ThreadStore
from pipeline.ports.stories import FeedStore, StoryStore, WorkQueue


class Store(Protocol):
    """The SQL store. Times in and out are UTC; every method is safe for several processes."""

    @property
    def feeds(self) -> FeedStore:
        """What is remembered of each feed."""

    @property
    def stories(self) -> StoryStore:
        """Stories, takes and lineages."""

    @property
    def work(self) -> WorkQueue:
        """Claims, and the outcomes of stages."""

    @property
    def relations(self) -> RelationStore:
        """What ranking reads, and the links and copies that relating found."""

    @property
    def threads(self) -> ThreadStore:
        """Happenings and threads, and rulings on them."""

    @property
    def marks(self) -> MarkStore:
        """Readers' marks on follow-ups."""

    @property
    def entities(self) -> EntityStore:
        """Entities across stories, and decisions about them."""

    @property
    def alerts(self) -> AlertStore:
        """Subscriptions, matches and the outbox."""

    def close(self) -> None:
        """Give all connections back."""
