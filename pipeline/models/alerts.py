"""Subscriptions, matches, the outbox."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pipeline.models.relations import Reason


class DeliveryKind(StrEnum):
    """Why a message goes out."""

    NEW = "new"
    UPDATE = "update"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"


class Rhythm(StrEnum):
    """How often a subscription is served."""

    AT_ONCE = "at_once"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A standing interest: a saved ``query``, or ``follow`` (a lineage: its takes, thread and follow-ups).

    channels: URLs ("mailto:desk@example.org", "file:alerts.jsonl", "https://..." for webhooks, apprise schemes).
    closeness: for ``follow``, the least follow-up score that is sent. look_back: older stories are never sent.
    """

    id: int
    owner: str
    channels: tuple[str, ...]
    query: str | None = None
    follow: int | None = None
    closeness: float = 0.5
    rhythm: Rhythm = Rhythm.AT_ONCE
    timezone: str = "UTC"
    updates: bool = False
    look_back: timedelta = timedelta(days=7)
    created_at: datetime
    paused: bool = False
    name: str | None = None


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
    """One line of the outbox; unique on (subscription_id, lineage, kind, version, channel).

    key: idempotency key, stable over retries. due_at: not before. parked: given up, with ``last_error``.
    """

    id: int
    subscription_id: int
    lineage: int
    kind: DeliveryKind
    version: int
    channel: str
    key: str
    due_at: datetime
    attempts: int = 0
    sent_at: datetime | None = None
    parked: bool = False
    last_error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A rendered alert, ready for any channel. key: idempotency key of what it carries."""

    key: str
    to: str
    subject: str
    text: str
    html: str
    data: dict[str, Any]
    unsubscribe_url: str | None = None
