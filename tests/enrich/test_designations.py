"""Weapons and platforms are recognised by designation, and their look-alikes are not. Sentences of our own."""

import re
from pathlib import Path

import pytest
import yaml

from pipeline.models import Enrichment, EntityType
from pipeline.ports import Tagger
from tests.enrich.conftest import take_of

DATA = Path(__file__).parent / "data"
MARKED = re.compile(r"\[\[(.*?)\]\]")


def products(tagger: Tagger, sentences: list[str]) -> list[list[tuple[str, str]]]:
    """(entity id, text) of each sentence's known products."""
    takes = [take_of(sentence, version_id=number) for number, sentence in enumerate(sentences)]
    answers = list(tagger.tag(takes))
    return [
        [
            (m.entity_id, m.text)
            for m in answer.mentions
            if m.type is EntityType.PRODUCT and m.entity_id.startswith("gaz:")
        ]
        for answer in answers
        if isinstance(answer, Enrichment)
    ]


@pytest.fixture(scope="module")
def outcome(tagger: Tagger) -> tuple[list[str], list[str], int]:
    """What was missed, what was invented, how many were found."""
    marked = yaml.safe_load((DATA / "designations.yaml").read_text(encoding="utf-8"))
    expected = [(f"gaz:{entity}", sentence) for entity, sentences in marked.items() for sentence in sentences]
    lookalikes = (DATA / "lookalikes.txt").read_text(encoding="utf-8").splitlines()
    missed, invented, found = [], [], 0
    for (entity_id, sentence), got in zip(
        expected, products(tagger, [MARKED.sub(r"\1", sentence) for _, sentence in expected]), strict=True
    ):
        wanted = MARKED.findall(sentence)[0]
        hit = (entity_id, wanted) in got
        found += hit
        missed += [] if hit else [f"{sentence} {got}"]
        invented += [f"{sentence} {item}" for item in got if item[0] != entity_id]
    for sentence, got in zip(lookalikes, products(tagger, lookalikes), strict=True):
        invented += [f"{sentence} {item}" for item in got]
    return missed, invented, found


def test_designations_are_found(outcome: tuple[list[str], list[str], int]) -> None:
    missed, _, found = outcome
    assert found / (found + len(missed)) >= 0.95, "\n".join(missed)


def test_lookalikes_are_left_alone(outcome: tuple[list[str], list[str], int]) -> None:
    _, invented, found = outcome
    assert found / (found + len(invented)) >= 0.95, "\n".join(invented)
