"""Designations in all their spellings."""

import pytest

from pipeline.text.designations import join_designation, join_designations


@pytest.mark.parametrize(
    ("written", "token"),
    [("S-400", "s400"), ("S400", "s400"), ("S 400", "s400"), ("SAMP/T", "sampt"), ("F-35A", "f35a"), ("Su-57", "su57")],
)
def test_every_spelling_is_one_token(written: str, token: str) -> None:
    assert join_designation(written) == token


def test_designations_in_a_text_become_words() -> None:
    assert (
        join_designations("The S-400 and SAMP/T, not Nov 8 or mid-2017.")
        == "The S400 and SAMPT, not Nov 8 or mid-2017."
    )
