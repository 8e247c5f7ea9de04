"""Readers' marks in alerts: what was marked wrong is not sent to who follows the story, nor by way of its thread."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.models import CopyEdge, Link, Mark, Reason
from tests.alert.harness import AlertHarness, open_harness
from tests.alert.samples import NOW, story, subscription

OTHER = story(uri="tag:levant.example:1", headline="Lira falls", body="ISTANBUL, Jan 15 - The lira fell.")


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[AlertHarness]:
    with open_harness(tmp_path) as harness:
        yield harness


def headlines_sent(harness: AlertHarness, score: float, right: bool | None) -> list[str]:
    """What a follower of a story is sent when a story with this link to it arrives, marked before it is matched."""
    [followed] = harness.arrive(story(), backfill=True)
    harness.match()
    harness.subscribe(subscription(follow=followed, closeness=0.6))
    link = Link(earlier=followed, later=followed + 1, score=score, reasons=(Reason("term", "lira", score),))
    [later] = harness.arrive(OTHER, links=[link])
    if right is not None:
        harness.store.marks.mark(Mark(earlier=followed, later=later, right=right, by="ana", at=NOW))
        harness.arrive()
    harness.match()
    harness.deliver()
    return harness.inbox.subjects


def test_a_close_one_is_sent(harness: AlertHarness) -> None:
    assert headlines_sent(harness, 0.7, None) == ["Lira falls"]


def test_a_close_one_marked_wrong_is_not(harness: AlertHarness) -> None:
    assert headlines_sent(harness, 0.7, right=False) == []


def test_a_far_one_marked_right_is_sent_with_its_reason(harness: AlertHarness) -> None:
    assert headlines_sent(harness, 0.1, right=True) == ["Lira falls"]
    assert "marked right by ana" in harness.inbox.messages[0].text


def sent_with_copies(harness: AlertHarness, followed: int, *marks: tuple[int, int, bool]) -> list[str]:
    """What a follower of the first or second of two copies is sent when a story arrives that is linked to both, and
    then a copy of it. The four are numbered from 1. marks: made one after the other before these are matched."""
    copied = story(uri="tag:harbour.example:1", source="Harbour Post")
    harness.arrive(story(), copied, backfill=True, copies=[CopyEdge(1, 2, 1.0)])
    harness.match()
    harness.subscribe(subscription(follow=followed, closeness=0.6))
    why = (Reason("term", "lira", 0.7),)
    links = [Link(earlier=earlier, later=later, score=0.7, reasons=why) for earlier in (1, 2) for later in (3, 4)]
    again = replace(OTHER, uri="tag:harbour.example:2", source="Harbour Post")
    assert harness.arrive(OTHER, again, links=links, copies=[CopyEdge(3, 4, 1.0)]) == [3, 4]
    for minutes, (earlier, later, right) in enumerate(marks):
        at = NOW + timedelta(minutes=minutes)
        harness.store.marks.mark(Mark(earlier=earlier, later=later, right=right, by="ana", at=at))
    harness.arrive()
    harness.match()
    harness.deliver()
    return harness.inbox.subjects


@pytest.mark.parametrize("followed", [1, 2])
def test_a_mark_holds_for_the_copies_of_both(harness: AlertHarness, followed: int) -> None:
    assert sent_with_copies(harness, followed, (1, 3, False)) == []


@pytest.mark.parametrize("followed", [1, 2])
def test_of_marks_on_copies_the_newest_counts(harness: AlertHarness, followed: int) -> None:
    assert sent_with_copies(harness, followed, (1, 3, False), (2, 4, True)) == ["Lira falls"]
    assert "marked right by ana" in harness.inbox.messages[0].text


def test_without_a_mark_one_of_two_copies_is_sent(harness: AlertHarness) -> None:
    assert sent_with_copies(harness, 1) == ["Lira falls"]
