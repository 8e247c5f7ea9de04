"""Lengths of time as people write them in options and files."""

from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(value: object) -> timedelta:
    """``30s``, ``10m``, ``2h`` or ``1d`` as a length of time.

    Raises:
        ValueError: The value is none of these.
    """
    text = str(value).strip()
    if not text[:-1].isdecimal() or len(text) > 10 or text[-1:] not in _UNITS or int(text[:-1]) < 1:
        raise ValueError(f"{value!r} is not a length of time; write 30s, 10m, 2h or 1d")
    return timedelta(**{_UNITS[text[-1]]: int(text[:-1])})


def months_kept(text: str) -> int:
    """``5y`` or ``18mo`` in months.

    Raises:
        ValueError: The text is none of these.
    """
    number, unit = text.strip().rstrip("ymo"), text.strip().lstrip("0123456789")
    if not number.isdecimal() or int(number) < 1 or unit not in ("y", "mo"):
        raise ValueError(f"{text!r} is not how long to keep stories; write 5y or 18mo")
    return int(number) * (12 if unit == "y" else 1)
