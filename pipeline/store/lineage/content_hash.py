"""Whether two sendings of a story say the same: a hash over what readers see.

Dates, links, tracking parameters in addresses, and whitespace are left out, since publishers change them without
changing the story.
"""

import re
import unicodedata
from hashlib import blake2b

from pipeline.models import Story
from pipeline.store.db.epoch import to_epoch_us
from pipeline.wire.tracking_params import without_tracking

_ADDRESS_WITH_QUERY = re.compile(r"(https?://[^\s?#\"'<>()\[\]]+)\?([^\s#\"'<>()\[\]]+)", re.IGNORECASE)


def normalize(text: str) -> str:
    """Bring a text into one Unicode form, with single spaces and without tracking parameters in its addresses."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if "?" in text and "://" in text:
        text = _ADDRESS_WITH_QUERY.sub(_without_tracking, text)
    return " ".join(text.split())


def _without_tracking(address: re.Match[str]) -> str:
    query = without_tracking(address[2])
    return f"{address[1]}?{query}" if query else address[1]


def content_hash(story: Story) -> bytes:
    """Hash what a reader would call the story: texts, take line, status, topics, rights and so on.

    Returns:
        BLAKE2b, 16 bytes.
    """
    parts = (
        normalize(story.headline),
        normalize(story.body),
        normalize(story.slugline or ""),
        normalize(story.byline or ""),
        normalize(story.note or ""),
        story.status,
        story.take,
        str(story.take_number or 0),
        str(story.corrected),
        str(story.urgency or ""),
        ",".join(sorted(story.topics)),
        normalize(story.rights or ""),
        str(to_epoch_us(story.embargo_until) or ""),
        str(to_epoch_us(story.expires_at) or ""),
    )
    return blake2b("\x1f".join(parts).encode(), digest_size=16).digest()
