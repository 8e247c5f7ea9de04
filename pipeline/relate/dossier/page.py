"""A dossier as one self-contained HTML page: no script, no network, every text escaped."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.relate.dossier.build import Dossier
from pipeline.relate.dossier.timeline_chart import lifeline, picture

if TYPE_CHECKING:
    from jinja2 import Environment

_KINDS = {
    "person": "People",
    "organization": "Organizations",
    "product": "Products and systems",
    "named_event": "Events",
    "place": "Places",
}
_WIDE, _NARROW = 900.0, 360.0  # units of the drawing: about pixels on a desk's screen, and on a phone's


def dossier_page(dossier: Dossier, zone: ZoneInfo) -> str:
    """The page, with times in this zone."""
    environment = _templates().overlay()
    environment.filters = {
        **environment.filters,
        "moment": moment_in(zone),
        "day": day_in(zone),
        "clock": lambda at: f"{at.astimezone(zone):%H:%M}",
        "lifeline": lambda numbers: lifeline(dossier, numbers),
    }
    return environment.get_template("dossier.html.jinja").render(
        dossier=dossier,
        steps={step.number: step for step in dossier.steps},
        span=span(dossier, zone),
        wide=picture(dossier, _WIDE),
        narrow=picture(dossier, _NARROW),
        zone=str(zone),
        kinds=_KINDS,
    )


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("pipeline.relate.dossier", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)


def moment_in(zone: ZoneInfo) -> Callable[[datetime | None], str]:
    """How a moment is written: "9 November 2017, 13:40"."""
    return lambda at: f"{at.astimezone(zone):%-d %B %Y, %H:%M}" if at else "undated"


def day_in(zone: ZoneInfo) -> Callable[[datetime | None], str]:
    """How a day is written: "9 Nov 2017"."""
    return lambda at: f"{at.astimezone(zone):%-d %b %Y}" if at else "undated"


def span(dossier: Dossier, zone: ZoneInfo) -> str:
    """From the first month to the last: "February 2016 – October 2021"; empty without two dated steps."""
    moments = [step.source.at.astimezone(zone) for step in dossier.steps if step.source.at is not None]
    if len(moments) < 2:
        return ""
    first, last = min(moments), max(moments)
    if (last - first).days < 62:
        return f"{first:%-d %b %Y} – {last:%-d %b %Y}"
    return f"{first:%b %Y} – {last:%b %Y}"
