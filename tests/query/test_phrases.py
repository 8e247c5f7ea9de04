"""Phrases with slop against the definition, tried out in full."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from pipeline.query.phrases import occurrences, places_of

_TERMS = st.sampled_from("abcd")


def by_definition(text: list[str], phrase: list[str], slop: int) -> bool:
    """Every way to lay the phrase's words on places of the text, none twice, with beginnings at most slop apart."""
    everywhere = [[place for place, term in enumerate(text) if term == wanted] for wanted in phrase]
    for places in product(*everywhere):
        beginnings = [place - offset for offset, place in enumerate(places)]
        if len(set(places)) == len(places) and max(beginnings) - min(beginnings) <= slop:
            return True
    return False


@given(st.lists(_TERMS, max_size=8), st.lists(_TERMS, min_size=1, max_size=4), st.integers(0, 5))
def test_found_when_the_definition_holds_and_only_then(text: list[str], phrase: list[str], slop: int) -> None:
    found = list(occurrences(places_of(text), phrase, slop))
    assert bool(found) == by_definition(text, phrase, slop)
    for places in found:
        assert [text[place] for place in places] == phrase


def test_an_exact_phrase_is_found_wherever_it_stands() -> None:
    phrase = ["letter", "of", "intent"]
    assert list(occurrences(places_of([*phrase, "and", *phrase]), phrase, 0)) == [(0, 1, 2), (4, 5, 6)]


def test_many_repetitions_are_decided_at_once() -> None:
    text = ["a", "b"] * 3_000
    assert any(occurrences(places_of(text), ["a", "b", "a", "b"], 3))
    assert not any(occurrences(places_of(text), ["a", "a", "a", "c"], 50))
