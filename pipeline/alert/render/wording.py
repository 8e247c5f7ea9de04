"""Makes foreign text and times fit for a line of a message."""

import unicodedata
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def one_line(text: str) -> str:
    """Foreign text on one line: no line breaks, control characters or marks that turn the direction of writing."""
    visible = "".join(
        " " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char
        for char in text
        if unicodedata.category(char) != "Cs" and not "\u202a" <= char <= "\u202e" and not "\u2066" <= char <= "\u2069"
    )
    return " ".join(visible.split())


def local_time_text(moment: datetime, zone: str) -> str:
    """A moment as the reader's clock shows it."""
    try:
        local_time = moment.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        local_time = moment
    return f"{local_time:%d %B %Y %H:%M %Z}"
