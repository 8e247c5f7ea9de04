"""Languages of headlines and leads. The constants were set on every other line of the data; the rest measures them.

``tests/data/languages.tsv`` holds text of the project's own. ``headline`` and ``lead`` are ordinary; ``names`` are
English headlines of names alone; ``none`` are names and numbers in no language. Its ``sr-Latn`` is Serbian in Latin
letters, which no one can tell from Croatian in a headline.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline.enrich.text.language import detect_language


class Sample(NamedTuple):
    """One line of the data."""

    language: str
    kind: str
    text: str


def read_samples() -> list[Sample]:
    path = Path(__file__).parents[2] / "data" / "languages.tsv"
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return [Sample(*line.split("\t")) for line in lines]


SAMPLES = read_samples()
HELD_OUT = SAMPLES[1::2]
FOREIGN = [sample for sample in SAMPLES if sample.kind in ("headline", "lead") and sample.language != "en"]


def of_kind(samples: Sequence[Sample], kind: str) -> list[Sample]:
    return [sample for sample in samples if sample.kind == kind]


def is_right(sample: Sample, answer: str | None) -> bool:
    """Whether an answer is the language; of Serbian and Croatian either will do."""
    primary = sample.language.split("-")[0]
    return answer == primary or (answer in ("sr", "hr") and primary in ("sr", "hr"))


def test_there_are_sixteen_lines_of_each_of_36_languages() -> None:
    ordinary = [sample.language for sample in SAMPLES if sample.kind in ("headline", "lead")]
    assert len(SAMPLES) == 652
    assert len(set(ordinary)) == 37  # Serbian twice, in two scripts
    assert all(ordinary.count(language) == 16 for language in ordinary)


@pytest.mark.parametrize("samples", [SAMPLES, HELD_OUT], ids=["all", "held out"])
def test_undeclared_headlines_are_right_or_unknown(samples: list[Sample]) -> None:
    headlines = of_kind(samples, "headline")
    answers = [(sample, detect_language(sample.text)) for sample in headlines]
    right = [sample for sample, answer in answers if is_right(sample, answer)]
    wrong = [(sample, answer) for sample, answer in answers if answer is not None and not is_right(sample, answer)]
    assert len(right) >= 0.929 * len(headlines)
    assert len(wrong) <= 0.011 * len(headlines), wrong


def test_undeclared_leads_are_all_right() -> None:
    leads = of_kind(SAMPLES, "lead")
    assert [sample for sample in leads if not is_right(sample, detect_language(sample.text))] == []


def test_names_alone_tell_no_language() -> None:
    names, none = of_kind(SAMPLES, "names"), of_kind(SAMPLES, "none")
    unknown = [sample for sample in names if detect_language(sample.text) is None]
    wrong = [sample for sample in names if detect_language(sample.text) not in (None, "en")]
    assert len(unknown) >= 0.7 * len(names)
    assert len(wrong) <= 0.05 * len(names), wrong
    assert sum(detect_language(sample.text) is None for sample in none) >= 0.95 * len(none)


def test_a_right_declaration_is_never_overruled() -> None:
    for sample in SAMPLES:
        declared = sample.language or "en"
        assert detect_language(sample.text, declared) == declared.split("-")[0], sample


def test_a_text_that_is_plainly_foreign_overrules_its_publisher() -> None:
    answers = [(sample, detect_language(sample.text, "en")) for sample in FOREIGN]
    corrected = [sample for sample, answer in answers if is_right(sample, answer)]
    assert all(answer == "en" or is_right(sample, answer) for sample, answer in answers)
    assert len(of_kind(corrected, "headline")) >= 0.7 * len(of_kind(FOREIGN, "headline"))
    assert of_kind(corrected, "lead") == of_kind(FOREIGN, "lead")


@pytest.mark.parametrize(
    "name", ["Łukasz Zieliński", "Søren Bjørklund", "Rheinland Versicherung", "Nguyễn Phú Trọng", "Société Générale"]
)
def test_a_foreign_name_alone_does_not_overrule_its_publisher(name: str) -> None:
    assert detect_language(name, "en") == "en"


@pytest.mark.parametrize(
    ("declared", "language"),
    [
        ("pt-BR", "pt"),
        ("EN_gb", "en"),
        ("nb", "nb"),
        ("gsw", "gsw"),  # unknown to the classifier: the publisher's word stands
        ("", None),
        ("und", None),
        ("mul", None),
        ("zxx", None),
        (None, None),
    ],
)
def test_a_text_that_tells_nothing_leaves_the_publishers_word(declared: str | None, language: str | None) -> None:
    for text in ("", " \n", "12:45 / 15:45"):
        assert detect_language(text, declared) == language


def test_a_former_code_or_variant_is_the_language_itself() -> None:
    norwegian = next(sample for sample in of_kind(SAMPLES, "lead") if sample.language == "no")
    hebrew = next(sample for sample in of_kind(SAMPLES, "lead") if sample.language == "he")
    assert detect_language(norwegian.text, "nb-NO") == "nb"
    assert detect_language(hebrew.text, "iw") == "iw"


def test_a_lone_surrogate_harms_nothing() -> None:
    assert detect_language("The minister \ud83d said that the talks had been useful to all of them.") == "en"
    assert detect_language("\ud83d" * 40, "en") == "en"
