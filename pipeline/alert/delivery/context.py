"""What claimed lines of the outbox are about, asked of the store once a batch."""

from collections.abc import Callable, Sequence

from pipeline.alert.matching.novelty import named_anew
from pipeline.alert.render.message import Notice
from pipeline.errors import NotFoundError
from pipeline.models import (
    Delivery,
    DeliveryKind,
    Enrichment,
    LineageRecord,
    StoredTake,
    Subscription,
)
from pipeline.ports import Store


class Desk:
    """records: by lineage. matches, lines: by (subscription, lineage). problems: by id. failing: (subscription,
    channel) with a problem that lasts."""

    def __init__(
        self, store: Store, claimed: Sequence[Delivery], unsubscribe_url: Callable[[Delivery], str | None]
    ) -> None:
        self._store = store
        self._unsubscribe_url = unsubscribe_url
        stories = [line for line in claimed if line.kind is not DeliveryKind.NOTICE]
        pairs = {(line.subscription_id, line.lineage) for line in stories}
        notices = {line.version_id for line in claimed if line.kind is DeliveryKind.NOTICE}
        self.records = {one.lineage: one for one in store.stories.records([*{line.lineage for line in stories}])}
        self.matches = store.alerts.matches_of(pairs)
        self.lines = store.alerts.lines(
            (line.subscription_id, line.lineage)
            for line in stories
            if line.kind in (DeliveryKind.CORRECTION, DeliveryKind.WITHDRAWAL)
        )
        self.problems = {one.id: one for one in store.alerts.problems(sorted(notices))} if notices else {}
        lasting = store.alerts.problems() if claimed else []
        self.failing = {(one.subscription_id, one.channel) for one in lasting if one.channel is not None}
        self._subscriptions: dict[int, Subscription | None] = {}
        self._takes: dict[int, dict[int, StoredTake]] = {}
        self._publishers: dict[int, list[str]] = {}

    def subscription(self, subscription_id: int) -> Subscription | None:
        """Also one that has ended; None for one that never was."""
        if subscription_id not in self._subscriptions:
            try:
                found: Subscription | None = self._store.alerts.subscription(subscription_id)
            except NotFoundError:
                found = None
            self._subscriptions[subscription_id] = found
        return self._subscriptions[subscription_id]

    def notice(self, line: Delivery) -> Notice:
        """What the message for a line is made of. A story that is new to its reader is shown as it is now."""
        record = self.records[line.lineage]
        subscription = self.subscription(line.subscription_id)
        take = record.current
        if line.kind in (DeliveryKind.UPDATE, DeliveryKind.CORRECTION):
            take = self._history(line.lineage).get(line.version_id, take)
        return Notice(
            delivery=line,
            take=take,
            subscription=None if subscription is None or subscription.ended else subscription,
            match=self.matches.get((line.subscription_id, line.lineage)),
            new=self._added(take) if line.kind is DeliveryKind.UPDATE else (),
            copies=self._others(record),
            thread=record.thread,
            copy_group=record.copy_group,
            follows=record.follows,
            unsubscribe_url=self._unsubscribe_url(line),
        )

    def _history(self, lineage: int) -> dict[int, StoredTake]:
        if lineage not in self._takes:
            self._takes[lineage] = {take.version_id: take for take in self._store.stories.history(lineage)}
        return self._takes[lineage]

    def _added(self, take: StoredTake) -> tuple[str, ...]:
        earlier = [one.version_id for one in self._history(take.lineage).values() if one.version < take.version]
        found: list[Enrichment | None] = [self._store.stories.enrichment(one) for one in (take.version_id, *earlier)]
        return named_anew(found[0], found[1:])

    def _others(self, record: LineageRecord) -> list[str]:
        """Who else carries the text."""
        if record.copies and record.lineage not in self._publishers:
            others = self._store.stories.records(self._store.relations.copies(record.lineage))
            names = [other.current.story.source or other.current.origin.name for other in others]
            self._publishers[record.lineage] = names
        return self._publishers.get(record.lineage, [])
