"""Wildcards: what fits, and that no pattern of a subscription can stall the matching of stories."""

import pytest

from pipeline.index.text_matches import pattern_regex


@pytest.mark.parametrize(
    ("pattern", "word", "fits"),
    [
        ("s-4?0", "s-400", True),
        ("s-4?0", "s-40", False),
        ("miss*", "missiles", True),
        ("*fence", "defence", True),
        ("de*en*e", "defence", True),
        ("de*en*e", "defences", False),
        ("[a]*", "[a]b", True),
        ("[a]*", "ab", False),
        ("a*", "a\nb", True),
    ],
)
def test_pattern_is_held_against_the_whole_word(pattern: str, word: str, fits: bool) -> None:
    assert bool(pattern_regex(pattern).fullmatch(word)) is fits


def test_many_stars_do_not_go_back_over_each_other() -> None:
    # Going back would take some 10**20 steps: this test would never end.
    assert not pattern_regex("a*" * 12 + "b").fullmatch("a" * 2_000)
