"""Exact F1 on newswire of our own, of the 2020s, on which nothing was tuned."""

import re
from pathlib import Path

import yaml

from pipeline.models import Enrichment, Field
from pipeline.ports import Tagger
from tests.enrich.builders import take_of

BRACKET = re.compile(r"\[([POL]) (.*?)\]")
KINDS = {"P": "person", "O": "organization", "L": "place"}
STORIES = yaml.safe_load((Path(__file__).parents[1] / "data" / "newswire.yaml").read_text(encoding="utf-8"))


def remove_marks(marked: str) -> tuple[str, set[tuple[int, int, str]]]:
    """A story's text, and its namings."""
    text, gold, position = "", set(), 0
    for match in BRACKET.finditer(marked):
        text += marked[position : match.start()]
        gold.add((len(text), len(text) + len(match[2]), KINDS[match[1]]))
        text += match[2]
        position = match.end()
    return text + marked[position:], gold


def test_people_organizations_and_places_are_found_exactly(tagger: Tagger) -> None:
    read = [remove_marks(story) for story in STORIES]
    right = tagged = wanted = 0
    wrong = []
    answers = list(tagger.tag(take_of(text, version_id=number) for number, (text, _) in enumerate(read)))
    for (text, gold), answer in zip(read, answers, strict=True):
        assert isinstance(answer, Enrichment)
        mentions = [m for m in answer.mentions if m.field is Field.BODY and m.type in KINDS.values()]
        got = {(m.start, m.end, m.type.value) for m in mentions}
        right, tagged, wanted = right + len(got & gold), tagged + len(got), wanted + len(gold)
        wrong += [(text[start:end], kind) for start, end, kind in got ^ gold]
    assert wanted >= 150
    assert 2 * right / (tagged + wanted) >= 0.8, wrong
