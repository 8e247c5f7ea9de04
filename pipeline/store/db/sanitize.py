"""What comes in is made storable the same way for every database: texts, numbers and times.

One code point stays one code point, so that offsets into a text stay right.
"""

import re
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

from pipeline.models import Origin, PublisherLink, Story
from pipeline.store.db.epoch import to_utc
from pipeline.wire.times import plausible_time

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_INT64 = 2**63 - 1


def clean_text(value: str) -> str:
    """Replace NUL characters and lone surrogates by U+FFFD."""
    if value.isascii():
        return value if "\0" not in value else value.replace("\0", "\ufffd")
    return _UNSTORABLE.sub("\ufffd", value) if _UNSTORABLE.search(value) else value


def uri_key(uri: str) -> bytes:
    """Hash a uri of any length to the key by which it is unique: BLAKE2b of its UTF-8, 16 bytes."""
    return blake2b(uri.encode(), digest_size=16).digest()


def clamp_int(value: int) -> int:
    """Hold a number within what a 64-bit column takes."""
    return max(-_INT64, min(_INT64, value))


def plausible_utc(value: datetime | None, fetched_at: datetime) -> datetime | None:
    """A story's date in UTC, or None where it cannot be a time of publication."""
    return None if value is None else plausible_time(to_utc(value), fetched_at)


def clean_origin(origin: Origin) -> Origin:
    """Make an origin's name, location and time storable."""
    return replace(
        origin,
        name=clean_text(origin.name),
        location=clean_text(origin.location),
        fetched_at=to_utc(origin.fetched_at),
    )


_TEXTS = (
    "headline",
    "body",
    "note",
    "slugline",
    "dateline_place",
    "language",
    "byline",
    "agency",
    "source",
    "url",
    "rights",
)
_NUMBERS = ("version", "take_number", "urgency")


def clean_story(story: Story, fetched_at: datetime) -> Story:
    """Make a story storable: its texts, numbers and times.

    Args:
        story: The story as it was parsed.
        fetched_at: When it came in, UTC. Dates that cannot be true go by it.
    """
    new: dict[str, Any] = {
        "uri": clean_text(story.uri.strip()),
        "published_at": plausible_utc(story.published_at, fetched_at),
        "updated_at": plausible_utc(story.updated_at, fetched_at),
        "embargo_until": None if story.embargo_until is None else to_utc(story.embargo_until),
        "expires_at": None if story.expires_at is None else to_utc(story.expires_at),
    }
    for names, clean in ((_TEXTS, clean_text), (_NUMBERS, clamp_int)):
        for name in names:
            value = getattr(story, name)
            if value is not None:
                new[name] = clean(value)
    if story.topics:
        new["topics"] = tuple(map(clean_text, story.topics))
    if story.links:
        new["links"] = tuple(PublisherLink(clean_text(link.rel), clean_text(link.uri.strip())) for link in story.links)
    changed = {name: value for name, value in new.items() if value is not getattr(story, name)}
    return replace(story, **changed) if changed else story
