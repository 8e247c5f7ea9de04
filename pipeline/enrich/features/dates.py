"""Dates that a text names, resolved against the day it was published: "last month" of November 2017 is 2017-10.

Rules of our own rather than dateparser: it takes milliseconds per sentence, reads "May" and "march" as months
wherever they stand, and resolves "on Tuesday" to the future, where wire copy means the Tuesday just past.
"""

import re
from calendar import monthrange
from datetime import date, timedelta

from pipeline.text.months import MONTHS

MOST = 20  # dates that are kept per story: a table of results is not news
_MONTHS = tuple(name.lower() for name in MONTHS)
_SHORT_MONTHS = {name[:3]: number for number, name in enumerate(_MONTHS, 1)} | {"sept": 9}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "couple of": 2,
}  # fmt: skip
_MONTH = (
    r"(?:" + "|".join(name.title() for name in _MONTHS) + r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?)"
)
_DAY = r"(?:" + "|".join(name.title() for name in _DAYS) + r")"
_YEAR = r"(?:1[89]|20)\d\d"
_COUNT = r"(?:\d{1,3}|(?i:" + "|".join(_NUMBERS) + r"))"
_NAMED = re.compile(
    r"\b(?:"
    rf"(?P<iso>{_YEAR}-\d\d-\d\d)\b"
    rf"|(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m1>{_MONTH})(?:,? (?P<y1>{_YEAR}))?\b(?!\.\d)"
    rf"|(?P<m2>{_MONTH}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?![\d:%]|[.,]\d|-year)(?:,? (?P<y2>{_YEAR})\b)?"
    rf"|(?P<m3>{_MONTH}) (?P<y3>{_YEAR})\b"
    rf"|(?P<cue>[Ll]ast|[Nn]ext|[Tt]his|[Ii]n|[Bb]y|[Ss]ince|[Uu]ntil|[Ff]rom|[Dd]uring|[Ee]arly|[Ll]ate|[Mm]id-?|[Oo]f)"
    rf" ?(?P<m4>{_MONTH})(?!\w|\.? \d)"
    rf"|(?P<way>[Ll]ast|[Nn]ext|[Tt]his|[Cc]oming)? ?\b(?P<weekday>{_DAY})\b(?! \d)"
    r"|(?P<side>[Ll]ast|[Pp]revious|[Nn]ext|[Tt]his|[Cc]oming) (?P<span>week|month|year|weekend)\b(?!'s\b)"
    r"|(?P<near>[Tt]oday|[Yy]esterday|[Tt]omorrow|[Tt]onight)\b"
    rf"|(?P<n1>{_COUNT}) (?P<u1>day|week|month|year)s? ago\b"
    rf"|[Ii]n (?P<n2>{_COUNT}) (?P<u2>day|week|month|year)s?['’]? ?(?:time\b)?(?=[,. ;]|$)"
    r"|(?:[Ii]n|[Bb]y|[Ss]ince|[Uu]ntil|[Ff]rom|[Ee]arly|[Ll]ate|[Oo]f(?= \d{4}(?! [a-z])))"
    rf" (?:mid-)?(?P<y5>{_YEAR})\b(?![-–]\d|,\d| [a-z]+s\b (?:were|are|have))"
    r")"
)  # fmt: skip
_AHEAD_BEFORE = re.compile(
    r"\b(?:will|would|due|scheduled|expected|planned|plans|to be|set to|hopes?|is to|are to|by|until|begins?|starts?"
    r"|opens?|next|must|should|shall|may)\b[^.!?]{0,50}$"
)
_AHEAD_AFTER = re.compile(r"^,? (?:\w+,? ){0,3}(?:will|is to|are to|is due|are due)\b")
_PAST_BEFORE = re.compile(r"\b(?:said|told|announced|was|were|had|has|signed|killed|since)\b[^.!?]{0,30}$")


def find_dates(text: str, day: date | None) -> tuple[str, ...]:
    """Find the dates that a text names, each once, in order of appearance.

    Args:
        text: The text.
        day: When the text was published. Without it, only dates that need no context are found.

    Returns:
        At most ``MOST`` ISO 8601 dates, as precise as the text: "2017-11-08", "2017-11", "2017", "2017-W45".
    """
    dates: dict[str, None] = {}
    for match in _NAMED.finditer(text):
        resolved = _resolve(match, text, day)
        if resolved is not None:
            dates[resolved] = None
            if len(dates) == MOST:
                break
    return tuple(dates)


