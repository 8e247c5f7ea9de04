"""The dateline: where a story was filed and by whom. Tagged as such, but never what the story is about."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.models import EntityType, Span, Story

_REACH = 200  # characters; a dateline stands at the very beginning
_AGENCY = r"[A-Z][A-Za-z.&-]*(?:[ /][A-Z][A-Za-z.&-]*){0,3}"
_DATELINE = re.compile(
    r"\s*(?:date\s\d{4}-\d\d-\d\d\s)?"
    r"(?:[A-Z][A-Z'’.\-]+(?:[ /][A-Z][A-Z'’.\-]+)*(?:/[A-Z]+)*(?:,\s+[A-Z][\w.'’-]*(?:\s[A-Z][\w.'’-]*){0,2})?)"
    r"(?:,?\s+(?:[A-Z][a-z]{2,8}\.?\s+\d{1,2}|\d{1,2}\s[A-Z][a-z]{2,8})(?:,?\s\d{4})?)?"
    rf"(?:\s*\({_AGENCY}\))?\s*(?:_|--?|–|—|:)\s"
)
_HEAD_ENDS = re.compile(r"\(|\s(?:_|--?|–|—)|:\s*$")
_IN_BRACKETS = re.compile(r"\(([^()]{2,40})\)")
_PART = re.compile(r"[^,/]+")
_DATE = re.compile(
    r"\d|^(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:Mon|Tue|Wed|Thurs?|Fri|Sat|Sun)\.?)$"
)
_DELIVERY = re.compile(r"\s*(?:date\s\d{4}-\d\d-\d\d\s)?")  # how some plain wires stamp a story


@dataclass(frozen=True, slots=True)
class DatelineName:
    """A place or agency of the dateline; offsets into the body."""

    start: int
    end: int
    type: EntityType


@dataclass(frozen=True, slots=True)
class BodyParts:
    """``start``..``end`` is the story proper; ``names`` are the dateline's."""

    start: int
    end: int
    names: tuple[DatelineName, ...]


def body_parts(story: Story) -> BodyParts:
    """Where the story proper begins and ends. A dateline that parse did not mark is recognised by its form."""
    body = story.body
    end = story.trailer.start if story.trailer else len(body)
    span = story.dateline
    if span is None and (matched := _DATELINE.match(body, 0, min(_REACH, len(body)))):
        span = Span(matched.start(), matched.end())
    if span is None:
        return BodyParts(0, end, ())
    return BodyParts(min(span.end, end), end, tuple(_names(body[span.start : span.end], span.start)))


def _names(text: str, offset: int) -> Iterator[DatelineName]:
    stamp = _DELIVERY.match(text)
    first = stamp.end() if stamp else 0
    stop = _HEAD_ENDS.search(text, first)
    for part in _PART.finditer(text, first, stop.start() if stop else len(text)):
        written = part.group().strip()
        if written and not _DATE.search(written):
            start = offset + part.end() - len(part.group().lstrip())
            yield DatelineName(start, start + len(written), EntityType.PLACE)
    if agency := _IN_BRACKETS.search(text):
        yield DatelineName(offset + agency.start(1), offset + agency.end(1), EntityType.ORGANIZATION)
