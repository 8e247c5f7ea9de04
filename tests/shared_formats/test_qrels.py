"""The format of judgements: grades, what is left open, and mistakes that are named."""

import pytest

from pipeline.errors import SettingsError
from pipeline.shared_formats.qrels import parse_qrels


def test_grades_say_right_wrong_and_open_and_the_last_line_on_a_story_holds() -> None:
    judgements = parse_qrels("a 0 x 2\na 0 y 0\n\na 0 z -1\na 0 y 1\nb 0 x 0\n", "qrels.txt")
    assert (judgements["a"].right, judgements["a"].wrong, judgements["a"].open) == (
        {"x": 2, "y": 1},
        frozenset[str](),
        frozenset({"z"}),
    )
    assert [judgements["a"].covers(uri) for uri in ("x", "z", "unnamed")] == [True, False, True]
    assert (judgements["b"].right, judgements["b"].wrong) == (dict[str, int](), frozenset({"x"}))


def test_the_rest_may_be_left_open() -> None:
    judgements = parse_qrels("a 0 x 1\na 0 y 0\na 0 * -1\n", "qrels.txt")["a"]
    assert [judgements.covers(uri) for uri in ("x", "y", "unnamed", "*")] == [True, True, False, False]
    assert judgements.open == frozenset()


@pytest.mark.parametrize("line", ["a 0 b", "a 0 b one", "a 0 b --5", "a 0 b ²", "a 0 b 1 2"])
def test_a_line_that_is_none_is_named(line: str) -> None:
    with pytest.raises(SettingsError, match=r"qrels\.txt, line 2: expected 'query 0 story relevance'"):
        parse_qrels(f"a 0 x 1\n{line}\n", "qrels.txt")