def _resolve(match: re.Match[str], text: str, day: date | None) -> str | None:
    for number in ("1", "2"):
        if match["d" + number]:
            year = int(match["y" + number]) if match["y" + number] else None
            return _resolve_day(int(match["d" + number]), _month_number(match["m" + number]), year, day)
    if match["iso"]:
        return _real_date(match["iso"])
    if match["m3"]:
        return f"{match['y3']}-{_month_number(match['m3']):02}"
    if match["y5"]:
        return match["y5"]
    return _resolve_relative(match, text, day) if day is not None else None


def _resolve_relative(match: re.Match[str], text: str, day: date) -> str | None:
    if match["m4"]:
        return _resolve_month(_month_number(match["m4"]), match["cue"].lower(), _is_ahead(text, match), day)
    if match["weekday"]:
        return _resolve_weekday(_DAYS.index(match["weekday"].lower()), (match["way"] or "").lower(), text, match, day)
    if match["span"]:
        return _resolve_span(match["side"].lower(), match["span"], day)
    if match["near"]:
        return (day + timedelta(days={"yesterday": -1, "tomorrow": 1}.get(match["near"].lower(), 0))).isoformat()
    if match["n1"]:
        return _shift_day(-_parse_count(match["n1"]), match["u1"], day)
    return _shift_day(_parse_count(match["n2"]), match["u2"], day) if _is_ahead(text, match) else None


def _is_ahead(text: str, match: re.Match[str]) -> bool:
    """Whether the sentence speaks of what is to come."""
    before, after = text[max(0, match.start() - 80) : match.start()], text[match.end() : match.end() + 40]
    past, to_come = _PAST_BEFORE.search(before), _AHEAD_BEFORE.search(before)
    later = to_come is not None and (past is None or to_come.start() > past.start())
    return later or bool(_AHEAD_AFTER.match(after))


def _month_number(name: str) -> int:
    short = name.lower().rstrip(".")
    return _SHORT_MONTHS[short if short == "sept" else short[:3]]


def _parse_count(text: str) -> int:
    return _NUMBERS.get(text.lower()) or int(text)


def _real_date(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _resolve_day(number: int, month: int, year: int | None, day: date | None) -> str | None:
    """A day and month; without a year, of the year that brings it nearest to the publication."""
    if year is not None:
        return _real_date(f"{year}-{month:02}-{number:02}")
    if day is None:
        return None
    near = [date(y, month, number) for y in (day.year - 1, day.year, day.year + 1) if number <= monthrange(y, month)[1]]
    return min(near, key=lambda candidate: abs(candidate - day)).isoformat() if near and number else None


def _resolve_month(month: int, cue: str, ahead: bool, day: date) -> str:
    year = day.year
    if cue == "last":
        year -= month >= day.month
    elif cue == "next" or (ahead and cue not in ("since", "this", "from", "of")) or cue in ("by", "until"):
        year += month < day.month or (cue == "next" and month == day.month)
    elif cue != "this":
        year -= month > day.month
    return f"{year}-{month:02}"


def _resolve_weekday(weekday: int, way: str, text: str, match: re.Match[str], day: date) -> str:
    behind = (day.weekday() - weekday) % 7
    if way == "last":
        return (day - timedelta(days=behind or 7)).isoformat()
    if way in ("next", "coming", "this") or _is_ahead(text, match):
        return (day + timedelta(days=(7 - behind) if behind or way == "next" else 0)).isoformat()
    return (day - timedelta(days=behind)).isoformat()


def _resolve_span(side: str, span: str, day: date) -> str:
    step = {"last": -1, "previous": -1, "next": 1, "coming": 1}.get(side, 0)
    if span == "year":
        return str(day.year + step)
    if span == "month":
        months = day.year * 12 + day.month - 1 + step
        return f"{months // 12}-{months % 12 + 1:02}"
    year, week, _ = (day + timedelta(weeks=step)).isocalendar()
    return f"{year}-W{week:02}"


def _shift_day(count: int, unit: str, day: date) -> str | None:
    """As precise as what is counted: "three years ago" is a year."""
    if unit == "year":
        return str(day.year + count) if 1000 < day.year + count < 3000 else None
    if unit == "month":
        months = day.year * 12 + day.month - 1 + count
        return f"{months // 12}-{months % 12 + 1:02}"
    if abs(count) > 5_000:
        return None
    moved = day + timedelta(days=count * (7 if unit == "week" else 1))
    year, week, _ = moved.isocalendar()
    return moved.isoformat() if unit == "day" else f"{year}-W{week:02}"
