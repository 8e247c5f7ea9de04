"""The dateline: where a story was filed and by whom. Tagged as such, but never what the story is about."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.models import EntityType, Span, Story

_REACH = 200  # characters; a dateline stands at the very beginning
_AGENCY = r"[A-Z][A-Za-z.&-]*(?:[ /][A-Z][A-Za-z.&-]*){0,3}"
_DATELINE = re.compile(
    r"\s*(?:date\s\d{4}-\d\d-\d\d\s)?"
    r"(?P<places>[A-Z][A-Z'’.\-]+(?:[ /][A-Z][A-Z'’.\-]+)*(?:/[A-Z]+)*(?:,\s+[A-Z][\w.'’-]*(?:\s[A-Z][\w.'’-]*){0,2})?)"
    r"(?:,?\s+(?:[A-Z][a-z]{2,8}\.?\s+\d{1,2}|\d{1,2}\s[A-Z][a-z]{2,8})(?:,?\s\d{4})?)?"
    rf"(?:\s*\((?P<agency>{_AGENCY})\))?\s*(?:_|--?|–|—|:)\s"
)
_PLACE = re.compile(r"[^,/]+")


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
    matched = _DATELINE.match(body, span.start if span else 0, span.end + 1 if span else min(_REACH, len(body)))
    if span is None and matched:
        span = Span(matched.start(), matched.end())
    start = min(span.end if span else 0, end)
    return BodyParts(start, end, tuple(_names(matched)) if matched else ())


def _names(matched: re.Match[str]) -> Iterator[DatelineName]:
    text, offset = matched["places"], matched.start("places")
    for part in _PLACE.finditer(text):
        written = part.group()
        start = offset + part.end() - len(written.lstrip())
        yield DatelineName(start, start + len(written.strip()), EntityType.PLACE)
    if matched["agency"]:
        yield DatelineName(matched.start("agency"), matched.end("agency"), EntityType.ORGANIZATION)
