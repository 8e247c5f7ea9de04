"""A small labelled set: three affairs of five stories among as many that have nothing to do with them."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2019, 3, 1, 12, tzinfo=UTC)
AFFAIRS = {
    "dam": [
        "Cracks are found in the Vell dam above Brenn and engineers of Vell Hydro lower the reservoir.",
        "Brenn is evacuated as the cracks in the Vell dam widen and Vell Hydro opens both spillways.",
        "Energy minister Ana Orsic orders an inquiry into Vell Hydro and the dam above Brenn.",
        "The inquiry finds that Vell Hydro knew of the cracks in the dam above Brenn.",
        "A court fines Vell Hydro 40 million euros over the cracks in the Vell dam.",
    ],
    "strike": [
        "Dockers at the port of Tarrow walk out over the shift roster of Tarrow Terminals.",
        "Ships queue off Tarrow as the dockers' walkout at Tarrow Terminals enters a second week.",
        "Mediator Lena Falk brings Tarrow Terminals and the dockers to one table.",
        "Dockers at Tarrow Terminals accept the shift roster that Lena Falk drafted.",
        "The port of Tarrow counts its losses after the dockers' walkout.",
    ],
    "orchid": [
        "Botanists describe a blue orchid from a single valley on the island of Sorra.",
        "Thieves dig up blue orchids in the valley on Sorra days after they were described.",
        "Customs officers find forty blue orchids from Sorra in a freight container.",
        "The island of Sorra fences the valley of the blue orchid.",
        "A collector goes on trial over the blue orchids of Sorra.",
    ],
}
OTHERS = [
    "A ferry runs aground off the northern coast and all passengers are taken ashore.",
    "The central bank leaves its main rate unchanged and warns of slower growth.",
    "Striking bus drivers accept a pay rise in the capital.",
    "A wildfire closes two mountain roads in the south.",
    "The national team wins the opening match of its tour.",
    "Farmers block motorways over the price of milk.",
    "A museum returns three bronze masks to the kingdom that they came from.",
    "Astronomers count eleven moons more around the ringed planet.",
    "Parliament passes the budget by two votes.",
    "The oldest bakery of the old town closes its doors.",
    "A novel about lighthouse keepers wins the spring prize.",
    "Two trams collide in thick fog and nobody is hurt.",
]


def write_set(folder: Path) -> Path:
    """The set in ``folder``, in the documented format: each affair's first story asks for the others."""
    lines = [
        _line(f"{name}:{number}", text, 9 * number + shift)
        for shift, (name, texts) in enumerate(AFFAIRS.items())
        for number, text in enumerate(texts)
    ]
    lines += [_line(f"other:{number}", text, 3 * number + 1) for number, text in enumerate(OTHERS)]
    (folder / "span90").mkdir(parents=True)
    with gzip.open(folder / "stories.jsonl.gz", "wt", encoding="utf-8") as out:
        out.writelines(lines)
    (folder / "span90" / "queries.txt").write_text("".join(f"{name}:0\n" for name in AFFAIRS))
    (folder / "span90" / "qrels.txt").write_text(
        "".join(f"{name}:0 0 {name}:{number} 1\n" for name in AFFAIRS for number in range(1, 5))
    )
    return folder


def _line(uri: str, text: str, day: int) -> str:
    at = (START + timedelta(days=day)).isoformat()
    story = {"uri": uri, "type": "text", "version": "1", "versioncreated": at, "language": "en", "body_text": text}
    return json.dumps(story) + "\n"
