"""Texts cut to a length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.truncate import truncate_characters, truncate_paragraphs, truncate_words


def test_short_texts_stay_as_they_are() -> None:
    for truncate in (truncate_characters, truncate_words, truncate_paragraphs):
        assert truncate("as it is", 8) == "as it is"


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [("one two three", 9, "one two …"), ("one, two", 5, "one …"), ("onetwothree", 6, "onetwo …")],
)
def test_between_words(text: str, limit: int, cut: str) -> None:
    assert truncate_words(text, limit) == cut


def test_between_paragraphs_where_enough_is_kept() -> None:
    assert truncate_paragraphs("a" * 12 + "\n\n" + "b" * 12, 20) == "a" * 12 + "\n\n…"
    assert truncate_paragraphs("a\n\n" + "b" * 30, 20) == "a\n\n" + "b" * 13 + "\n\n…"


@given(st.text(max_size=60), st.integers(5, 40))
def test_nothing_is_longer_than_asked_for(text: str, limit: int) -> None:
    assert len(truncate_characters(text, limit)) <= limit
    assert len(truncate_paragraphs(text, limit)) <= limit
    assert len(truncate_words(text, limit)) <= limit + 2
