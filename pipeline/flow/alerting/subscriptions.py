"""Subscriptions as people, files and programs manage them: made, previewed, changed, ended."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline import alert
from pipeline.alert import quiet_hours
from pipeline.errors import SettingsError, UsageError
from pipeline.flow.alerting.unsubscribe_links import link_secret
from pipeline.index.documents import document
from pipeline.models import (
    LineageRecord,
    Message,
    Mute,
    Problem,
    Reason,
    SearchRequest,
    StoredQuery,
    Subscription,
)
from pipeline.wiring import Adapters

__all__ = ["Preview", "Subscribed", "Subscriptions", "quiet_hours"]

SAMPLE = 5  # stories in the message of a preview
MONTH = timedelta(days=30)
_MAX_FOLLOWUPS = 1_000  # of a story that is followed, for a preview


@dataclass(frozen=True, slots=True)
class Preview:
    """What a subscription would have sent.

    Attributes:
        last_30_days: How many stories of the last 30 days; copies count once where the engine can tell.
        stories: The newest that it finds, of whatever age.
        message: The message that it would have sent of them; None if it finds nothing.
    """

    last_30_days: int
    stories: tuple[LineageRecord, ...]
    message: Message | None


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A new subscription.

    Attributes:
        id: Its id.
        preview: What it would have sent.
    """

    id: int
    preview: Preview


