"""The model's names without the marks around them."""

import pytest

from pipeline.enrich.ner.name_spans import model_spans
from pipeline.enrich.ner.spacy_model import ModelSpan
from pipeline.models import EntityType, Field


def _name(written: str) -> list[str]:
    span = ModelSpan(0, len(written), EntityType.PERSON, "PERSON")
    return [name.text for name in model_spans(Field.BODY, written, [span])]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Leyla Aras's", "Leyla Aras"),
        ("LEYLA ARAS'S", "LEYLA ARAS"),
        ("the Aras family's),", "Aras family"),
        ("Aras' ", "Aras"),
        ("Alas", "Alas"),
        ("'s", None),
    ],
)
def test_marks_and_possessives_after_a_name_are_left_out(written: str, name: str | None) -> None:
    assert _name(written) == ([name] if name else [])


def test_rule_of_underscores_inside_a_name_ends() -> None:
    # A repeated choice of repeated marks would take some 2**60 steps.
    written = "Leyla" + "_" * 60 + "Aras"
    assert _name(written) == [written]
