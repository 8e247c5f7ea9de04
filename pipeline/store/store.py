"""The store as one thing: the port ``Store``."""

from pipeline.ports import Clock
from pipeline.store.adapters.alert_store import SqlAlertStore
from pipeline.store.adapters.entity_store import SqlEntityStore
from pipeline.store.adapters.feed_store import SqlFeedStore
from pipeline.store.adapters.mark_store import SqlMarkStore
from pipeline.store.adapters.relation_store import SqlRelationStore
from pipeline.store.adapters.story_store import SqlStoryStore
from pipeline.store.adapters.thread_store import SqlThreadStore
from pipeline.store.adapters.work_queue import SqlWorkQueue
from pipeline.store.db.database import Database
from pipeline.store.db.open_database import open_database


class SqlStore:
    """See ``pipeline.ports.Store``. Made by ``open_store``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self.feeds = SqlFeedStore(database)
        self.stories = SqlStoryStore(database, clock)
        self.work = SqlWorkQueue(database)
        self.relations = SqlRelationStore(database)
        self.alerts = SqlAlertStore(database)
        self.entities = SqlEntityStore(database)
        self.marks = SqlMarkStore(database)
        self.threads = SqlThreadStore(database, clock)

    def close(self) -> None:
        """See ``pipeline.ports.Store.close``."""
        self._database.close()


def open_store(url: str, clock: Clock, busy_seconds: float = 30.0) -> SqlStore:
    """Open the store at ``url``: make it where there is none, and bring an older one up to date.

    Any number of processes may open it at once.

    Args:
        url: ``sqlite:////folder/file.db`` or ``postgresql+psycopg://user@host/name``.
        clock: Tells the time.
        busy_seconds: How long a writer waits for others.

    Raises:
        StoreUnavailable: The store cannot be used; the message says what to do.
        SettingsError: The URL names no store.
    """
    return SqlStore(open_database(url, busy_seconds), clock)
