"""Subscriptions as people, files and programs manage them: made, looked at beforehand, changed, stopped."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline import alert
from pipeline.errors import SettingsError, UsageError
from pipeline.index.documents import document
from pipeline.models import LineageRecord, Message, Mute, Reason, SearchRequest, StoredQuery, Subscription
from pipeline.wiring import Parts

SAMPLE = 5  # stories
MONTH = timedelta(days=30)
_FOLLOW_UPS = 1_000  # of one story, that are looked at


@dataclass(frozen=True, slots=True)
class Preview:
    """What a subscription would have sent. last_30_days: how many stories, copies counted once where the engine does.

    stories: the newest it finds, of whatever age. message: what it would have sent of them; None if it finds nothing.
    """

    last_30_days: int
    stories: tuple[LineageRecord, ...]
    message: Message | None


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A new subscription's id, and what it would have sent."""

    id: int
    preview: Preview


def preview_subscription(parts: Parts, subscription: Subscription) -> Preview:
    """Check a subscription and show what it would have sent; nothing is saved.

    Raises UsageError: it cannot be; QueryError, with the position, if it is its query.
    """
    _check(parts, subscription)
    now = parts.clock.now()
    if subscription.query is not None:
        recent = f"({subscription.query}) AND published_at:[now-30d TO now]"
        newest = SearchRequest(query=subscription.query, limit=SAMPLE, sort="newest", fold_copies=True)
        found = parts.index.search(newest)
        volume = parts.index.search(SearchRequest(query=recent, limit=0, fold_copies=True)).total
        records = parts.store.stories.records([hit.lineage for hit in found.hits])
        documents = [document(record) for record in records]
        matches, _ = parts.index.match(documents, [StoredQuery(0, subscription.query)])
        why = {match.lineage: tuple(Reason("word", word, 1.0) for word in match.words) for match in matches}
    else:
        links = parts.store.relations.links_from(subscription.follow or 0)[:_FOLLOW_UPS]
        close = {link.later: link for link in links if link.score >= subscription.closeness}
        followups = parts.store.stories.records(list(close))
        volume = sum(_published(record) >= now - MONTH for record in followups)
        records = sorted(followups, key=_published, reverse=True)[:SAMPLE]
        why = {lineage: link.reasons for lineage, link in close.items()}
    message = alert.sample_message(records, why, subscription, now) if records else None
    return Preview(volume, tuple(records), message)


def subscribe(parts: Parts, subscription: Subscription) -> Subscribed:
    """Check and save a subscription (its ``id`` is ignored). Raises UsageError, before anything is saved."""
    preview = preview_subscription(parts, subscription)
    return Subscribed(parts.store.alerts.subscribe(subscription), preview)


def change_subscription(parts: Parts, subscription: Subscription) -> None:
    """Save what was chosen anew; news that waits is due when the new rhythm says. Raises UsageError, NotFoundError."""
    before = parts.store.alerts.subscription(subscription.id)
    if (before.query, before.follow, before.channels) != (
        subscription.query,
        subscription.follow,
        subscription.channels,
    ):
        _check(parts, subscription)
    else:
        alert.check_subscription(subscription)
    hours = (subscription.rhythm, subscription.timezone, subscription.quiet)
    moved = hours != (before.rhythm, before.timezone, before.quiet)
    due_at = alert.news_due(replace(subscription, served_at=None), parts.clock.now()) if moved else None
    parts.store.alerts.change(subscription, due_at)


def pause(parts: Parts, subscription_id: int, paused: bool = True) -> None:
    """Pause a subscription, or let it go on: nothing new is matched meanwhile, and what was waiting goes on waiting.

    Raises NotFoundError.
    """
    parts.store.alerts.change(replace(_active(parts, subscription_id), paused=paused))


