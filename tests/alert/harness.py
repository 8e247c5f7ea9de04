"""A harness: the real store, what lies between ingest and alerting done the shortest way, and channels to choose."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from pipeline.alert import Delivered, Matched, deliver_due, match_batch
from pipeline.models import (
    CopyEdge,
    Enrichment,
    HappeningAssignment,
    Link,
    Message,
    Origin,
    QueryFailure,
    QueryMatch,
    Relations,
    Stage,
    StoredQuery,
    Story,
    StoryDocument,
    Subscription,
    WriteOutcome,
    WriteState,
)
from pipeline.ports import Channel, SearchIndex, Store
from pipeline.store import open_store
from tests.alert.samples import NOW, document

LEASE = timedelta(minutes=10)


@dataclass
class Clock:
    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


class Words:
    """An index whose queries are single words, found in headlines; a query of ``?`` cannot be run."""

    def match(
        self, batch: Sequence[StoryDocument], queries: Sequence[StoredQuery]
    ) -> tuple[list[QueryMatch], list[QueryFailure]]:
        matches = [
            QueryMatch(query.id, document.lineage, (query.query,))
            for document in batch
            for query in queries
            if query.query.lower() in re.findall(r"\w+", document.headline.lower())
        ]
        return matches, [QueryFailure(query.id, "cannot be run") for query in queries if query.query == "?"]


@dataclass
class Inbox:
    """A channel that keeps what it is sent; ``first`` happens before, and may raise."""

    messages: list[Message] = field(default_factory=list)
    first: Callable[[Message], None] = lambda _: None

    def send(self, message: Message) -> None:
        self.first(message)
        self.messages.append(message)

    @property
    def subjects(self) -> list[str]:
        return [message.subject for message in self.messages]


@dataclass
class AlertHarness:
    """A store, a clock and one inbox for every channel URL that is not given another channel."""

    store: Store
    clock: Clock = field(default_factory=Clock)
    inbox: Inbox = field(default_factory=Inbox)
    channels: dict[str, Channel] = field(default_factory=dict)

    def subscribe(self, subscription: Subscription) -> int:
        return self.store.alerts.subscribe(subscription)

    def arrive(
        self,
        *stories: Story,
        backfill: bool = False,
        links: Sequence[Link] = (),
        copies: Sequence[CopyEdge] = (),
        happenings: bool = False,
    ) -> list[int]:
        """Stories up to the point where they can be found; their lineages. happenings: each tells of one of its own."""
        added = self.store.stories.add(stories, Origin("bosphorus", "https://x/", self.clock.now(), backfill))
        self.store.work.record_enriched(
            [Enrichment(version_id=version_id, revision="1") for version_id in self._claim(Stage.ENRICH)]
        )
        takes = self.store.stories.takes(self._claim(Stage.RELATE))
        self.store.work.record_related(
            [
                Relations(
                    lineage=take.lineage,
                    version_id=take.version_id,
                    links=tuple(link for link in links if link.later == take.lineage),
                    copies=tuple(edge for edge in copies if edge.version_b == take.version_id),
                    assignments=(HappeningAssignment(None, (take.lineage,)),) if happenings else (),
                )
                for take in takes
            ]
        )
        records = self.store.stories.records(self._claim(Stage.INDEX))
        outcomes = [WriteOutcome(record.lineage, record.revision, WriteState.WRITTEN) for record in records]
        self.store.work.record_indexed(outcomes, self.clock.now())
        return [outcome.lineage for outcome in added]

    def match(self) -> Matched:
        ids = self._claim(Stage.ALERT)
        lineages = list(dict.fromkeys(take.lineage for take in self.store.stories.takes(ids)))
        documents = [document(record) for record in self.store.stories.records(lineages)]
        return match_batch(self.store, cast(SearchIndex, Words()), ids, documents, self.clock.now())

    def deliver(self, limit: int = 50) -> Delivered:
        return deliver_due(
            self.store,
            lambda url: self.channels.get(url, self.inbox),
            self.clock,
            "worker/1",
            LEASE,
            limit,
            lambda delivery: f"https://wirewatch.example/stop/{delivery.subscription_id}",
        )

    def tell(self, *stories: Story, backfill: bool = False) -> list[str]:
        """Stories all the way; the subjects of what was sent because of them."""
        before = len(self.inbox.messages)
        self.arrive(*stories, backfill=backfill)
        self.match()
        self.deliver()
        return self.inbox.subjects[before:]

    def _claim(self, stage: Stage) -> list[int]:
        return self.store.work.claim(stage, "worker/1", self.clock.now(), LEASE, 1_000)


@contextmanager
def open_harness(folder: Path) -> Iterator[AlertHarness]:
    """A harness with a store of its own in the folder."""
    clock = Clock()
    store = open_store(f"sqlite:///{folder / 'harness.db'}", clock)
    try:
        yield AlertHarness(store, clock)
    finally:
        store.close()
