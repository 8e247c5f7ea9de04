"""The store as one thing: the port ``Store``."""

from pipeline.ports import Clock
from pipeline.store.alerts.alert_store import SqlAlertStore
from pipeline.store.db.database import Database
from pipeline.store.entities.entity_store import SqlEntityStore
from pipeline.store.feeds.feed_store import SqlFeedStore
from pipeline.store.happenings.thread_store import SqlThreadStore
from pipeline.store.marks.mark_store import SqlMarkStore
from pipeline.store.queue.work_queue import SqlWorkQueue
from pipeline.store.ranking.relation_store import SqlRelationStore
from pipeline.store.stories.story_store import SqlStoryStore


class SqlStore:
    """See ``pipeline.ports.Store``. Made by ``open_store``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._feeds = SqlFeedStore(database)
        self._stories = SqlStoryStore(database, clock)
        self._work = SqlWorkQueue(database)
        self._relations = SqlRelationStore(database)
        self._alerts = SqlAlertStore(database)
        self._entities = SqlEntityStore(database)
        self._marks = SqlMarkStore(database)
        self._threads = SqlThreadStore(database, clock)

    @property
    def feeds(self) -> SqlFeedStore:
        """What is remembered of each feed."""
        return self._feeds

    @property
    def stories(self) -> SqlStoryStore:
        """Stories, takes and lineages."""
        return self._stories

    @property
    def work(self) -> SqlWorkQueue:
        """Claims and outcomes."""
        return self._work

    @property
    def relations(self) -> SqlRelationStore:
        """What ranking reads, and what relating found."""
        return self._relations

    @property
    def entities(self) -> SqlEntityStore:
        """Entities across stories, and decisions about them."""
        return self._entities

    @property
    def alerts(self) -> SqlAlertStore:
        """Subscriptions, matches and the outbox."""
        return self._alerts

    @property
    def marks(self) -> SqlMarkStore:
        """What readers say of follow-ups."""
        return self._marks

    @property
    def threads(self) -> SqlThreadStore:
        """Happenings and threads."""
        return self._threads

    def close(self) -> None:
        """Give connections back."""
        self._database.close()
