"""Times and days as publishers write them, brought to UTC."""

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import struct_time

# A dateline without a year is only believed when it names a day of the week before the document arrived.
RECENT = timedelta(days=7)

# Month names by their first letters, in the languages that agencies write datelines in. Longer keys win.
_MONTH_STEMS: tuple[tuple[str, ...], ...] = (
    ("jan", "ene", "gen", "oca", "янв", "jän", "led", "sty", "sij", "tam"),
    ("feb", "fev", "fév", "şub", "фев", "úno", "lut", "vel", "hel"),
    ("mar", "mär", "már", "mrt", "мар", "bře", "ožu", "maal"),
    ("apr", "ápr", "abr", "avr", "nis", "апр", "dub", "kwi", "tra", "huh"),
    ("may", "mai", "maj", "máj", "mei", "mag", "мая", "май", "kvě", "svi", "tou"),
    ("jun", "jún", "juin", "giu", "haz", "июн", "čvn", "cze", "kes"),
    ("jul", "júl", "juil", "lug", "tem", "июл", "čvc", "lip", "hei"),
    ("aug", "ago", "aoû", "aou", "ağu", "авг", "srp", "sie", "kol", "elo"),
    ("sep", "set", "sze", "eyl", "сен", "zář", "wrz", "ruj", "syy"),
    ("oct", "okt", "out", "ott", "eki", "окт", "říj", "paź", "lok"),
    ("nov", "kas", "ноя", "lis", "stu", "marr"),
    ("dec", "dic", "dez", "déc", "ara", "дек", "pro", "gru", "jou"),
)
_MONTHS = {stem: number for number, stems in enumerate(_MONTH_STEMS, start=1) for stem in stems}
_LONGEST_MONTH = 12

_ISO_ENDING = re.compile(r"(\d)\s+([+-]\d\d:?\d\d|Z|UTC|GMT)$", re.ASCII)


def month_number(word: str) -> int | None:
    """Return 1 to 12 for a month's name or abbreviation ("Nov", "noviembre", "Kasım", "ноября"), else None."""
    folded = word.casefold().rstrip(".")
    if not 3 <= len(folded) <= _LONGEST_MONTH:
        return None
    return _MONTHS.get(folded[:4]) or _MONTHS.get(folded[:3])


def utc(moment: datetime) -> datetime | None:
    """Return the moment in UTC, None if UTC cannot express it; times without a zone are taken as UTC."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def read_time(value: object) -> datetime | None:
    """Read a moment from ISO 8601 or RFC 2822 text, in UTC; None for anything else."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    if not 8 <= len(text) <= 64:
        return None
    try:
        return utc(datetime.fromisoformat(text))
    except ValueError:
        pass
    try:
        return utc(datetime.fromisoformat(_ISO_ENDING.sub(_joined_offset, text)))
    except ValueError:
        pass
    try:
        return utc(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _joined_offset(match: re.Match[str]) -> str:
    digit, offset = match.groups()
    return digit + ("Z" if offset.isalpha() else offset)


def from_struct(parsed: struct_time | None) -> datetime | None:
    """Return the moment of feedparser's time tuple, which is in UTC already; None if it is no time."""
    if parsed is None:
        return None
    try:
        return datetime(*parsed[:6], tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def calendar_day(year: int | None, month: int, day: int, fetched_at: datetime) -> date | None:
    """Return the day that a dateline names; None if it does not exist.

    Without a year it is the last such day, if that was within the week before ``fetched_at``; else None.
    """
    if year is not None:
        return _day(year, month, day)
    for candidate_year in (fetched_at.year + 1, fetched_at.year, fetched_at.year - 1):
        candidate = _day(candidate_year, month, day)
        if candidate is not None and -timedelta(days=1) <= fetched_at.date() - candidate <= RECENT:
            return candidate
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
