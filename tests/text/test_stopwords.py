"""Lists of words that say little."""

import pytest

from pipeline.text.stopwords import FUNCTION_WORDS, HEADLINE_STOP_WORDS, STOP_WORDS, function_words, word_set


def test_a_list_of_words_is_a_set() -> None:
    assert word_set("a  b a") == {"a", "b"}


@pytest.mark.parametrize("words", [STOP_WORDS, HEADLINE_STOP_WORDS, *FUNCTION_WORDS.values()])
def test_words_are_in_lower_case(words: frozenset[str]) -> None:
    assert words
    assert all(word == word.lower() for word in words)


def test_a_language_that_nobody_listed_has_none() -> None:
    assert function_words("xx") == frozenset()
    assert "the" in function_words("en")
