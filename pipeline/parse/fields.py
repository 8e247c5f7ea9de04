"""What a format's reader gives for each take: the fields that its document has, in the format's own words.

What they mean is decided in ``assemble`` and nowhere else.
"""

from dataclasses import dataclass
from datetime import datetime

from pipeline.models import PublisherLink
from pipeline.wire.take_line import FIRST, TakeRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """One take in a format's own words; everything but ``uri`` may be missing.

    Attributes:
        uri: The id that its publisher keeps for the story.
        version: As written; None where the format counts no versions.
        publishing_status: As the IPTC formats have it: usable, withheld or canceled.
        embargo: A time as written, or "" for an embargo without one.
        located: The place of filing, where the format has a field for it.
        urgency: As written.
        note: The note to editors.
        role: What the publisher says of the take outside its text.
    """

    uri: str
    version: object = None
    publishing_status: str | None = None
    embargo: str | None = None
    headline: str = ""
    slugline: str | None = None
    body: str = ""
    language: str | None = None
    byline: str | None = None
    located: str | None = None
    agency: str | None = None
    source: str | None = None
    url: str | None = None
    urgency: object = None
    topics: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    links: tuple[PublisherLink, ...] = ()
    rights: str | None = None
    expires_at: datetime | None = None
    note: str | None = None
    role: TakeRole = FIRST
