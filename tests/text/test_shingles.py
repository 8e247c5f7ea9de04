"""Words and runs of words."""

from pipeline.text.shingles import folded_words, shingles


def test_words_are_without_case_and_punctuation() -> None:
    assert folded_words("Turkey's S-400: STRASSE, straße!") == ["turkey", "s", "s", "400", "strasse", "strasse"]


def test_runs_of_words() -> None:
    assert list(shingles(["a", "b", "c", "d"], 3)) == [("a", "b", "c"), ("b", "c", "d")]
    assert list(shingles(["a", "b"], 3)) == []
