"""Datelines: where, when and by whom a story was filed, at the head of its text.

The head is cut into agency, date and place by hand within a window of fixed size, so that the cost is bounded. A wrong
dateline hides entities from the tagger, a missed one only shows a few too many: in doubt there is none.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from pipeline.models import Span
from pipeline.parse.conventions.agencies import calls_itself_agency, known_agency
from pipeline.parse.conventions.filing_place import is_surely_a_place, readable_place, reads_as_place
from pipeline.parse.io.decode import one_line
from pipeline.parse.values.written_times import calendar_day, month_number

_WINDOW = 240
_LONGEST_HEAD = 160

_SIGNATURE = re.compile(r"[(（]([^()（）\n]{2,60})[)）]|(?<![\w/])/([^\W\d_][\w .-]{1,30})/|(?<=\w)/(ritzau)/", re.I)
_SEPARATOR = re.compile(r"\s{0,3}(?:\.?\s?(?:-{1,3}|[–—―−]|_{1,2}|:|=)|\.(?=\s))")
_BARE_SEPARATOR = re.compile(r"\s{1,3}(?:-{1,2}|[–—―−])(?=\s)|\s--|--(?=\s)|\s?[—―]\s?")
_AGENCY_AFTER = re.compile(r"\s{1,3}([^\W\d_][\w ]{1,24})\.(?=\s)")
_SLASHED = re.compile(r"(?P<place>[^/\n]{2,60}) / (?P<agency>[\w ]{2,30}) / (?P<day>[^/\n]{5,30}) /")
_SENTENCE = re.compile(r"\s{0,8}[\"'“”‘’«»„`(]{0,3}[^\W_a-zà-öø-ÿ]")
_LABELLED_DAY = re.compile(r"(?:date:?\s{1,3})?(\d{4})-(\d\d)-(\d\d)\s{1,4}", re.I)
_DAY = re.compile(
    r"(?:^|(?<=[\s,.]))(?:"
    r"(?P<m1>[^\W\d_]{3,12})\.?\s{1,2}(?P<d1>\d{1,2})(?:st|nd|rd|th)?(?:,?\s{1,2}(?P<y1>\d{4}))?"
    r"|(?P<d2>\d{1,2})(?:\.|º|st|nd|rd|th)?\s{1,2}(?:de\s)?(?P<m2>[^\W\d_]{3,12})\.?(?:,?\s{1,2}(?:de\s)?(?P<y2>\d{4}))?"
    r"|(?P<y3>\d{4})-(?P<m3>\d\d)-(?P<d3>\d\d)"
    r"|(?P<d4>\d{1,2})(?P<sign>[./])(?P<m4>\d{1,2})(?:(?P=sign)(?P<y4>\d{4}))?"
    r")$"
)
_WEEKDAY = re.compile(r",\s(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day$")

_COUNTRY = re.compile(r"\s\[([^\W\d_][\w ]{2,30})\]$")


@dataclass(frozen=True, slots=True)
class Dateline:
    """A dateline in a body.

    Attributes:
        span: From the place (or its date label) through the separator.
        place: As written, words in capitals made readable ("ISTANBUL" -> "Istanbul"); None where only an agency signs.
        agency: The agency's usual name; None where none signs.
        written_day: The date as the text has it, for identity.
        day: The same with its year; None if the year cannot be known.
    """

    span: Span
    place: str | None = None
    agency: str | None = None
    written_day: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class _Head:
    """What stands before the agency: "ISTANBUL, Nov 8"."""

    place: str | None
    capitals: bool
    day: tuple[int | None, int, int] | None
    written_day: str | None


def dateline_at(body: str, start: int, fetched_at: datetime, *, first: bool) -> Dateline | None:
    """Read the dateline that begins at ``start``.

    Args:
        body: The body as it came.
        start: Where the dateline would begin.
        fetched_at: When the document came in; it decides the year of a date without one.
        first: Whether nothing but notes precede, so that the dateline may be unsigned.

    Returns:
        The dateline, or None if there is none.
    """
    window = body[start : start + _WINDOW]
    signed = _signed(window, fetched_at) or _slashed(window, fetched_at)
    if signed is None and first:
        signed = _unsigned(window, fetched_at)
    if signed is None:
        return None
    return Dateline(Span(start, start + signed.span.end), signed.place, signed.agency, signed.written_day, signed.day)


def _signed(window: str, fetched_at: datetime) -> Dateline | None:
    """Read a dateline with an agency's signature in brackets or slashes: "ISTANBUL, Nov 8 (Reuters) -"."""
    signature = _SIGNATURE.search(window, 0, _LONGEST_HEAD + 64)
    if signature is None or signature.start() > _LONGEST_HEAD:
        return None
    written = next(group for group in signature.groups() if group).strip()
    head = _read_head(window[: signature.start()])
    if head is None:
        return None
    agency = known_agency(written)
    separator = _SEPARATOR.match(window, signature.end())
    if agency is None:
        if not (separator and _is_agency_in_brackets(head, written, window[separator.end() :])):
            return None
        agency = written
    if separator is None and not _needs_no_dash(window, signature.end(), head, written):
        return None
    if separator and head.place and not (head.capitals or head.day or _SENTENCE.match(window, separator.end())):
        return None  # "The Senate (AP) - in a vote on Monday"
    end = separator.end() if separator else signature.end()
    if head.place is None and separator is not None:
        placed = _unsigned(window[end:].lstrip(), fetched_at, needs_day=True)
        if placed is not None:
            skipped = len(window[end:]) - len(window[end:].lstrip())
            return Dateline(
                Span(0, end + skipped + placed.span.end), placed.place, agency, placed.written_day, placed.day
            )
    return _dateline_of(head, agency, end, fetched_at)


