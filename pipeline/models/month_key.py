"""Months as stories are kept and dropped by them: "2017.11", which sorts as text; 201711 where a number is wanted."""

import re
from datetime import datetime

_MONTH = re.compile(r"\d{4}\.(?:0[1-9]|1[0-2])", re.ASCII)


def month_of(moment: datetime) -> str:
    """Return the month of a moment: "2017.11"."""
    return f"{moment.year:04}.{moment.month:02}"


def month_as_number(month: str) -> int:
    """Return "2017.11" as 201711.

    Raises:
        ValueError: It is no month.
    """
    if not _MONTH.fullmatch(month):
        raise ValueError(f"month {month!r} is not like 2017.11")
    return int(month.replace(".", ""))


def month_from_number(number: int) -> str:
    """Return 201711 as "2017.11"."""
    return f"{number // 100:04}.{number % 100:02}"


def months_before(moment: datetime, count: int) -> str:
    """Return the month that is ``count`` months before that of a moment; no earlier than the year 1."""
    number = max(12 * moment.year + moment.month - 1 - count, 12)
    return f"{number // 12:04}.{number % 12 + 1:02}"
