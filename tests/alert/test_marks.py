"""Readers' marks in alerts: what was marked wrong is not sent to who follows the story, nor by way of its thread."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.models import CopyEdge, Link, Mark, Reason
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


def told_with_copies(desk: Desk, followed: int, *marks: tuple[int, int, bool]) -> list[str]:
    """What a follower of the first or second of two copies is sent when a story arrives that is linked to both, and
    then a copy of it. The four are numbered from 1. marks: made one after the other before these are matched."""
    copied = story(uri="tag:harbour.example:1", source="Harbour Post")
    desk.arrive(story(), copied, backfill=True, copies=[CopyEdge(1, 2, 1.0)])
    desk.match()
    desk.subscribe(subscription(follow=followed, closeness=0.6))
    why = (Reason("term", "lira", 0.7),)
    links = [Link(earlier=earlier, later=later, score=0.7, reasons=why) for earlier in (1, 2) for later in (3, 4)]
    again = replace(OTHER, uri="tag:harbour.example:2", source="Harbour Post")
    assert desk.arrive(OTHER, again, links=links, copies=[CopyEdge(3, 4, 1.0)]) == [3, 4]
    for minutes, (earlier, later, right) in enumerate(marks):
        at = NOW + timedelta(minutes=minutes)
        desk.store.marks.mark(Mark(earlier=earlier, later=later, right=right, by="ana", at=at))
    desk.arrive()
    desk.match()
    desk.deliver()
    return desk.inbox.subjects


@pytest.mark.parametrize("followed", [1, 2])
def test_a_mark_holds_for_the_copies_of_both(desk: Desk, followed: int) -> None:
    assert told_with_copies(desk, followed, (1, 3, False)) == []


@pytest.mark.parametrize("followed", [1, 2])
def test_of_marks_on_copies_the_newest_counts(desk: Desk, followed: int) -> None:
    assert told_with_copies(desk, followed, (1, 3, False), (2, 4, True)) == ["Lira falls"]
    assert "marked right by ana" in desk.inbox.messages[0].text


def test_without_a_mark_one_of_two_copies_is_sent(desk: Desk) -> None:
    assert told_with_copies(desk, 1) == ["Lira falls"]
