"""Copies and lookalikes made from our own texts: found, and told apart, through a real store."""

import pytest

from tests.quality.copy_scores import measure
from tests.quality.copy_set import build


@pytest.mark.parametrize("half", [0, 1], ids=["development", "reported"])
def test_copies_are_found_and_lookalikes_are_not(half: int) -> None:
    precision, recall, wrong = measure(build(half))
    assert precision >= 0.97, wrong[:5]
    assert recall >= 0.97, wrong[:5]
