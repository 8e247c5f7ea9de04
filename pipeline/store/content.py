"""Whether two sendings of a story say the same: a hash over what readers see.

Dates, links, tracking parameters in addresses, and whitespace are left out, since publishers change them without
changing the story.
"""

import re
import unicodedata
from hashlib import blake2b

from pipeline.models import Story
from pipeline.store.clean import to_micros

_TRACKING = re.compile(
    r"(?<=[?&])(?:utm_\w+|[fgd]clid|gclsrc|msclkid|yclid|twclid|igshid|mc_[ce]id|_ga|_hs\w+|mkt_tok|cmp(?:id)?|"
    r"ocid|ito|smid|feed(?:type|name)|rpc|source_id|at_\w+|ns_\w+)=[^&#\s\"'<>)\]]*&?",
    re.IGNORECASE,
)
_DANGLING = re.compile(r"[?&](?=[#\s\"'<>)\]]|$)")


def uri_key(uri: str) -> bytes:
    """The fixed-length key by which a uri of any length is unique: BLAKE2b of its UTF-8, 16 bytes."""
    return blake2b(uri.encode(), digest_size=16).digest()


def plain(text: str) -> str:
    """The text in one Unicode form, with single spaces and without tracking parameters in its addresses."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if "?" in text and "=" in text:
        text = _DANGLING.sub("", _TRACKING.sub("", text))
    return " ".join(text.split())


def content_hash(story: Story) -> bytes:
    """BLAKE2b (16 bytes) of what a reader would call the story: texts, take line, status, topics, rights and so on."""
    parts = (
        plain(story.headline),
        plain(story.body),
        plain(story.slugline or ""),
        plain(story.byline or ""),
        plain(story.note or ""),
        story.status,
        story.take,
        str(story.take_number or 0),
        str(story.corrected),
        str(story.urgency or ""),
        ",".join(sorted(story.topics)),
        plain(story.rights or ""),
        str(to_micros(story.embargo_until) or ""),
        str(to_micros(story.expires_at) or ""),
    )
    return blake2b("\x1f".join(parts).encode(), digest_size=16).digest()
