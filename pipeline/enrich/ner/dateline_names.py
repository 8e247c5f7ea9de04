"""The dateline: where a story was filed and by whom. Tagged as such, but never what the story is about."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.models import EntityType, Story
from pipeline.text.months import MONTHS

_HEAD_ENDS = re.compile(r"\(|\s(?:_|--?|–|—)|:\s*$")
_IN_BRACKETS = re.compile(r"\(([^()]{2,40})\)")
_PART = re.compile(r"[^,/]+")
_DATE = re.compile(
    rf"\d|^(?:{'|'.join(MONTHS)}"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:Mon|Tue|Wed|Thurs?|Fri|Sat|Sun)\.?)$"
)
_DELIVERY = re.compile(r"\s*(?:date\s\d{4}-\d\d-\d\d\s)?")  # how some plain wires stamp a story


@dataclass(frozen=True, slots=True)
class DatelineName:
    """A place or agency of the dateline; offsets into the body."""

    start: int
    end: int
    type: EntityType


def find_dateline_names(story: Story) -> tuple[DatelineName, ...]:
    """Find the places and the agency in the dateline that parsing marked; none without a dateline."""
    span = story.dateline
    return () if span is None else tuple(_find_names(story.body[span.start : span.end], span.start))


def _find_names(text: str, offset: int) -> Iterator[DatelineName]:
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
