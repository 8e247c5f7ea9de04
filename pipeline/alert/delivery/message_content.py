"""Collects what messages are made of, with few questions to the store per batch of outbox lines."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from pipeline.alert.matching.novelty import new_names
from pipeline.alert.render.message import MessageContent
from pipeline.errors import NotFoundError
from pipeline.models import (
    Delivery,
    DeliveryKind,
    LineageRecord,
    StoredTake,
    Subscription,
)
from pipeline.ports import Store


class MessageContents:
    """What the claimed lines of the outbox are about.

    Attributes:
        records: lineage -> its record.
        matches: (subscription, lineage) -> why the story was sent.
        lines: (subscription, lineage) -> all its lines; for corrections and withdrawals.
        problems: id -> the problem that an owner is informed of.
        failing: (subscription, channel) with a problem that lasts.
    """

    def __init__(
        self, store: Store, claimed: Sequence[Delivery], unsubscribe_url: Callable[[Delivery], str | None]
    ) -> None:
        self._store = store
        self._unsubscribe_url = unsubscribe_url
        stories = [line for line in claimed if line.kind is not DeliveryKind.NOTICE]
        pairs = {(line.subscription_id, line.lineage) for line in stories}
        notices = {line.version_id for line in claimed if line.kind is DeliveryKind.NOTICE}
        self.records = {
            record.lineage: record for record in store.stories.records([*{line.lineage for line in stories}])
        }
        self.matches = store.alerts.matches_of(pairs)
        self.lines = store.alerts.lines(
            (line.subscription_id, line.lineage)
            for line in stories
            if line.kind in (DeliveryKind.CORRECTION, DeliveryKind.WITHDRAWAL)
        )
        self.problems = {problem.id: problem for problem in store.alerts.problems(sorted(notices))} if notices else {}
        lasting = store.alerts.problems() if claimed else []
        self.failing = {
            (problem.subscription_id, problem.channel) for problem in lasting if problem.channel is not None
        }
        self._subscriptions: dict[int, Subscription | None] = {}
        self._takes: dict[int, dict[int, StoredTake]] = {}
        self._publishers: dict[int, list[str]] = {}

    def subscription(self, subscription_id: int) -> Subscription | None:
        """The subscription, also where it has ended; None where there never was one."""
        if subscription_id not in self._subscriptions:
            self._subscriptions[subscription_id] = None
            with suppress(NotFoundError):
                self._subscriptions[subscription_id] = self._store.alerts.subscription(subscription_id)
        return self._subscriptions[subscription_id]

    def content_of(self, line: Delivery) -> MessageContent:
        """What the message for a line is made of. A story that is new to its reader is shown as it is now."""
        record = self.records[line.lineage]
        subscription = self.subscription(line.subscription_id)
        take = record.current
        if line.kind in (DeliveryKind.UPDATE, DeliveryKind.CORRECTION):
            take = self._history(line.lineage).get(line.version_id, take)
        return MessageContent(
            delivery=line,
            take=take,
            subscription=None if subscription is None or subscription.ended else subscription,
            match=self.matches.get((line.subscription_id, line.lineage)),
            new=self._new_names(take) if line.kind is DeliveryKind.UPDATE else (),
            copies=self._other_publishers(record),
            thread=record.thread,
            copy_group=record.copy_group,
            follows=record.follows,
            unsubscribe_url=self._unsubscribe_url(line),
        )

    def _history(self, lineage: int) -> dict[int, StoredTake]:
        if lineage not in self._takes:
            self._takes[lineage] = {take.version_id: take for take in self._store.stories.history(lineage)}
        return self._takes[lineage]

    def _new_names(self, take: StoredTake) -> tuple[str, ...]:
        history = self._history(take.lineage).values()
        earlier = [previous.version_id for previous in history if previous.version < take.version]
        enrichment = self._store.stories.enrichment
        return new_names(enrichment(take.version_id), [enrichment(version_id) for version_id in earlier])

    def _other_publishers(self, record: LineageRecord) -> list[str]:
        """The names of the publishers of copies."""
        if record.copies and record.lineage not in self._publishers:
            others = self._store.stories.records(self._store.relations.copies(record.lineage))
            names = [other.current.story.source or other.current.origin.name for other in others]
            self._publishers[record.lineage] = names
        return self._publishers.get(record.lineage, [])
