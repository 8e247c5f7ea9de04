"""The chart of an affair, and the small one beside a name."""

import pytest

from pipeline.relate.dossier.contents import Role
from pipeline.relate.dossier.page import dossier_page
from pipeline.relate.dossier.timeline_chart import name_timeline, timeline_chart
from tests.relate.dossier.members import UTC_ZONE, dossier_of, member, record


def test_undated_stories_come_last_and_are_left_out_of_the_picture() -> None:
    dossier = dossier_of(member(record(2, None), 0.9), member(record(3, 5), 0.5))
    assert [step.source.id for step in dossier.steps] == [1, 3, 2]
    chart = timeline_chart(dossier, 900)
    assert chart is not None
    assert {bar.step for bar in chart.bars} == {1, 2}
    assert "undated" in dossier_page(dossier, UTC_ZONE)


def test_identical_times_are_in_order_of_lineage() -> None:
    dossier = dossier_of(*(member(record(n, 0), 0.5) for n in (4, 3, 2)))
    assert [step.source.id for step in dossier.steps] == [1, 2, 3, 4]
    assert timeline_chart(dossier, 900) is not None
    assert name_timeline(dossier, [1, 2]) == ((0.0, 0.0), 0.0, 0.0)


def test_thousands_of_steps_are_drawn_within_the_page() -> None:
    dossier = dossier_of(*(member(record(n, n % 900), 0.5, Role.FOLLOWUP) for n in range(2, 5_000)))
    chart = timeline_chart(dossier, 360)
    assert chart is not None
    assert all(bar.left >= 0 and bar.left + bar.width <= 360 for bar in chart.bars)
    assert all(block.top >= 0 for bar in chart.bars for block in bar.blocks)
    assert len(dossier.glance) == 8


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
    chart = timeline_chart(dossier_of(member(record(2, days), 0.5)), 900)
    assert chart is not None
    assert (chart.unit, chart.bars[0].description, len(chart.bars)) == (unit, first, 2)
    assert chart.most == 1
    labels = [tick.label for tick in chart.ticks if tick.label]
    assert labels
    assert len(labels) == len(set(labels))


def test_a_bar_is_as_high_as_its_stories() -> None:
    chart = timeline_chart(dossier_of(member(record(2, 0.1), 0.5), member(record(3, 9), 0.5)), 900)
    assert chart is not None
    heights = [sum(block.height for block in bar.blocks) for bar in chart.bars]
    assert heights[0] == pytest.approx(2 * heights[1])
    assert min(block.top for bar in chart.bars for block in bar.blocks) == pytest.approx(chart.base - heights[0])


def test_a_life_is_drawn_from_the_first_step_to_the_last() -> None:
    dossier = dossier_of(member(record(2, 50), 0.5), member(record(3, 100), 0.5))
    assert name_timeline(dossier, [2, 3]) == ((50.0, 100.0), 50.0, 100.0)