class Subscriptions:
    """Subscriptions: made, previewed, changed, paused, ended.

    A subscription that is declared in subscriptions.yaml can be paused here; everything else is changed in the file.
    """

    def __init__(self, adapters: Adapters) -> None:
        self._adapters = adapters

    def active(self) -> list[Subscription]:
        """The subscriptions that have not ended, oldest first."""
        return self._adapters.store.alerts.subscriptions()

    def declared(self) -> list[Subscription]:
        """Those of them that are declared in subscriptions.yaml."""
        return [
            subscription for subscription in self._adapters.store.alerts.declared().values() if not subscription.ended
        ]

    def problems(self) -> list[Problem]:
        """What keeps subscriptions from working now: a query that cannot be run, a channel that takes nothing."""
        return self._adapters.store.alerts.problems()

    def preview(self, subscription: Subscription) -> Preview:
        """Check a subscription, and show what it would have sent. Nothing is saved.

        Raises:
            UsageError: There cannot be such a subscription.
            QueryError: Its query cannot be run; the error has the position of the mistake.
        """
        self._check(subscription)
        if subscription.query is not None:
            volume, records, reasons = self._found_by_query(subscription.query)
        else:
            volume, records, reasons = self._follow_ups(subscription.follow or 0, subscription.closeness)
        now = self._adapters.clock.now()
        message = alert.sample_message(records, reasons, subscription, now) if records else None
        return Preview(volume, tuple(records), message)

    def subscribe(self, subscription: Subscription) -> Subscribed:
        """Check a subscription and save it.

        Args:
            subscription: Its ``id`` is ignored.

        Raises:
            UsageError: There cannot be such a subscription; nothing is saved then.
        """
        preview = self.preview(subscription)
        return Subscribed(self._adapters.store.alerts.subscribe(subscription), preview)

    def change(self, subscription: Subscription) -> None:
        """Save what was chosen anew for the subscription of this id. News that waits is due by the new rhythm.

        Raises:
            NotFoundError: There is no such subscription.
            UsageError: There cannot be such a subscription; nothing is changed then.
        """
        before = self._adapters.store.alerts.subscription(subscription.id)
        if (before.query, before.follow, before.channels) != (
            subscription.query,
            subscription.follow,
            subscription.channels,
        ):
            self._check(subscription)
        else:
            alert.check_subscription(subscription)
        hours = (subscription.rhythm, subscription.timezone, subscription.quiet)
        moved = hours != (before.rhythm, before.timezone, before.quiet)
        now = self._adapters.clock.now()
        due_at = alert.news_due(replace(subscription, served_at=None), now) if moved else None
        self._adapters.store.alerts.change(subscription, due_at)

    def pause(self, subscription_id: int) -> None:
        """Pause a subscription: nothing new is matched, and what waits goes on waiting.

        Raises:
            NotFoundError: There is no such subscription.
            UsageError: It has ended.
        """
        self._adapters.store.alerts.change(replace(self._active(subscription_id), paused=True))

    def resume(self, subscription_id: int) -> None:
        """Let a paused subscription go on, with what was waiting when it was paused.

        Raises:
            NotFoundError: There is no such subscription.
            UsageError: It has ended.
        """
        self._adapters.store.alerts.change(replace(self._active(subscription_id), paused=False))

    def mute(self, subscription_id: int, mutes: Sequence[Mute]) -> Subscription:
        """Leave stories of a source, of a thread or about an entity out from now on.

        Returns:
            The subscription as it is now.

        Raises:
            NotFoundError: There is no such subscription.
            UsageError: It has ended, is declared in the file, or there cannot be such a mute.
        """
        subscription = self._undeclared(subscription_id)
        others = [mute for mute in subscription.mutes if mute not in mutes]
        return self._change_mutes(subscription, (*others, *mutes))

    def unmute(self, subscription_id: int, mutes: Sequence[Mute]) -> Subscription:
        """Leave such stories out no longer.

        Returns:
            The subscription as it is now.

        Raises:
            NotFoundError: There is no such subscription.
            UsageError: It has ended, or is declared in the file.
        """
        subscription = self._undeclared(subscription_id)
        return self._change_mutes(subscription, [mute for mute in subscription.mutes if mute not in mutes])

    def end(self, subscription_id: int) -> None:
        """End a subscription. Corrections of what it was sent still go out.

        Raises:
            NotFoundError: There is no such subscription.
            UsageError: It has ended already, or is declared in the file.
        """
        self._undeclared(subscription_id)
        self._adapters.store.alerts.unsubscribe(subscription_id)

    def end_by_link(self, token: str) -> Subscription:
        """Honour one click on the address in a message (RFC 8058): its channel gets nothing more, the others go on.

        A web page calls this on POST only, since mail programs open links by themselves. Idempotent.

        Args:
            token: The last part of the address.

        Returns:
            The subscription as it is now; it has ended if no channel is left.

        Raises:
            NotFoundError: There is no such subscription.
            UsageError: The address was not made by this installation.
        """
        subscription_id, channel_code = alert.read_token(token, link_secret(self._adapters.settings))
        subscription = self._adapters.store.alerts.subscription(subscription_id)
        channel = alert.channel_of_digest(subscription, channel_code)
        return subscription if channel is None else self._adapters.store.alerts.stop(subscription_id, channel)

    def apply_file(self) -> list[str]:
        """Make the store have what subscriptions.yaml declares. Without the file nothing is done.

        A wrong entry changes nothing: what was declared under its key before goes on. An entry that is gone ends its
        subscription; one that comes back takes it up again with its memory of what was sent.

        Returns:
            What is wrong with the file, one line each with file and line.
        """
        path = self._adapters.settings.config / "subscriptions.yaml"
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            return [f"{path} cannot be read: {error}"]
        zone, store = str(self._adapters.settings.timezone), self._adapters.store
        try:
            declared = alert.read_declared(text, str(path), zone, store.stories.resolve, self._adapters.clock.now())
        except SettingsError as error:
            return [str(error)]
        problems = list(declared.problems)
        before = store.alerts.declared()
        for key, (line, wanted) in declared.subscriptions.items():
            try:
                self._apply_entry(wanted, before.get(key))
            except UsageError as error:
                problems.append(f"{path}, line {line}: {error}")
        for key, subscription in before.items():
            if key not in declared.keys and not subscription.ended:
                store.alerts.unsubscribe(subscription.id)
        return problems

    def _apply_entry(self, wanted: Subscription, before: Subscription | None) -> None:
        if before is None:
            self._check(wanted)
            self._adapters.store.alerts.subscribe(wanted)
            return
        channels = tuple(channel for channel in wanted.channels if channel not in before.stopped)
        after = replace(
            wanted,
            id=before.id,
            channels=channels,
            ended=not channels,  # all its readers have unsubscribed
            created_at=before.created_at,
            paused=before.paused,
            stopped=before.stopped,
            served_at=before.served_at,
        )
        if after != before and not after.ended:
            self.change(after)

    def _change_mutes(self, subscription: Subscription, mutes: Sequence[Mute]) -> Subscription:
        changed = replace(subscription, mutes=tuple(dict.fromkeys(mutes)))
        alert.check_subscription(changed)
        self._adapters.store.alerts.change(changed)
        return changed

    # ----------------------------------------------------------------------- previews

    def _found_by_query(self, query: str) -> tuple[int, list[LineageRecord], dict[int, tuple[Reason, ...]]]:
        """How many stories of the last 30 days a query finds, its newest stories, and the words that it found."""
        index = self._adapters.index
        newest = index.search(SearchRequest(query=query, limit=SAMPLE, sort="newest", fold_copies=True))
        recent = f"({query}) AND published_at:[now-30d TO now]"
        volume = index.search(SearchRequest(query=recent, limit=0, fold_copies=True)).total
        records = self._adapters.store.stories.records([hit.lineage for hit in newest.hits])
        matches, _ = index.match([document(record) for record in records], [StoredQuery(0, query)])
        reasons = {match.lineage: tuple(Reason("word", word, 1.0) for word in match.words) for match in matches}
        return volume, records, reasons

    def _follow_ups(
        self, followed: int, closeness: float
    ) -> tuple[int, list[LineageRecord], dict[int, tuple[Reason, ...]]]:
        """How many follow-ups a story has in the last 30 days, its newest ones, and why they are follow-ups."""
        links = self._adapters.store.relations.links_from(followed)[:_MAX_FOLLOWUPS]
        close = {link.later: link for link in links if link.score >= closeness}
        followups = self._adapters.store.stories.records(list(close))
        since = self._adapters.clock.now() - MONTH
        volume = sum(_published(record) >= since for record in followups)
        newest = sorted(followups, key=_published, reverse=True)[:SAMPLE]
        return volume, newest, {lineage: link.reasons for lineage, link in close.items()}

    # ----------------------------------------------------------------------- checks

    def _check(self, subscription: Subscription) -> None:
        alert.check_subscription(subscription)
        for channel in subscription.channels:
            self._adapters.channel(channel)
            alert.check_channel(channel, self._adapters.webhook_client)
        if subscription.query is not None:
            self._adapters.index.search(SearchRequest(query=subscription.query, limit=0))

    def _active(self, subscription_id: int) -> Subscription:
        subscription = self._adapters.store.alerts.subscription(subscription_id)
        if subscription.ended:
            raise UsageError(f"subscription {subscription_id} has ended")
        return subscription

    def _undeclared(self, subscription_id: int) -> Subscription:
        subscription = self._active(subscription_id)
        if subscription.declared is not None:
            path = self._adapters.settings.config / "subscriptions.yaml"
            raise UsageError(
                f"subscription {subscription_id} is declared in {path} as {subscription.declared!r}; change it there"
            )
        return subscription


def _published(record: LineageRecord) -> datetime:
    return record.published_at or record.fetched_at
