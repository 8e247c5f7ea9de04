"""From a format's fields to a Story: wire conventions, times, status and scrubbing, the same for every format.

A format says what its document has; what that means (an embargo makes a story withheld, "CORRECTED-" a correction, a
date of next year none at all) is decided here and nowhere else.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time

from pipeline.models import PublisherLink, RawDocument, Rejected, Status, Story, TakeKind
from pipeline.parse.identity import bounded
from pipeline.parse.io.decode import language_tag, scrub
from pipeline.parse.wire_marks.agencies import known_agency
from pipeline.parse.wire_marks.times import read_time
from pipeline.parse.wire_marks.wire_marks import Dateline, WireMarks, read_wire
from pipeline.wire.take_line import FIRST, TakeRole
from pipeline.wire.times import EARLIEST, plausible_time

PAYLOAD_LIMIT = 1024 * 1024
_MOST_TOPICS = 64
_MOST_LINKS = 64
_HIGHEST_VERSION = 2**31 - 1

_STATUSES = {
    "usable": Status.USABLE,
    "published": Status.USABLE,
    "updated": Status.USABLE,
    "corrected": Status.USABLE,
    "withheld": Status.WITHHELD,
    "embargoed": Status.WITHHELD,
    "canceled": Status.WITHDRAWN,
    "cancelled": Status.WITHDRAWN,
    "killed": Status.WITHDRAWN,
    "recalled": Status.WITHDRAWN,
    "withdrawn": Status.WITHDRAWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """One take in a format's own words; everything but ``uri`` may be missing.

    version, urgency: as written; publishing_status: usable, withheld or canceled as the IPTC formats have it;
    embargo: a time as written, or "" for an embargo without one; note: the editor's note; located: the place of filing
    where the format has a field for it.
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
    take: TakeRole = FIRST  # what the publisher says of the take outside its text


def assemble(fields: Fields, document: RawDocument) -> Story:
    """The story that these fields tell. Pure: the time is the document's own time of arrival."""
    arrived = document.origin.fetched_at
    headline, body = scrub(fields.headline), scrub(fields.body)
    marks = read_wire(headline, fields.slugline, body, arrived, note=_kept(fields.note), said=fields.take)
    status, embargo_until = _status(fields, marks, arrived)
    take = marks.take
    kind = TakeKind.KILL if status is Status.WITHDRAWN else take.kind
    dateline = marks.dateline
    agency = _agency(fields, dateline)
    published, updated = _times(fields, dateline, arrived)
    return Story(
        uri=bounded(scrub(fields.uri)),
        version=_count(fields.version, 0, _HIGHEST_VERSION),
        status=status,
        embargo_until=embargo_until,
        take=kind,
        take_number=take.number,
        corrected=take.corrected,
        note=take.note,
        headline=headline,
        slugline=_kept(fields.slugline),
        body=body,
        dateline=dateline.span if dateline else None,
        trailer=marks.trailer,
        dateline_place=(dateline.place if dateline else None) or _kept(fields.located),
        language=language_tag(fields.language) or language_tag(document.language),
        byline=_kept(fields.byline),
        agency=agency,
        source=_kept(fields.source) or document.publisher or agency,
        url=_kept(fields.url),
        urgency=_count(fields.urgency, 1, 9),
        topics=_distinct(fields.topics),
        published_at=published,
        updated_at=updated,
        links=fields.links[:_MOST_LINKS],
        rights=_kept(fields.rights),
        expires_at=fields.expires_at if fields.expires_at and fields.expires_at >= EARLIEST else None,
    )


def rejected(document: RawDocument, part: str, reason: str, payload: bytes | str) -> Rejected:
    """An item that is no story, with its own bytes for a later replay."""
    if isinstance(payload, str):
        payload = payload[:PAYLOAD_LIMIT].encode("utf-8", "replace")
    return Rejected(document.origin, part, reason, payload[:PAYLOAD_LIMIT])


def _status(fields: Fields, marks: WireMarks, arrived: datetime) -> tuple[Status, datetime | None]:
    """Whether readers may see it. What holds a story back but cannot be read holds it back all the same."""
    written = (fields.publishing_status or "").strip().lower()
    status = _STATUSES.get(written, Status.WITHHELD) if written else Status.USABLE
    if status is Status.WITHDRAWN or marks.take.kind is TakeKind.KILL:
        return Status.WITHDRAWN, None
    if fields.embargo is None:
        return status, None
    until = read_time(fields.embargo)
    if until is None:
        return Status.WITHHELD, None
    if until > arrived:
        return Status.WITHHELD, until
    # "embargoed" only speaks of the embargo that has just passed; "withheld" is the publisher's own decision
    return (Status.USABLE if written == "embargoed" else status), None


def _times(fields: Fields, dateline: Dateline | None, arrived: datetime) -> tuple[datetime | None, datetime | None]:
    """First publication and this take's time; either stands in for the other, a dated dateline for both."""
    published = plausible_time(fields.published_at, arrived)
    updated = plausible_time(fields.updated_at, arrived)
    if published is None and updated is None and dateline is not None and dateline.day is not None:
        published = plausible_time(datetime.combine(dateline.day, time.min, UTC), arrived)
    if published is not None and updated is not None:
        published = min(published, updated)
    return published or updated, updated or published


def _agency(fields: Fields, dateline: Dateline | None) -> str | None:
    if dateline is not None and dateline.agency:
        return dateline.agency
    for name in (fields.agency, fields.source):
        if name and (known := known_agency(name)):
            return known
    return _kept(fields.agency)


def _kept(text: str | None) -> str | None:
    if text is None:
        return None
    return scrub(text).strip() or None


def _count(value: object, lowest: int, highest: int) -> int | None:
    """A whole number from what a format wrote ("3", 3, 3.0), or None outside the bounds."""
    if isinstance(value, str):
        value = value.strip()
        if not (value.isascii() and value.isdigit() and len(value) <= 18):
            return None
        number = int(value)
    elif isinstance(value, int | float) and not isinstance(value, bool) and value == value and abs(value) < 1e18:
        number = int(value)
    else:
        return None
    return number if lowest <= number <= highest else None


def _distinct(topics: tuple[str, ...]) -> tuple[str, ...]:
    if not topics:
        return ()
    kept = dict.fromkeys(topic for topic in (scrub(topic).strip()[:200] for topic in topics) if topic)
    return tuple(kept)[:_MOST_TOPICS]
