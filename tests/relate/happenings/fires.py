"""Stories of two fires of one kind, and stories of nothing of the kind."""

from collections.abc import Sequence

from pipeline.models import StoryOutline
from tests.relate.builders import Named, outline

VELL: Sequence[Named] = [("place:vell", "Vell"), ("person:ana-orsic", "Ana Orsic")]
TARN: Sequence[Named] = [("place:tarn", "Tarn"), ("person:piet-maas", "Piet Maas")]
_COMMON = "supermarket fire firefighters tackled blaze roof collapsed residents moved homes smoke damage cause unknown"


def fire_in_vell(lineage: int, more: str, day: float | None = None) -> StoryOutline:
    body = f"{_COMMON} Vell mayor Ana Orsic Brenn street 60 crews 2045 {more}"
    return outline(lineage, body, day=day, entities=VELL, keyterms=("vell", "orsic", "fire", "brenn"))


def fire_in_tarn(lineage: int, more: str, day: float | None = None) -> StoryOutline:
    body = f"{_COMMON} Tarn chief Piet Maas Hollow lane 14 crews 0600 {more}"
    return outline(lineage, body, day=day, entities=TARN, keyterms=("tarn", "maas", "fire", "hollow"))


def other(lineage: int, day: float | None = None) -> StoryOutline:
    body = [
        "central bank rate unchanged inflation forecast governor growth slower",
        "striking bus drivers accept pay rise capital union vote",
        "national team wins opening match tour captain century",
        "ferry runs aground northern coast passengers ashore lifeboat",
    ][lineage % 4]
    return outline(lineage, f"{body} {lineage}", day=day)


def fires(day: float | None = None) -> list[StoryOutline]:
    """Three stories of one fire (1 to 3), three of another (11 to 13), and four of nothing of the kind."""
    words = ["witness queue shoppers", "insurer estimates loss", "inquiry begins tomorrow"]
    return [
        *(fire_in_vell(number, more, day) for number, more in enumerate(words, start=1)),
        *(fire_in_tarn(number, more, day) for number, more in enumerate(words, start=11)),
        *(other(number, day) for number in range(20, 24)),
    ]
