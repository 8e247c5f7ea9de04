"""Readers' marks in alerts: what was marked wrong is not sent to who follows the story, nor by way of its thread."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.models import Link, Mark, Reason
from tests.alert.desk import Desk, open_desk
from tests.alert.samples import NOW, story, subscription

OTHER = story(uri="tag:levant.example:1", headline="Lira falls", body="ISTANBUL, Jan 15 - The lira fell.")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


def follow_up_told(desk: Desk, score: float, right: bool | None) -> list[str]:
    """What a follower of a story is sent when a story with this link to it arrives, marked before it is matched."""
    [followed] = desk.arrive(story(), backfill=True)
    desk.match()
    desk.subscribe(subscription(follow=followed, closeness=0.6))
    link = Link(earlier=followed, later=followed + 1, score=score, reasons=(Reason("term", "lira", score),))
    [later] = desk.arrive(OTHER, links=[link])
    if right is not None:
        desk.store.marks.mark(Mark(earlier=followed, later=later, right=right, by="ana", at=NOW))
        desk.arrive()
    desk.match()
    desk.deliver()
    return desk.inbox.subjects


def test_a_close_one_is_sent(desk: Desk) -> None:
    assert follow_up_told(desk, 0.7, None) == ["Lira falls"]


def test_a_close_one_marked_wrong_is_not(desk: Desk) -> None:
    assert follow_up_told(desk, 0.7, right=False) == []


def test_a_far_one_marked_right_is_sent_with_its_reason(desk: Desk) -> None:
    assert follow_up_told(desk, 0.1, right=True) == ["Lira falls"]
    assert "marked right by ana" in desk.inbox.messages[0].text
