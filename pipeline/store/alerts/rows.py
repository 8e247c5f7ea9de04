"""Rows of the alert tables <-> the models."""

from collections.abc import Mapping
from datetime import time, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import Row

from pipeline.models import (
    Delivery,
    DeliveryKind,
    Match,
    Mute,
    MuteKind,
    Problem,
    QuietHours,
    Rhythm,
    Subscription,
)
from pipeline.store.db.epoch import from_epoch_us, to_epoch_us
from pipeline.store.db.json_codec import dump_reasons, dump_strings, load_reasons, load_strings
from pipeline.store.db.sanitize import clean_text


def subscription(row: Row[Any]) -> Subscription:
    """A row of ``subscriptions``."""
    return Subscription(
        id=row.id,
        owner=row.owner,
        name=row.name,
        channels=load_strings(row.channels),
        query=row.query,
        follow=row.follow,
        closeness=row.closeness,
        rhythm=Rhythm(row.rhythm),
        timezone=row.timezone,
        quiet=_quiet(row.quiet),
        mutes=tuple(_mute(text) for text in load_strings(row.mutes)),
        updates=row.updates,
        look_back=timedelta(microseconds=row.look_back),
        created_at=from_epoch_us(row.created_at),
        paused=row.paused,
        declared=row.declared,
        stopped=load_strings(row.stopped),
        ended=row.ended,
        served_at=from_epoch_us(row.served_at),
    )


def subscription_row(made: Subscription) -> dict[str, Any]:
    """What of a subscription its reader, or the file that declares it, has chosen."""
    return {
        "owner": made.owner,
        "name": made.name,
        "channels": dump_strings(made.channels),
        "query": made.query,
        "follow": made.follow,
        "closeness": made.closeness,
        "rhythm": made.rhythm,
        "timezone": made.timezone,
        "quiet": None if made.quiet is None else f"{made.quiet.start:%H:%M}-{made.quiet.end:%H:%M}",
        "mutes": dump_strings([f"{mute.kind}:{mute.value}" for mute in made.mutes]),
        "updates": made.updates,
        "look_back": made.look_back // timedelta(microseconds=1),
        "paused": made.paused,
        "declared": made.declared,
        "ended": made.ended,
    }


def match(row: Row[Any]) -> Match:
    """A row of ``matches``."""
    return Match(
        subscription_id=row.subscription_id,
        lineage=row.lineage,
        matched_at=from_epoch_us(row.matched_at),
        why=load_reasons(row.why),
        new=load_strings(row.new),
    )


def match_row(made: Match, whole: Mapping[int, int]) -> dict[str, Any]:
    """whole: lineage -> what it was joined to."""
    return {
        "subscription_id": made.subscription_id,
        "lineage": whole.get(made.lineage, made.lineage),
        "matched_at": to_epoch_us(made.matched_at),
        "why": dump_reasons(made.why),
        "new": dump_strings(made.new),
    }


def delivery(row: Row[Any]) -> Delivery:
    """A row of ``deliveries``."""
    return Delivery(
        id=row.id,
        subscription_id=row.subscription_id,
        lineage=row.lineage,
        kind=DeliveryKind(row.kind),
        version_id=row.version_id,
        channel=row.channel,
        key=row.key,
        due_at=from_epoch_us(row.due_at),
        grouped=row.grouped,
        bundle=row.bundle,
        attempts=row.attempts,
        sent_at=from_epoch_us(row.sent_at),
        parked=row.parked,
        last_error=row.last_error,
    )


def delivery_row(made: Delivery, whole: Mapping[int, int]) -> dict[str, Any]:
    """whole: lineage -> what it was joined to."""
    channel = clean_text(made.channel)
    return {
        "subscription_id": made.subscription_id,
        "lineage": whole.get(made.lineage, made.lineage),
        "kind": made.kind,
        "version_id": made.version_id,
        "channel": channel,
        "channel_key": blake2b(channel.encode(), digest_size=16).digest(),
        "key": made.key,
        "due_at": to_epoch_us(made.due_at),
        "grouped": made.grouped,
        "attempts": 0,
        "parked": False,
    }


def problem(row: Row[Any]) -> Problem:
    """A row of ``problems``."""
    return Problem(
        id=row.id,
        subscription_id=row.subscription_id,
        channel=row.channel,
        reason=row.reason,
        since=from_epoch_us(row.since),
        until=from_epoch_us(row.until),
    )


def _quiet(text: str | None) -> QuietHours | None:
    if text is None:
        return None
    start, _, end = text.partition("-")
    return QuietHours(time.fromisoformat(start), time.fromisoformat(end))


def _mute(text: str) -> Mute:
    kind, _, value = text.partition(":")
    return Mute(MuteKind(kind), value)