def _is_agency_in_brackets(head: _Head, written: str, rest: str) -> bool:
    """Whether a signature that we don't know may be an agency's: "APPLE INC (AAPL) -" is none."""
    if ":" in written:
        return False
    if head.place is None and head.day is None:
        return " " in written and calls_itself_agency(written)  # "(Sports Network) -"
    if head.place is None:
        return True
    if not head.capitals:  # "Colombo, Nov 9 (Daily Mirror) -"
        return head.day is not None and written[0].isupper() and len(written.split()) <= 3
    if head.day is not None or calls_itself_agency(written):
        return True
    named = any(map(str.islower, written)) and len(written.split()) <= 4
    return named and _SENTENCE.match(rest) is not None and is_surely_a_place(head.place, rest)


def _needs_no_dash(window: str, end: int, head: _Head, written: str) -> bool:
    """Some agencies set no dash: "NEW DELHI, Nov 8 (PTI) The government", "Paris (ats) Le ministre"."""
    if head.place is None or not (head.capitals or head.day or written.islower()):
        return False
    return window[end : end + 1].isspace() and _SENTENCE.match(window, end) is not None


def _unsigned(window: str, fetched_at: datetime, *, needs_day: bool = False) -> Dateline | None:
    """Read a dateline without a signature: "LONDON - The minister".

    The place must stand in capitals, and a sentence must follow.
    """
    for separator in _BARE_SEPARATOR.finditer(window, 0, _LONGEST_HEAD):
        text, agency = _split_agency(window[: separator.start()])
        head = _read_head(text)
        if head is None or head.place is None or not (head.capitals or (head.day and (needs_day or agency))):
            continue
        agency = agency if head.day else None
        if (needs_day and head.day is None) or not _SENTENCE.match(window, separator.end()):
            return None
        if head.day is None and not is_surely_a_place(head.place, window[separator.end() :]):
            return None
        end = len(window[: separator.end()].rstrip())
        if agency is None and head.day and (named := _AGENCY_AFTER.match(window, end)):  # "9 ноя — РИА Новости."
            agency = known_agency(named[1])
            end = named.end() if agency else end
        return _dateline_of(head, agency, end, fetched_at)
    return None


