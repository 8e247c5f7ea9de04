"""Terms are lemmas in the language of the text."""

import pytest

from pipeline.enrich.text.terms import Lemmas


@pytest.mark.parametrize(
    ("language", "word", "lemma"),
    [
        ("en", "batteries", "battery"),
        (None, "batteries", "battery"),
        ("no", "avisene", "avis"),
        ("hr", "novinari", "novinar"),
        ("sr", "новинари", "новинар"),
        ("zh", "导弹", "导弹"),
    ],
)
def test_a_word_is_counted_by_its_lemma(language: str | None, word: str, lemma: str) -> None:
    assert Lemmas(language).of(word) == lemma
