"""Pairs of namings that should or should not be taken for one entity, with the texts that hold them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parents[1] / "data"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two namings in one text, and whether they mean the same. The first ``a`` is compared with the last ``b``."""

    text: str
    a: str
    b: str
    same: bool
    report: bool  # of the half that nothing was developed on


def load_pairs() -> list[Pair]:
    """The hand-written pairs, then those of the frames; of the frames, a third is of the reporting half."""
    written = yaml.safe_load((DATA / "aliases.yaml").read_text(encoding="utf-8"))
    read = [
        Pair(case["text"], case["a"], case["b"], kind == "same", False)
        for kind, cases in written.items()
        for case in cases
    ]
    framed = yaml.safe_load((DATA / "alias_frames.yaml").read_text(encoding="utf-8"))
    for kind, groups in framed.items():
        for group in groups:
            read += _pairs_of_group(group, kind == "same")
    return read


def _pairs_of_group(group: dict[str, Any], same: bool) -> list[Pair]:
    frames = group["frames"]
    return [
        Pair(
            frames[(number + turn) % len(frames)].format(a=a, b=b),
            _strip_titles(a),
            _strip_titles(b),
            same,
            _is_reporting_half(group, number),
        )
        for number, (a, b) in enumerate(group["pairs"])
        for turn in range(group["each"])
    ]


def _is_reporting_half(group: dict[str, Any], number: int) -> bool:
    return bool(group.get("report", number % 6 in (3, 5)))


def _strip_titles(naming: str) -> str:
    """What a naming's mention covers: no article, title or "Texas" after the city's name."""
    name = naming.removeprefix("the ").partition(", ")[0]
    titles = ("Mr.", "Mrs.", "Ms.", "Dr.", "Sir", "President", "Minister", "Foreign", "Prime", "Professor", "General",
              "Lieutenant", "Captain", "Colonel", "Senator", "Governor", "Ayatollah", "Bishop", "Sheikh", "Judge",
              "Chancellor", "Secretary-General",
              "Admiral", "Defence", "Sheriff", "Ambassador")  # fmt: skip
    words = name.split()
    while words[0] in titles and len(words) > 1 and words[1] not in ("Electric", "Motors"):
        words = words[1:]
    return " ".join(words)
