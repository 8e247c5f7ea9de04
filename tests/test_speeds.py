"""What `make quick` leaves out is told apart by what tests ask for, so no list of it may grow stale."""

from pathlib import Path

import pytest

from tests.speeds import PLACES, TESTS


def test_the_lists_name_what_is_there() -> None:
    for places in PLACES.values():
        for place in places:
            assert (TESTS / place).exists(), place


def test_a_test_that_asks_for_a_server_carries_the_mark(request: pytest.FixtureRequest) -> None:
    marked = [item for item in request.session.items if item.get_closest_marker("servers")]
    for item in marked:
        assert Path(item.path).is_relative_to(TESTS)
    assert not request.node.get_closest_marker("servers")
