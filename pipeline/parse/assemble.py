"""From a format's fields to a story: wire conventions, times, status and scrubbing, the same for every format.

A format says what its document has. What that means is decided here and nowhere else: an embargo makes a story
withheld, "CORRECTED-" makes it a correction, and a date of next year is none.
"""

from datetime import UTC, datetime, time

from pipeline.models import RawDocument, Status, Story, TakeKind
from pipeline.parse.conventions.agencies import known_agency
from pipeline.parse.conventions.dateline import Dateline
from pipeline.parse.conventions.wire_conventions import read_conventions
from pipeline.parse.fields import Fields
from pipeline.parse.io.decode import language_tag, scrub
from pipeline.parse.values.identity import bounded
from pipeline.parse.values.written_times import read_time
from pipeline.wire.take_line import TakeRole
from pipeline.wire.times import EARLIEST, plausible_time

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


def assemble(fields: Fields, document: RawDocument) -> Story:
    """Make a story of a take's fields. The time that counts is the document's own time of arrival."""
    arrived = document.origin.fetched_at
    headline, body = scrub(fields.headline), scrub(fields.body)
    conventions = read_conventions(
        headline, fields.slugline, body, arrived, note=_scrubbed(fields.note), role=fields.role
    )
    role, dateline = conventions.role, conventions.dateline
    status, embargo_until = _status(fields, role, arrived)
    kind = TakeKind.KILL if status is Status.WITHDRAWN else role.kind
    agency = _agency(fields, dateline)
    published, updated = _times(fields, dateline, arrived)
    return Story(
        uri=bounded(scrub(fields.uri)),
        version=_whole_number(fields.version, 0, _HIGHEST_VERSION),
        status=status,
        embargo_until=embargo_until,
        take=kind,
        take_number=role.number,
        corrected=role.corrected,
        note=role.note,
        headline=headline,
        slugline=_scrubbed(fields.slugline),
        body=body,
        dateline=dateline.span if dateline else None,
        trailer=conventions.trailer,
        dateline_place=(dateline.place if dateline else None) or _scrubbed(fields.located),
        language=language_tag(fields.language) or language_tag(document.language),
        byline=_scrubbed(fields.byline),
        agency=agency,
        source=_scrubbed(fields.source) or document.publisher or agency,
        url=_scrubbed(fields.url),
        urgency=_whole_number(fields.urgency, 1, 9),
        topics=_distinct_topics(fields.topics),
        published_at=published,
        updated_at=updated,
        links=fields.links[:_MOST_LINKS],
        rights=_scrubbed(fields.rights),
        expires_at=fields.expires_at if fields.expires_at and fields.expires_at >= EARLIEST else None,
    )


def _status(fields: Fields, role: TakeRole, arrived: datetime) -> tuple[Status, datetime | None]:
    """Whether readers may see it. What holds a story back but cannot be read holds it back all the same."""
    written = (fields.publishing_status or "").strip().lower()
    status = _STATUSES.get(written, Status.WITHHELD) if written else Status.USABLE
    if status is Status.WITHDRAWN or role.kind is TakeKind.KILL:
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
    return _scrubbed(fields.agency)


def _scrubbed(text: str | None) -> str | None:
    """Return a text without unsafe characters and outer white space; None where nothing is left."""
    if text is None:
        return None
    return scrub(text).strip() or None


def _whole_number(value: object, lowest: int, highest: int) -> int | None:
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


def _distinct_topics(topics: tuple[str, ...]) -> tuple[str, ...]:
    if not topics:
        return ()
    kept = dict.fromkeys(topic for topic in (scrub(topic).strip()[:200] for topic in topics) if topic)
    return tuple(kept)[:_MOST_TOPICS]