def _slashed(window: str, fetched_at: datetime) -> Dateline | None:
    """Read a press release's dateline: "CHICAGO, IL / ACCESSWIRE / November 9, 2017 / Acme"."""
    match = _SLASHED.match(window)
    agency = known_agency(match["agency"]) if match else None
    head = _read_head(f"{match['place']}, {match['day']}") if match and agency else None
    return None if match is None or head is None else _dateline_of(head, agency, match.end(), fetched_at)


def _split_agency(text: str) -> tuple[str, str | None]:
    """Split off an agency without brackets after a date: "SEOUL, Nov 26 AFP", "TOKYO, Nov. 8, Kyodo"."""
    before, _, word = text.rstrip().rpartition(" ")
    dated = before[-1:].isdigit() or before[-2:-1].isdigit() or _DAY.search(before.rstrip(",. ")) is not None
    agency = known_agency(word) if dated else None
    return (before, agency) if agency else (text, None)


def _dateline_of(head: _Head, agency: str | None, end: int, fetched_at: datetime) -> Dateline:
    day = None if head.day is None else calendar_day(*head.day, fetched_at)
    return Dateline(Span(0, end), head.place, agency, head.written_day, day)


def _read_head(text: str) -> _Head | None:
    """Read place and date in what stands before an agency or a dash; None if that is no dateline."""
    text = _without_stop(text.strip().rstrip(" ,:-–—_\t"))
    if "\n" in text:
        return None
    labelled = _LABELLED_DAY.match(f"{text} ")
    day: tuple[int | None, int, int] | None = None
    written: str | None = None
    if labelled:
        day = (int(labelled[1]), int(labelled[2]), int(labelled[3]))
        written = f"{labelled[1]}-{labelled[2]}-{labelled[3]}"
        text = text[labelled.end() :]
    if not text:
        return _Head(None, False, day, written)
    text = _WEEKDAY.sub("", text)
    match = _DAY.search(text)
    if match and (named_day := _day_of(match)) is not None:
        day = day or named_day
        written = written or match[0]
        text = _without_stop(text[: match.start()].rstrip(" ,\t-–—"))
    if not text or text == "UNDATED":
        return _Head(None, False, day, written)
    text = _COUNTRY.sub(r", \1", text)  # "New Delhi [India]"
    capitals = reads_as_place(text)
    return None if capitals is None else _Head(readable_place(text), capitals, day, written)


def _without_stop(text: str) -> str:
    """Drop the full stop of "MOSCOW." and "Nov. 8."; "St. PETERSBURG, Fla." keeps it."""
    if not text.endswith("."):
        return text
    last = text[:-1].rpartition(" ")[2]
    written_out = len(last) >= 6  # no abbreviation of a state is that long
    return text[:-1] if (last == last.upper() or written_out) and "." not in last else text


def _day_of(match: re.Match[str]) -> tuple[int | None, int, int] | None:
    if match["y3"]:
        return int(match["y3"]), int(match["m3"]), int(match["d3"])
    if match["d4"]:  # day first, as all who write dates so in datelines do
        return (int(match["y4"]) if match["y4"] else None), int(match["m4"]), int(match["d4"])
    month = month_number(match["m1"] or match["m2"])
    if month is None:
        return None
    year = match["y1"] or match["y2"]
    return (int(year) if year else None), month, int(match["d1"] or match["d2"])


def read_label(text: str) -> tuple[str | None, str | None]:
    """Read place and agency of a dateline that stands apart from the body: "MOSCOW, Monday (Reuters)"."""
    text = one_line(text[:_WINDOW])
    signature = _SIGNATURE.search(text)
    if signature:
        agency = known_agency(next(group for group in signature.groups() if group))
        head = _read_head(text[: signature.start()])
    else:
        place, agency = _split_agency(text.rstrip(" -–—:_"))
        head = _read_head(place)
    return (head.place if head else None), agency
