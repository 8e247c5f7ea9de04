"""Phrases with slop against the definition, tried out in full."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from pipeline.query.phrases import occurrences, positions_of

_TERMS = st.sampled_from("abcd")


def by_definition(text: list[str], phrase: list[str], slop: int) -> bool:
    """Every way to lay the phrase's words on positions of the text, none twice, with beginnings at most slop apart."""
    everywhere = [[position for position, term in enumerate(text) if term == wanted] for wanted in phrase]
    for positions in product(*everywhere):
        beginnings = [position - offset for offset, position in enumerate(positions)]
        if len(set(positions)) == len(positions) and max(beginnings) - min(beginnings) <= slop:
            return True
    return False


@given(st.lists(_TERMS, max_size=8), st.lists(_TERMS, min_size=1, max_size=4), st.integers(0, 5))
def test_found_when_the_definition_holds_and_only_then(text: list[str], phrase: list[str], slop: int) -> None:
    matches = list(occurrences(positions_of(text), phrase, slop))
    assert bool(matches) == by_definition(text, phrase, slop)
    for positions in matches:
        assert [text[position] for position in positions] == phrase


def test_an_exact_phrase_is_found_wherever_it_stands() -> None:
    phrase = ["letter", "of", "intent"]
    assert list(occurrences(positions_of([*phrase, "and", *phrase]), phrase, 0)) == [(0, 1, 2), (4, 5, 6)]


def test_many_repetitions_are_decided_at_once() -> None:
    text = ["a", "b"] * 3_000
    assert any(occurrences(positions_of(text), ["a", "b", "a", "b"], 3))
    assert not any(occurrences(positions_of(text), ["a", "a", "a", "c"], 50))
