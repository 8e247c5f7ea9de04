"""A small newsroom for the store's tests: stories with sensible defaults, and the later stages at their simplest."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import count
from pathlib import Path
from shutil import copy2
from typing import Any

from pipeline.models import (
    Added,
    CopyEdge,
    Enrichment,
    Entity,
    EntityType,
    Field,
    Link,
    Mention,
    Origin,
    Relations,
    Stage,
    StoredTake,
    Story,
    WriteOutcome,
    WriteState,
)
from pipeline.ports import Store
from pipeline.store import open_store

NOW = datetime(2017, 11, 10, 12, tzinfo=UTC)
LEASE = timedelta(minutes=10)
WINDOW = timedelta(days=3)
IMPORT = Origin("import", "wire.jsonl", NOW)


class SetClock:
    """A clock that shows what it was set to."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A time in November 2017."""
    return datetime(2017, 11, day, hour, minute, tzinfo=UTC)


def story(uri: str = "wire:deal", **fields: Any) -> Story:
    """A take by one agency, unlike any with another uri."""
    words = [
        blake2b(f"{uri} {number}".encode("utf-8", "surrogatepass"), digest_size=4).hexdigest() for number in range(40)
    ]
    defaults: dict[str, Any] = {
        "headline": f"Story of {' '.join(words[:5])}",
        "body": " ".join(words),
        "agency": "Bosphorus",
        "source": "Bosphorus",
        "published_at": at(8, 9),
        "updated_at": at(8, 9),
        "language": "en",
    }
    return Story(uri=uri, **(defaults | fields))


def enrichment(take: StoredTake, revision: str = "tagger 1", **fields: Any) -> Enrichment:
    """Every word a term; every word in capitals an organization, mentioned where it first stands; a hash as vector."""
    text = take.story.body
    names = sorted({word for word in text.split() if word.isupper() and len(word) > 1})
    defaults: dict[str, Any] = {
        "terms": dict(Counter(text.lower().split())),
        "entities": tuple(Entity(f"gaz:{name.lower()}", EntityType.ORGANIZATION, name, 0.5, 1) for name in names),
        "mentions": tuple(
            Mention(
                Field.BODY,
                text.index(name),
                text.index(name) + len(name),
                name,
                EntityType.ORGANIZATION,
                name,
                f"gaz:{name.lower()}",
            )
            for name in names
        ),
        "keyterms": tuple(text.lower().split()[:3]),
        "vector": blake2b(text.encode(), digest_size=64).digest() * 8,
    }
    return Enrichment(version_id=take.version_id, revision=revision, **(defaults | fields))


class Newsroom:
    """A store with the later stages at hand; each runs until nothing of it is left, unless told otherwise."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.indexed: dict[int, int] = {}  # lineage -> revision, as an engine would hold them
        self._worker = count(1)

    def add(self, *stories: Story, origin: Origin = IMPORT) -> list[Added]:
        return self.store.stories.add(stories, origin)

    def claim(self, stage: Stage, limit: int = 1000, now: datetime = NOW) -> list[int]:
        return self.store.work.claim(stage, f"worker {next(self._worker)}", now, LEASE, limit)

    def tag(self, revision: str = "tagger 1", limit: int = 1000, **fields: Any) -> list[int]:
        ids = self.claim(Stage.ENRICH, limit)
        takes = self.store.stories.takes(ids)
        self.store.work.record_enriched([enrichment(take, revision, **fields) for take in takes])
        return ids

    def relate(self, links: Sequence[Link] = (), copies: Sequence[CopyEdge] = ()) -> list[int]:
        """Relate what is pending. Each link is handed over with its later story, each edge with its second version."""
        ids = self.claim(Stage.RELATE)
        self.store.work.record_related(
            [
                Relations(
                    lineage=take.lineage,
                    version_id=take.version_id,
                    links=tuple(link for link in links if link.later == take.lineage),
                    copies=tuple(edge for edge in copies if edge.version_b == take.version_id),
                )
                for take in self.store.stories.takes(ids)
            ]
        )
        return ids

    def index(self, limit: int = 1000) -> list[int]:
        lineages = self.claim(Stage.INDEX, limit)
        outcomes = []
        for record in self.store.stories.records(lineages):
            newer = record.revision > self.indexed.get(record.lineage, 0)
            self.indexed[record.lineage] = max(record.revision, self.indexed.get(record.lineage, 0))
            state = WriteState.WRITTEN if newer else WriteState.SUPERSEDED
            outcomes.append(WriteOutcome(record.lineage, record.revision, state))
        self.store.work.record_indexed(outcomes, NOW)
        return lineages

    def alert(self, limit: int = 1000) -> list[int]:
        ids = self.claim(Stage.ALERT, limit)
        self.store.alerts.record_alerted(ids, [], [])
        return ids

    def walk(self) -> None:
        """All stages in turn."""
        self.tag()
        self.relate()
        self.index()
        self.alert()

    def pending(self) -> dict[str, int]:
        """What is open, by stage; stages with nothing are left out."""
        found = {stage.value: self.store.work.pending(stage) for stage in Stage}
        return {stage: number for stage, number in found.items() if number}

    def export(self) -> list[dict[str, Any]]:
        return list(self.store.stories.export(canonical=True))


class SqliteStores:
    """Fresh SQLite stores, each a copy of one that was migrated once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = count(1)
        self._empty = folder / "empty.db"
        open_store(f"sqlite:///{self._empty}", SetClock()).close()

    def fresh(self) -> str:
        file = self._folder / f"store{next(self._made)}.db"
        copy2(self._empty, file)
        return f"sqlite:///{file}"


@contextmanager
def opened(url: str, clock: SetClock | None = None) -> Iterator[Store]:
    store = open_store(url, clock or SetClock())
    try:
        yield store
    finally:
        store.close()