def mute(parts: Parts, subscription_id: int, mutes: Sequence[Mute], muted: bool = True) -> Subscription:
    """Leave out stories of a source, a thread or about an entity from now on; or not any more. The subscription.

    Raises UsageError, NotFoundError.
    """
    before = _undeclared(parts, subscription_id)
    kept = [one for one in before.mutes if one not in mutes]
    changed = replace(before, mutes=tuple(dict.fromkeys((*kept, *mutes) if muted else kept)))
    alert.check_subscription(changed)
    parts.store.alerts.change(changed)
    return changed


def unsubscribe(parts: Parts, subscription_id: int) -> None:
    """End a subscription; corrections of what it was sent still go out. Raises UsageError, NotFoundError."""
    _undeclared(parts, subscription_id)
    parts.store.alerts.unsubscribe(subscription_id)


def unsubscribe_by_link(parts: Parts, token: str) -> Subscription:
    """Honour one click (RFC 8058) on the address in a message: its channel gets nothing more, the others go on.

    token: the last part of the address. For a web page: on POST only, since mail programs open links by themselves.
    Idempotent. Raises UsageError: not an address of ours; NotFoundError.
    """
    subscription_id, mark = alert.read_token(token, parts.link_secret)
    subscription = parts.store.alerts.subscription(subscription_id)
    channel = alert.marked_channel(subscription, mark)
    return subscription if channel is None else parts.store.alerts.stop(subscription_id, channel)


# --------------------------------------------------------------------------- subscriptions.yaml


def apply_subscriptions(parts: Parts) -> list[str]:
    """Make the store have what subscriptions.yaml declares; what is wrong with it, one line each with file and line.

    A wrong entry changes nothing: what was declared under its key before goes on. An entry that is gone ends its
    subscription, one that comes back takes it up again with its memory of what was sent. Without the file nothing
    is done.
    """
    path = parts.settings.config / "subscriptions.yaml"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        return [f"{path} cannot be read: {error}"]
    now = parts.clock.now()
    resolve, zone = parts.store.stories.resolve, str(parts.settings.timezone)
    try:
        declared = alert.read_declared(text, str(path), zone, resolve, now)
    except SettingsError as error:
        return [str(error)]
    problems = list(declared.problems)
    held = parts.store.alerts.declared()
    for key, (line, wanted) in declared.subscriptions.items():
        try:
            _apply(parts, wanted, held.get(key))
        except UsageError as error:
            problems.append(f"{path}, line {line}: {error}")
    for key, subscription in held.items():
        if key not in declared.keys and not subscription.ended:
            parts.store.alerts.unsubscribe(subscription.id)
    return problems


def _apply(parts: Parts, wanted: Subscription, held: Subscription | None) -> None:
    if held is None:
        _check(parts, wanted)
        parts.store.alerts.subscribe(wanted)
        return
    channels = tuple(channel for channel in wanted.channels if channel not in held.stopped)
    made = replace(
        wanted,
        id=held.id,
        channels=channels,
        ended=not channels,  # all its readers have unsubscribed
        created_at=held.created_at,
        paused=held.paused,
        stopped=held.stopped,
        served_at=held.served_at,
    )
    if made != held and not made.ended:
        change_subscription(parts, made)


# --------------------------------------------------------------------------- checks


def _check(parts: Parts, subscription: Subscription) -> None:
    alert.check_subscription(subscription)
    for channel in subscription.channels:
        parts.check_channel(channel)
    if subscription.query is not None:
        parts.index.search(SearchRequest(query=subscription.query, limit=0))


def _active(parts: Parts, subscription_id: int) -> Subscription:
    subscription = parts.store.alerts.subscription(subscription_id)
    if subscription.ended:
        raise UsageError(f"subscription {subscription_id} has ended")
    return subscription


def _undeclared(parts: Parts, subscription_id: int) -> Subscription:
    subscription = _active(parts, subscription_id)
    if subscription.declared is not None:
        raise UsageError(
            f"subscription {subscription_id} is declared in {parts.settings.config / 'subscriptions.yaml'} "
            f"as {subscription.declared!r}; change it there"
        )
    return subscription


def _published(record: LineageRecord) -> datetime:
    return record.published_at or record.fetched_at
