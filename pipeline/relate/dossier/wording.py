"""How a dossier writes times, on the page and in Markdown."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from pipeline.relate.dossier.contents import Dossier

_SHORT_SPAN_DAYS = 62  # up to this the days are named, beyond it the months


def moment_in(zone: ZoneInfo) -> Callable[[datetime | None], str]:
    """Return how a moment is written: "9 November 2017, 13:40"."""
    return lambda at: f"{at.astimezone(zone):%-d %B %Y, %H:%M}" if at else "undated"


def day_in(zone: ZoneInfo) -> Callable[[datetime | None], str]:
    """Return how a day is written: "9 Nov 2017"."""
    return lambda at: f"{at.astimezone(zone):%-d %b %Y}" if at else "undated"


def time_span(dossier: Dossier, zone: ZoneInfo) -> str:
    """Return the time from the first step to the last: "Feb 2016 – Oct 2021"; empty without two dated steps."""
    moments = [step.source.at.astimezone(zone) for step in dossier.steps if step.source.at is not None]
    if len(moments) < 2:
        return ""
    first, last = min(moments), max(moments)
    if (last - first).days < _SHORT_SPAN_DAYS:
        return f"{first:%-d %b %Y} – {last:%-d %b %Y}"
    return f"{first:%b %Y} – {last:%b %Y}"
