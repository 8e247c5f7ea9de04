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
    """Stories that a subscription leaves out. Corrections of what was sent are never muted."""

    kind: MuteKind
    value: str


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local hours in which no news goes out, ``end`` excluded; over midnight where end is not after start."""

    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A standing interest: a saved ``query``, or ``follow`` (a lineage: its takes, thread and follow-ups).

    channels: URLs ("mailto:desk@example.org", "file:alerts.jsonl", "https://..." for webhooks, apprise schemes).
    closeness: for ``follow``, the least follow-up score that is sent. look_back: older stories are never sent.
    owner: who is told of problems: a mail address or a channel's URL; for any other name the operator is told.
    declared: its key in subscriptions.yaml. stopped: channels whose readers have unsubscribed. served_at: when news
    last went out.
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
    """A story met a subscription; unique on (subscription_id, lineage). why: the matched words or the reasons."""

    subscription_id: int
    lineage: int
    matched_at: datetime
    why: tuple[Reason, ...] = ()
    new: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One line of the outbox; unique on (subscription_id, lineage, kind, version_id, channel).

    version_id: the take that it is about; 0 for a withdrawal, which is of the whole story. A notice to an owner is of
    no story: its lineage is 0 and its version_id the problem's id.
    key: idempotency key, stable over retries. due_at: not before. parked: given up, with ``last_error``.
    grouped: it may go out in one message with others. bundle: the key of the message that it first went into; a line
    without one has never been handed to its channel.
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
    """What keeps a subscription from working: its query (``channel`` None) cannot be run, or a channel takes nothing.

    until: when it was over; None while it lasts.
    """

    id: int
    subscription_id: int
    channel: str | None
    reason: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A rendered alert, ready for any channel. key: idempotency key of what it carries.

    unsubscribe_url: where one click ends it (https), or a mailto: address.
    """

    key: str
    to: str
    subject: str
    text: str
    html: str
    data: dict[str, Any]
    unsubscribe_url: str | None = None
