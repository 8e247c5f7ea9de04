"""Reasons: they add up, they name what is shared, and they say what is new."""

from dataclasses import replace

import pytest

from pipeline.relate.ranking.explain import (
    MAX_NEW,
    Explainer,
    Explanation,
    amount_text,
    new_in,
    step_kind,
    time_between,
)
from pipeline.relate.ranking.features import StoryFeatures
from pipeline.relate.ranking.score import ScoredCandidate, score
from pipeline.relate.ranking.story_matrix import build_matrix
from pipeline.relate.ranking.weights import shipped_weights
from tests.relate.builders import dam_affair, features, outline


@pytest.fixture(scope="module")
def affair() -> list[StoryFeatures]:
    return features(dam_affair())


def scored(affair: list[StoryFeatures], lineage: int) -> ScoredCandidate:
    story, *others = affair
    return next(
        candidate for candidate in score(story, build_matrix(others), shipped_weights()) if candidate.lineage == lineage
    )


def explained(affair: list[StoryFeatures], lineage: int) -> Explanation:
    other = next(story for story in affair if story.lineage == lineage)
    return Explainer(affair[0]).explain(scored(affair, lineage), other.outline)


@pytest.mark.parametrize("lineage", range(2, 10))
def test_the_weights_of_the_reasons_add_up_to_the_score(affair: list[StoryFeatures], lineage: int) -> None:
    candidate = scored(affair, lineage)
    assert sum(reason.weight for reason in explained(affair, lineage).reasons) == pytest.approx(
        candidate.score, abs=1e-9
    )


def test_shared_words_names_and_time_are_named(affair: list[StoryFeatures]) -> None:
    reasons = explained(affair, 3).reasons
    kinds_and_values = {(reason.kind, reason.value) for reason in reasons}
    assert {
        ("term", "brenn"),
        ("term", "reservoir"),
        ("entity", "Vell Hydro"),
        ("time", "40 days later"),
    } <= kinds_and_values
    assert [abs(reason.weight) for reason in reasons] == sorted((abs(r.weight) for r in reasons), reverse=True)


def test_what_is_new_is_in_the_later_story_and_not_in_the_earlier(affair: list[StoryFeatures]) -> None:
    first, _, third, *_ = affair
    assert new_in(third.outline, first.outline, {}) == ("Ana Orsic", "EUR 2.5 million")
    assert new_in(first.outline, third.outline, {}) == ()
    assert explained(affair, 3).new == explained([third, first], 1).new == ("Ana Orsic", "EUR 2.5 million")


def test_of_new_names_the_rarer_comes_first() -> None:
    earlier, later = features(
        [outline(1, "dam"), outline(2, "dam", entities=[("organization:a", "Ayr"), ("organization:b", "Bor")])]
    )
    assert new_in(later.outline, earlier.outline, {}) == ("Ayr", "Bor")
    assert new_in(later.outline, earlier.outline, {"organization:a": 0.1, "organization:b": 0.9}) == ("Bor", "Ayr")


def test_a_name_spelt_out_before_is_not_new() -> None:
    earlier, later = features(
        [
            outline(1, "inspector meyer speaks", entities=[("person:lena-meyer", "Lena Meyer")]),
            outline(2, "meyer resigns", day=1, entities=[("person:meyer", "Meyer"), ("person:ito", "Ito")]),
        ]
    )
    assert new_in(later.outline, earlier.outline, {}) == ("Ito",)


def test_new_names_are_few_and_key_terms_fill_up() -> None:
    crowd = [(f"person:p{n}", f"Person{n}") for n in range(20)]
    earlier, crowded, plain = features(
        [outline(1, "dam"), outline(2, "dam", entities=crowd), outline(3, "dam", keyterms=["dam", "feasibility study"])]
    )
    assert len(new_in(crowded.outline, earlier.outline, {})) == MAX_NEW
    assert new_in(plain.outline, earlier.outline, {}) == ("feasibility study",)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (58, "58 days later"),
        (-3, "3 days earlier"),
        (0.25, "6 hours later"),
        (1 / 24, "1 hour later"),
        (0, "at the same time"),
    ],
)
def test_the_time_between(day: float, expected: str) -> None:
    story, other = features([outline(1, "dam"), outline(2, "dam", day=day)])
    assert time_between(story.outline, other.outline) == expected


def test_no_date_is_said() -> None:
    story, other = features([outline(1, "dam"), outline(2, "dam", day=None)])
    assert time_between(story.outline, other.outline) == "no date"


def test_kinds_of_step() -> None:
    story, reaction, further, following, plain, before = features(
        [
            outline(1, "accord signed", event_type="agreement"),
            outline(2, "opposition condemn accord", day=1, event_type="protest"),
            outline(3, "second accord signed", day=5, event_type="agreement"),
            outline(4, "first lorries arrive", day=90, event_type="delivery"),
            outline(5, "accord remembered", day=300),
            outline(6, "talks begin", day=-9, event_type="talks"),
        ]
    )
    assert step_kind(story.outline, reaction.outline) == "reaction"
    assert step_kind(story.outline, further.outline) == "further agreement"
    assert step_kind(story.outline, following.outline) == "next event: delivery"
    assert step_kind(story.outline, plain.outline) == "next event"
    assert step_kind(story.outline, before.outline) == "background"


def test_another_account_of_the_event_is_no_next_event() -> None:
    story, other = features([outline(1, "accord signed in brenn"), outline(2, "brenn accord signed", day=0.1)])
    (scored,) = score(story, build_matrix([other]), shipped_weights(), same_event=[2])
    explanation = Explainer(story).explain(scored, other.outline)
    assert "another account of the same event" in {
        reason.value for reason in explanation.reasons if reason.kind == "step"
    }


def test_words_of_another_language_are_nothing_new() -> None:
    story = outline(1, "accord signed", keyterms=["joint accord"])
    other = outline(2, "anlaşma imzalandı", day=1, keyterms=["ortak anlaşma"], entities=[("org:acme", "Acme")])
    foreign = replace(other, enrichment=replace(other.enrichment, language="tr"))
    assert new_in(other, story, {}) == ("Acme", "ortak anlaşma")
    assert new_in(foreign, story, {}) == ("Acme",)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("USD 2500000000", "USD 2.5 billion"),
        ("EUR 1000000", "EUR 1 million"),
        ("TRY 400", "TRY 400"),
        ("JPY 12000.5", "JPY 12,000.5"),
        ("unclear", "unclear"),
    ],
)
def test_amounts_as_readers_write_them(amount: str, expected: str) -> None:
    assert amount_text(amount) == expected


def test_a_shared_nation_is_called_by_its_name_though_no_story_gives_it() -> None:
    story, other = features([outline(1, "deal signed in brussels"), outline(2, "brussels deal signed", day=3)])
    (scored,) = score(story, build_matrix([other]), shipped_weights())
    nation_names = {
        reason.value for reason in Explainer(story).explain(scored, other.outline).reasons if reason.kind == "place"
    }
    assert "European Union" in nation_names
