"""A dossier as one self-contained HTML page: no script, no network, every text escaped."""

from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.relate.dossier.contents import Dossier
from pipeline.relate.dossier.timeline_chart import name_timeline, timeline_chart
from pipeline.relate.dossier.wording import day_in, moment_in, time_span

if TYPE_CHECKING:
    from jinja2 import Environment

_KINDS = {
    "person": "People",
    "organization": "Organizations",
    "product": "Products and systems",
    "named_event": "Events",
    "place": "Places",
}
_WIDE, _NARROW = 900.0, 360.0  # units of the chart: about pixels on a desktop's screen, and on a phone's


def dossier_page(dossier: Dossier, zone: ZoneInfo) -> str:
    """Return the page.

    Args:
        dossier: The dossier.
        zone: The zone that times are shown in.
    """
    environment = _templates().overlay()
    environment.filters = {
        **environment.filters,
        "moment": moment_in(zone),
        "day": day_in(zone),
        "clock": lambda at: f"{at.astimezone(zone):%H:%M}",
        "name_timeline": lambda numbers: name_timeline(dossier, numbers),
    }
    return environment.get_template("dossier.html.jinja").render(
        dossier=dossier,
        steps={step.number: step for step in dossier.steps},
        span=time_span(dossier, zone),
        wide=timeline_chart(dossier, _WIDE),
        narrow=timeline_chart(dossier, _NARROW),
        zone=str(zone),
        kinds=_KINDS,
    )


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("pipeline.relate.dossier", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
