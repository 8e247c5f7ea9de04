"""Subscriptions, matches, the outbox."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from pipeline.models.relations import Reason


class DeliveryKind(StrEnum):
    """Why a message goes out."""

    NEW = "new"
    UPDATE = "update"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"
    NOTICE = "notice"  # to a subscription's owner: it has a problem


class Rhythm(StrEnum):
    """How often a subscription is served."""

    AT_ONCE = "at_once"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


class MuteKind(StrEnum):
    """What can be muted in a subscription."""

    ENTITY = "entity"  # an entity's id, or a name as the search fields have it
    SOURCE = "source"
    THREAD = "thread"


@dataclass(frozen=True, slots=True)
class Mute:
    """Stories that a subscription leaves out. Corrections of what was sent are never muted.

    Attributes:
        kind: What is muted.
        value: The entity, source or thread.
    """

    kind: MuteKind
    value: str


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local hours in which no news goes out, ``end`` excluded. They go over midnight where end is not after start."""

    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A reader's lasting interest: a query, or a story that is followed.

    Attributes:
        id: The subscription's number; 0 before it is saved.
        owner: Who hears of problems: a mail address or a channel's URL. For any other name the operator does.
        channels: URLs ("mailto:desk@example.org", "file:alerts.jsonl", "https://..." for webhooks, apprise schemes).
        query: What is looked for; None where a story is followed.
        follow: A lineage: its takes, its thread and its follow-ups are sent; None for a query.
        closeness: For ``follow``: the least follow-up score that is sent.
        rhythm: How often it is served.
        timezone: IANA name; for quiet hours and for rhythms of a day or a week.
        quiet: The hours in which no news goes out.
        mutes: What it leaves out.
        updates: Whether later takes of a story are sent too.
        look_back: Older stories are never sent.
        created_at: When it was made.
        paused: Whether news waits.
        name: What its owner calls it.
        declared: Its key in subscriptions.yaml; None if it was made otherwise.
        stopped: Channels whose readers have unsubscribed.
        ended: Whether it has ended.
        served_at: When news last went out.
    """

    id: int
    owner: str
    channels: tuple[str, ...]
    query: str | None = None
    follow: int | None = None
    closeness: float = 0.5
    rhythm: Rhythm = Rhythm.AT_ONCE
    timezone: str = "UTC"
    quiet: QuietHours | None = None
    mutes: tuple[Mute, ...] = ()
    updates: bool = False
    look_back: timedelta = timedelta(days=7)
    created_at: datetime
    paused: bool = False
    name: str | None = None
    declared: str | None = None
    stopped: tuple[str, ...] = ()
    ended: bool = False
    served_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A story that met a subscription; one per subscription and lineage.

    Attributes:
        subscription_id: The subscription.
        lineage: The story.
        matched_at: When it met.
        why: The words that matched, or the reasons of the follow-up.
        new: What the story adds to the one that is followed.
    """

    subscription_id: int
    lineage: int
    matched_at: datetime
    why: tuple[Reason, ...] = ()
    new: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One line of the outbox; unique on (subscription_id, lineage, kind, version_id, channel).

    Attributes:
        id: The line's number.
        subscription_id: Whose it is.
        lineage: The story; 0 for a notice to an owner, which is of no story.
        kind: Why it goes out.
        version_id: The take that it is about; 0 for a withdrawal, which is of all takes; for a notice the problem's id.
        channel: Where it goes.
        key: Idempotency key; it stays the same over retries.
        due_at: It does not go out before.
        grouped: Whether it may go out in one message with others.
        bundle: Key of the message that it first went into; None while it was never handed to its channel.
        attempts: How often it was tried.
        sent_at: When its channel accepted it.
        parked: Whether it was given up, with ``last_error``.
        last_error: Why it was not accepted.
    """

    id: int
    subscription_id: int
    lineage: int
    kind: DeliveryKind
    version_id: int
    channel: str
    key: str
    due_at: datetime
    grouped: bool = False
    bundle: str | None = None
    attempts: int = 0
    sent_at: datetime | None = None
    parked: bool = False
    last_error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What keeps a subscription from working: its query cannot be run, or a channel takes nothing.

    Attributes:
        id: The problem's number; 0 before it is saved.
        subscription_id: The subscription.
        channel: The channel; None for the query.
        reason: What is wrong, and what to do.
        since: When it began.
        until: When it was over; None while it lasts.
    """

    id: int
    subscription_id: int
    channel: str | None
    reason: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A rendered alert, ready for any channel.

    Attributes:
        key: Idempotency key of what it carries.
        to: The channel's URL.
        subject: Its subject.
        text: Its text.
        html: The same as HTML.
        data: The same as data, for webhooks and files.
        unsubscribe_url: Where one click ends the subscription (https), or a mailto: address.
    """

    key: str
    to: str
    subject: str
    text: str
    html: str
    data: dict[str, Any]
    unsubscribe_url: str | None = None
