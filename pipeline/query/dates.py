"""Dates as Kibana users type them.

They write ``2017``, ``2017-11``, ``2017-11-01``, ``2017-11-01T10:00:00Z``, and date math: ``now-7d``, ``now/d``,
``2017-11-01||+1M``.

A date stands for the whole of what it names: 2017-11 is the month. Bounds round outwards or inwards accordingly. Dates
are exact to the millisecond, as both engines keep them.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_INSTANT = timedelta(milliseconds=1)
_DATE = re.compile(
    r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ](\d{1,2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,3})\d*)?)?)?"
    r"(Z|[+-]\d{2}:?\d{2})?)?)?)?",
    re.ASCII,
)
_STEP = re.compile(r"([+-]\d{1,6}|/)([yMwdhHms])", re.ASCII)
_EXACT = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "H": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_PRECISION = ("y", "M", "d", "h", "m", "s")


@dataclass(frozen=True, slots=True)
class Period:
    """``start`` <= time < ``end``, UTC."""

    start: datetime
    end: datetime


def parse_period(text: str, now: datetime) -> Period:
    """The period that a date or a date-math expression names.

    Args:
        text: as typed, without quotes.
        now: what ``now`` means, with a zone.

    Raises:
        ValueError: with the reason, for the reader.
    """
    anchor, _, math = text.partition("||")
    try:
        if anchor.startswith("now") and not math:
            instant = now.astimezone(UTC).replace(microsecond=now.microsecond // 1000 * 1000)
            return _apply_math(Period(instant, instant + _INSTANT), anchor[3:])
        return _apply_math(_parse_date(anchor), math)
    except OverflowError:
        raise ValueError("the date is out of range") from None


def _parse_date(text: str) -> Period:
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a date; write 2017-11-01, 2017-11-01T10:00:00Z or now-7d")
    *numbers, fraction, zone = match.groups()
    parts = [int(number) for number in numbers if number is not None]
    try:
        year, month, day, hour, minute, second = parts + [1, 1, 1, 0, 0, 0][len(parts) :]
        start = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as reason:
        raise ValueError(f"{text!r} is not a date: {reason}") from None
    start -= _zone_offset(zone)
    if fraction is not None:
        return Period(
            start + timedelta(milliseconds=int(fraction.ljust(3, "0"))),
            start + timedelta(milliseconds=int(fraction.ljust(3, "9")) + 1),
        )
    return Period(start, _shift(start, 1, _PRECISION[len(parts) - 1]))


def _zone_offset(zone: str | None) -> timedelta:
    if zone is None or zone == "Z":
        return timedelta()
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return -offset if zone[0] == "-" else offset


def _apply_math(period: Period, math: str) -> Period:
    position = 0
    while position < len(math):
        step = _STEP.match(math, position)
        if step is None:
            raise ValueError(f"{math[position:]!r} is not date math; write for example now-7d, now-1M/M or now/d")
        amount, unit = step.groups()
        if amount == "/":
            floor = _floor(period.start, unit)
            period = Period(floor, _shift(floor, 1, unit))
        else:
            period = Period(_shift(period.start, int(amount), unit), _shift(period.end, int(amount), unit))
        position = step.end()
    return period


def _shift(time: datetime, amount: int, unit: str) -> datetime:
    if unit not in "yM":
        return time + amount * _EXACT[unit]
    months = time.year * 12 + time.month - 1 + amount * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    return time.replace(year=year, month=month + 1, day=min(time.day, calendar.monthrange(year, month + 1)[1]))


def _floor(time: datetime, unit: str) -> datetime:
    if unit == "w":
        return _floor(time, "d") - timedelta(days=time.weekday())
    kept = {"y": 1, "M": 2, "d": 3, "h": 4, "H": 4, "m": 5, "s": 6}[unit]
    year, month, day, hour, minute, second = [*time.timetuple()[:kept], *[1, 1, 1, 0, 0, 0][kept:]]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
