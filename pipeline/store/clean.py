"""What comes in is made storable the same way for every database: texts, numbers and times.

One code point stays one code point, so that offsets into a text stay right.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline.models import Origin, Story

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_INT64 = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_OLDEST = datetime(1900, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=2)


def clean_text(value: str) -> str:
    """The text with NUL characters and lone surrogates replaced by U+FFFD."""
    if value.isascii():
        return value if "\0" not in value else value.replace("\0", "\ufffd")
    return _UNSTORABLE.sub("\ufffd", value) if _UNSTORABLE.search(value) else value


def clamp_int(value: int | None) -> int | None:
    """The number, held within what a 64-bit column takes."""
    return None if value is None else max(-_INT64, min(_INT64, int(value)))


def to_utc(value: datetime) -> datetime:
    """The same instant in UTC; a time without a zone is taken as UTC, one past the calendar's end as its last."""
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return value.replace(tzinfo=UTC)


def to_micros(value: datetime | None) -> int | None:
    """Whole microseconds since 1970, UTC."""
    return None if value is None else (to_utc(value) - _EPOCH) // _MICROSECOND


def micros(value: datetime) -> int:
    """``to_micros`` for a time that is there."""
    return (to_utc(value) - _EPOCH) // _MICROSECOND


def from_micros(value: int | None) -> datetime | None:
    """The inverse of ``to_micros``."""
    return None if value is None else _EPOCH + timedelta(microseconds=value)


def at_micros(value: int) -> datetime:
    """``from_micros`` for a time that is there."""
    return _EPOCH + timedelta(microseconds=value)


def sensible(value: datetime | None, fetched_at: datetime) -> datetime | None:
    """A story's date in UTC, or None where it cannot be true: before 1900, or over two days after it was fetched."""
    if value is None:
        return None
    value = to_utc(value)
    return value if _OLDEST <= value <= fetched_at + _AHEAD else None


def _optional(value: str | None) -> str | None:
    return None if value is None else clean_text(value)


def clean_origin(origin: Origin) -> Origin:
    """The origin with a storable name, location and time."""
    return replace(
        origin,
        name=clean_text(origin.name),
        location=clean_text(origin.location),
        fetched_at=to_utc(origin.fetched_at),
    )


def clean_story(story: Story, fetched_at: datetime) -> Story:
    """The story with storable texts and numbers and sensible times. fetched_at: UTC."""
    return replace(
        story,
        uri=clean_text(story.uri.strip()),
        version=clamp_int(story.version),
        take_number=clamp_int(story.take_number),
        urgency=clamp_int(story.urgency),
        headline=clean_text(story.headline),
        body=clean_text(story.body),
        note=_optional(story.note),
        slugline=_optional(story.slugline),
        dateline_place=_optional(story.dateline_place),
        language=_optional(story.language),
        byline=_optional(story.byline),
        agency=_optional(story.agency),
        source=_optional(story.source),
        url=_optional(story.url),
        rights=_optional(story.rights),
        topics=tuple(map(clean_text, story.topics)),
        links=tuple(replace(link, rel=clean_text(link.rel), uri=clean_text(link.uri.strip())) for link in story.links),
        published_at=sensible(story.published_at, fetched_at),
        updated_at=sensible(story.updated_at, fetched_at),
        embargo_until=None if story.embargo_until is None else to_utc(story.embargo_until),
        expires_at=None if story.expires_at is None else to_utc(story.expires_at),
    )
