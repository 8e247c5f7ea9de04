"""Rows of the alert tables as the models have them, and the other way round."""

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
from pipeline.store.db.epoch import from_epoch_us, span_us, to_epoch_us
from pipeline.store.db.json_codec import dump_reasons, dump_strings, load_reasons, load_strings
from pipeline.store.db.sanitize import clean_text


def subscription_of(row: Row[Any]) -> Subscription:
    """The subscription of a row."""
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
        quiet=_load_quiet(row.quiet),
        mutes=tuple(_load_mute(text) for text in load_strings(row.mutes)),
        updates=row.updates,
        look_back=timedelta(microseconds=row.look_back),
        created_at=from_epoch_us(row.created_at),
        paused=row.paused,
        declared=row.declared,
        stopped=load_strings(row.stopped),
        ended=row.ended,
        served_at=from_epoch_us(row.served_at),
    )


def subscription_row(subscription: Subscription) -> dict[str, Any]:
    """The columns that a subscription's reader, or the file that declares it, has chosen."""
    return {
        "owner": subscription.owner,
        "name": subscription.name,
        "channels": dump_strings(subscription.channels),
        "query": subscription.query,
        "follow": subscription.follow,
        "closeness": subscription.closeness,
        "rhythm": subscription.rhythm,
        "timezone": subscription.timezone,
        "quiet": _dump_quiet(subscription.quiet),
        "mutes": dump_strings([f"{mute.kind}:{mute.value}" for mute in subscription.mutes]),
        "updates": subscription.updates,
        "look_back": span_us(subscription.look_back),
        "paused": subscription.paused,
        "declared": subscription.declared,
        "ended": subscription.ended,
    }


def match_of(row: Row[Any]) -> Match:
    """The match of a row."""
    return Match(
        subscription_id=row.subscription_id,
        lineage=row.lineage,
        matched_at=from_epoch_us(row.matched_at),
        why=load_reasons(row.why),
        new=load_strings(row.new),
    )


def match_row(match: Match, canonical: Mapping[int, int]) -> dict[str, Any]:
    """A match as a row. canonical: lineage -> the lineage that it was merged into, if any."""
    return {
        "subscription_id": match.subscription_id,
        "lineage": canonical.get(match.lineage, match.lineage),
        "matched_at": to_epoch_us(match.matched_at),
        "why": dump_reasons(match.why),
        "new": dump_strings(match.new),
    }


def delivery_of(row: Row[Any]) -> Delivery:
    """The delivery of a row."""
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


def delivery_row(delivery: Delivery, canonical: Mapping[int, int]) -> dict[str, Any]:
    """A new line of the outbox. canonical: lineage -> the lineage that it was merged into, if any."""
    channel = clean_text(delivery.channel)
    return {
        "subscription_id": delivery.subscription_id,
        "lineage": canonical.get(delivery.lineage, delivery.lineage),
        "kind": delivery.kind,
        "version_id": delivery.version_id,
        "channel": channel,
        "channel_key": blake2b(channel.encode(), digest_size=16).digest(),
        "key": delivery.key,
        "due_at": to_epoch_us(delivery.due_at),
        "grouped": delivery.grouped,
        "attempts": 0,
        "parked": False,
    }


def problem_of(row: Row[Any]) -> Problem:
    """The problem of a row."""
    return Problem(
        id=row.id,
        subscription_id=row.subscription_id,
        channel=row.channel,
        reason=row.reason,
        since=from_epoch_us(row.since),
        until=from_epoch_us(row.until),
    )


def _dump_quiet(quiet: QuietHours | None) -> str | None:
    return None if quiet is None else f"{quiet.start:%H:%M}-{quiet.end:%H:%M}"


def _load_quiet(text: str | None) -> QuietHours | None:
    if text is None:
        return None
    start, _, end = text.partition("-")
    return QuietHours(time.fromisoformat(start), time.fromisoformat(end))


def _load_mute(text: str) -> Mute:
    kind, _, value = text.partition(":")
    return Mute(MuteKind(kind), value)
