"""Putting dossiers together, and their picture: what is awkward in real affairs."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pipeline.models import (
    Enrichment,
    Entity,
    EntityType,
    LineageRecord,
    Origin,
    Reason,
    Span,
    Status,
    StoredTake,
    Story,
    StoryOutline,
)
from pipeline.relate import RankedStory
from pipeline.relate.dossier.build import Dossier, Member, Place, assemble, web_address
from pipeline.relate.dossier.markdown import dossier_markdown
from pipeline.relate.dossier.page import dossier_page
from pipeline.relate.dossier.timeline_chart import lifeline, picture
from pipeline.wire.body import body_paragraphs

START = datetime(2017, 11, 8, 12, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def record(
    lineage: int,
    day: float | None = 0.0,
    *,
    names: tuple[str, ...] = (),
    tagged: bool = True,
    happening: int | None = None,
    status: Status = Status.USABLE,
    headline: str | None = None,
) -> LineageRecord:
    at = None if day is None else START + timedelta(days=day)
    found = Enrichment(
        version_id=lineage,
        revision="test",
        entities=tuple(Entity(f"person:{name}", EntityType.PERSON, name, 0.5, 1) for name in names),
    )
    words = f"Headline {lineage}" if headline is None else headline
    story = Story(uri=f"wire:{lineage}", headline=words, body=f"Text {lineage}.", source="Wire")
    return LineageRecord(
        lineage=lineage,
        revision=1,
        status=status,
        corrected=False,
        published_at=at,
        updated_at=at,
        fetched_at=START,
        current=StoredTake(
            version_id=lineage, lineage=lineage, version=1, story=story, origin=Origin("import", "", START)
        ),
        enrichment=found if tagged else None,
        happening=happening,
    )


def member(found: LineageRecord, score: float | None, place: Place = Place.FOLLOWUP) -> Member:
    if score is None:
        return Member(found, place)
    assert found.enrichment is not None
    outline = StoryOutline(
        lineage=found.lineage,
        version_id=found.lineage,
        uri=found.current.story.uri,
        headline=found.current.story.headline,
        agency=None,
        source=None,
        published_at=found.published_at,
        updated_at=found.updated_at,
        enrichment=found.enrichment,
    )
    return Member(
        found, place, RankedStory(story=outline, score=score, reasons=(Reason("time", "later", score),), new=())
    )


def made(*members: Member, story: LineageRecord | None = None) -> Dossier:
    return assemble(story or record(1, names=("Ana",)), members, {}, (), START)


def test_a_story_without_anything_is_a_dossier() -> None:
    alone = made(story=record(1, None, tagged=False, headline=""))
    assert [step.place for step in alone.steps] == [Place.STORY]
    assert (alone.involved, picture(alone, 900)) == ((), None)
    assert "Nothing led to this story" in dossier_page(alone, UTC_ZONE)
    assert dossier_markdown(alone, UTC_ZONE).startswith("# Text 1.")


def test_undated_stories_come_last_and_are_left_out_of_the_picture() -> None:
    found = made(member(record(2, None), 0.9), member(record(3, 5), 0.5))
    assert [step.source.id for step in found.steps] == [1, 3, 2]
    drawn = picture(found, 900)
    assert drawn is not None
    assert {bar.step for bar in drawn.bars} == {1, 2}
    assert "undated" in dossier_page(found, UTC_ZONE)


def test_identical_times_are_in_order_of_lineage() -> None:
    found = made(*(member(record(n, 0), 0.5) for n in (4, 3, 2)))
    assert [step.source.id for step in found.steps] == [1, 2, 3, 4]
    assert picture(found, 900) is not None
    assert lifeline(found, [1, 2]) == ((0.0, 0.0), 0.0, 0.0)


def test_a_happening_is_one_step_told_by_its_closest_story() -> None:
    found = made(
        member(record(2, 3, happening=7), 0.5),
        member(record(3, 4, happening=7), 0.8),
        member(record(4, 3.5, happening=7), 0.6),
    )
    assert [step.source.id for step in found.steps] == [1, 3]
    assert [report.id for report in found.steps[1].reports] == [2, 4]
    assert found.stories == 4


def test_reports_of_the_storys_own_happening_are_folded_under_it() -> None:
    found = made(member(record(2, 0.2, happening=7), 0.99), story=record(1, happening=7))
    assert [(step.source.id, [one.id for one in step.reports]) for step in found.steps] == [(1, [2])]


def test_copies_of_another_report_are_reports_too_and_no_steps() -> None:
    report, copy = record(2, 0.2, happening=7), record(3, 0.3)
    members = [member(report, 0.9), member(copy, 0.8)]
    found = assemble(record(1, happening=7), members, {2: [copy], 3: [report]}, (), START)
    assert [(step.source.id, [one.id for one in step.reports]) for step in found.steps] == [(1, [2, 3])]


def test_members_of_the_thread_without_a_tie_of_their_own_are_told_so() -> None:
    found = made(member(record(2, 3), None))
    assert found.steps[1].score is None
    assert "of the same thread" in dossier_page(found, UTC_ZONE)


def test_what_is_not_usable_is_left_out() -> None:
    found = made(member(record(2, 3, status=Status.WITHDRAWN), 0.9), member(record(3, 3, status=Status.WITHHELD), 0.9))
    assert len(found.steps) == 1


def test_the_same_name_under_two_ids_is_one_and_is_new_once() -> None:
    found = made(member(record(2, 3, names=("ana", "Ben")), 0.9), member(record(3, 4, names=("Ben",)), 0.9))
    assert [[name.name for name in step.names] for step in found.steps] == [["Ana"], ["Ben"], []]
    assert {one.name.name: one.steps for one in found.involved} == {"Ana": (1, 2), "Ben": (2, 3)}


def test_thousands_of_steps_are_drawn_within_the_page() -> None:
    found = made(*(member(record(n, n % 900), 0.5, Place.FOLLOWUP) for n in range(2, 5_000)))
    drawn = picture(found, 360)
    assert drawn is not None
    assert all(bar.left >= 0 and bar.left + bar.width <= 360 for bar in drawn.bars)
    assert all(block.top >= 0 for bar in drawn.bars for block in bar.blocks)
    assert len(found.glance) == 8


@pytest.mark.parametrize(
    ("days", "unit", "first"),
    [
        (10, "day", "8 November 2017: 1 story"),
        (100, "week", "week of 6 November 2017: 1 story"),
        (1000, "month", "November 2017: 1 story"),
        (4000, "quarter", "October to December 2017: 1 story"),
        (20_000, "year", "2017: 1 story"),
    ],
)
def test_bars_are_as_wide_as_the_affair_is_long(days: int, unit: str, first: str) -> None:
    drawn = picture(made(member(record(2, days), 0.5)), 900)
    assert drawn is not None
    assert (drawn.unit, drawn.bars[0].told, len(drawn.bars)) == (unit, first, 2)
    assert drawn.most == 1
    labels = [tick.label for tick in drawn.ticks if tick.label]
    assert labels
    assert len(labels) == len(set(labels))


def test_a_bar_is_as_high_as_its_stories() -> None:
    drawn = picture(made(member(record(2, 0.1), 0.5), member(record(3, 9), 0.5)), 900)
    assert drawn is not None
    heights = [sum(block.height for block in bar.blocks) for bar in drawn.bars]
    assert heights[0] == pytest.approx(2 * heights[1])
    assert min(block.top for bar in drawn.bars for block in bar.blocks) == pytest.approx(drawn.base - heights[0])


def test_a_life_is_drawn_from_the_first_step_to_the_last() -> None:
    found = made(member(record(2, 50), 0.5), member(record(3, 100), 0.5))
    assert lifeline(found, [2, 3]) == ((50.0, 100.0), 50.0, 100.0)


@pytest.mark.parametrize(
    "url", [None, "javascript:alert(1)", "ftp://example.org/x", "data:text/html,x", "//host/x", ""]
)
def test_only_addresses_of_the_web_become_links(url: str | None) -> None:
    assert web_address(url) is None
    assert web_address("HTTPS://example.org/a") == "HTTPS://example.org/a"


def test_paragraphs_are_the_text_between_dateline_and_trailer() -> None:
    body = "ANKARA (Wire) - One\nline wrapped.\n\nTwo.\n\n(Reporting by A)"
    story = Story(uri="a", body=body, dateline=Span(0, 13), trailer=Span(body.index("(Rep"), len(body)))
    assert body_paragraphs(story) == ("One line wrapped.", "Two.")
    assert story.title == "One line wrapped."
    assert Story(uri="wire:empty").title == ""


def test_hostile_text_stays_text() -> None:
    evil = "</title><script>alert(1)</script>\"'&"
    page = dossier_page(made(story=record(1, headline=evil)), UTC_ZONE)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 2
    assert "\\<script\\>" in dossier_markdown(made(story=record(1, headline=evil)), UTC_ZONE)
