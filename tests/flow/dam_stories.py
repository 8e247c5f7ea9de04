"""Stories for the tests of marks and dossiers: a dam with cracks, as two publishers report on it for two years."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2019, 3, 1, 9, tzinfo=UTC)
LEAD = "Engineers of Vell Hydro found cracks in the Vell dam above the town of Brenn on Friday, the company said."
_REPORT = [
    LEAD,
    "The reservoir will be lowered by 12 metres until June 2019. Energy minister Ana Orsic said the repair would cost "
    "€40 million.",
    "The Vell dam, built by Vell Hydro in 1961, holds the water of Brenn and of two provinces.",
]
_FULL_REPORT = " ".join(
    [
        *_REPORT,
        "Mayor Jan Tessel of Brenn said that nobody had to leave, and that the sirens had been tested twice this year.",
        "Vell Hydro has sent divers and a laboratory from Tarrow, which will report to the ministry within 3 weeks.",
    ]
)

STORIES: list[dict[str, Any]] = [
    {
        "uri": "wire:plan",
        "day": -200,
        "headline": "Vell Hydro puts off repair of Vell dam above Brenn",
        "source": "Meridian Wire",
        "body": "Vell Hydro will not repair the Vell dam above Brenn before 2020, energy minister Ana Orsic said.",
    },
    {
        "uri": "wire:cracks",
        "day": 0,
        "headline": "Cracks found in Vell dam above Brenn",
        "source": "Meridian Wire",
        "url": "https://meridian.example/cracks?a=1&b=2",
        "body": _FULL_REPORT,
    },
    {
        "uri": "wire:cracks",
        "day": 0.2,
        "version": "2",
        "pubstatus": "usable",
        "headline": "CORRECTED-Cracks found in Vell dam above Brenn",
        "ednote": "(Corrects cost in paragraph 2)",
        "source": "Meridian Wire",
        "url": "https://meridian.example/cracks?a=1&b=2",
        "body": _FULL_REPORT.replace("€40 million", "€45 million"),
    },
    {
        "uri": "post:cracks",
        "day": 0.1,
        "headline": "Dam above Brenn has cracks",
        "source": "Harbour Post",
        "url": "javascript:alert(1)",
        "body": _FULL_REPORT,
    },
    {
        "uri": "wire:evacuation",
        "day": 12,
        "headline": "Brenn evacuated as cracks in Vell dam widen",
        "source": "Meridian Wire",
        "url": "https://meridian.example/evacuation",
        "body": "Brenn was evacuated on Sunday as the cracks in the Vell dam widened and Vell Hydro opened both "
        "spillways. Governor Mila Ferrant said 9,000 people had left <b>Brenn & its villages</b>.",
    },
    {
        "uri": "post:inquiry",
        "day": 40,
        "headline": "Minister orders inquiry into Vell Hydro over the dam above Brenn",
        "source": "Harbour Post",
        "body": "Energy minister Ana Orsic ordered an inquiry into Vell Hydro and the cracks in the Vell dam above "
        "Brenn. Judge Tomas Hale will report by October 2019.",
    },
    {
        "uri": "wire:fine",
        "day": 700,
        "headline": "Court fines Vell Hydro over cracks in Vell dam",
        "source": "Meridian Wire",
        "body": "A court fined Vell Hydro €90 million on Friday over the cracks in the Vell dam above Brenn.",
    },
    *(
        {"uri": f"wire:other-{day}", "day": day, "headline": headline, "source": "Meridian Wire", "body": body}
        for day, headline, body in [
            (
                1,
                "Ferry runs aground",
                "A ferry ran aground off the northern coast and all passengers were taken ashore.",
            ),
            (3, "Rate unchanged", "The central bank left its main rate unchanged and warned of slower growth."),
            (30, "Wildfire closes roads", "A wildfire closed two mountain roads in the south of the country."),
            (41, "Tour begins with a win", "The national team won the opening match of its tour in the rain."),
            (50, "Farmers block motorways", "Farmers blocked motorways with tractors over the price of milk."),
            (90, "Tram lines to close", "Two tram lines will close for repairs in the capital over the summer."),
            (300, "Orchid described", "Botanists described a blue orchid from a single valley on Sorra."),
            (701, "Novel wins prize", "A novel about lighthouse keepers won the spring prize of the academy."),
        ]
    ),
]


def write_stories(path: Path) -> Path:
    """Write the stories as ninjs, one per line."""
    path.write_text("".join(_as_line(dict(story)) for story in STORIES), encoding="utf-8")
    return path


def _as_line(story: dict[str, Any]) -> str:
    at = (START + timedelta(days=story.pop("day"))).isoformat()
    body = story.pop("body")
    return (
        json.dumps({"type": "text", "version": "1", "versioncreated": at, "language": "en", "body_text": body} | story)
        + "\n"
    )
