"""Weapons and platforms are recognised by designation, and their look-alikes are not. Sentences of our own.

The rules were developed on the first half of the sentences and are reported on the second (``*_report.txt``).
"""

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from pipeline.models import Enrichment, EntityType
from pipeline.ports import Tagger
from tests.enrich.builders import take_of

DATA = Path(__file__).parents[1] / "data"
MARKED = re.compile(r"\[\[(.*?)\]\]")


def read_lines(name: str) -> list[str]:
    return (DATA / name).read_text(encoding="utf-8").splitlines()


def tag_products(tagger: Tagger, sentences: list[str]) -> list[list[tuple[str, str]]]:
    """(text, entity id) of each sentence's products."""
    answers = list(tagger.tag(take_of(sentence, version_id=number) for number, sentence in enumerate(sentences)))
    return [
        [(m.text, m.entity_id) for m in answer.mentions if m.type is EntityType.PRODUCT]
        for answer in answers
        if isinstance(answer, Enrichment)
    ]


@pytest.mark.parametrize("half", ["", "_report"], ids=["developed on", "reported on"])
def test_designations_are_found_and_lookalikes_left_alone(tagger: Tagger, half: str) -> None:
    written = yaml.safe_load((DATA / "designations.yaml").read_text(encoding="utf-8"))
    marked = read_lines("designations_report.txt") if half else read_lines("designations_more.txt")
    marked += [] if half else [sentence for sentences in written.values() for sentence in sentences]
    missed, invented, hits = [], [], 0
    for sentence, got in zip(marked, tag_products(tagger, [MARKED.sub(r"\1", s) for s in marked]), strict=True):
        wanted, texts = Counter(MARKED.findall(sentence)), Counter(text for text, _ in got)
        hits += (wanted & texts).total()
        missed += [f"{text}: {sentence}" for text in (wanted - texts)]
        invented += [f"{text}: {sentence}" for text in (texts - wanted)]
    lookalikes = read_lines(f"lookalikes{half}.txt")
    for sentence, got in zip(lookalikes, tag_products(tagger, lookalikes), strict=True):
        invented += [f"{text}: {sentence}" for text, _ in got]
    assert hits / (hits + len(missed)) >= 0.95, "\n".join(missed)
    assert hits / (hits + len(invented)) >= 0.95, "\n".join(invented)


def test_every_spelling_is_the_entity_that_it_names(tagger: Tagger) -> None:
    written = yaml.safe_load((DATA / "designations.yaml").read_text(encoding="utf-8"))
    expected = [(entity, sentence) for entity, sentences in written.items() for sentence in sentences]
    got = tag_products(tagger, [MARKED.sub(r"\1", sentence) for _, sentence in expected])
    wrong = [
        f"{entity}: {sentence} {answer}"
        for (entity, sentence), answer in zip(expected, got, strict=True)
        if (MARKED.findall(sentence)[0], f"gaz:{entity}") not in answer
    ]
    assert len(wrong) <= 0.05 * len(expected), "\n".join(wrong)
