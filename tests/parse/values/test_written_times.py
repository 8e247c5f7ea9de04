"""Times in many spellings, brought to UTC and clamped to sense."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from pipeline.parse.values.written_times import calendar_day, month_number, read_time
from tests.parse.documents import ARRIVED, document, only_story, rss

NINE = datetime(2017, 11, 9, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2017-11-09T09:00:00Z",
        "2017-11-09T10:00:00+01:00",
        "2017-11-09T10:00:00+0100",
        "2017-11-09 10:00:00 +01:00",
        "2017-11-09 09:00:00 UTC",
        "2017-11-09T09:00:00",
        "2017-11-09T09:00:00.000Z",
        "20171109T090000Z",
        "20171109T040000-0500",
        "Thu, 09 Nov 2017 09:00:00 GMT",
        "Thu, 9 Nov 2017 10:00:00 +0100",
        " 2017-11-09T09:00:00Z\n",
    ],
)
def test_spellings(text: str) -> None:
    assert read_time(text) == NINE
    assert read_time(text).tzinfo is UTC  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2017", "2017-13-40T00:00:00Z", "9" * 40, "0001-01-01T00:00:00+23:00", "x" * 10_000, None, 3, {}],
)
def test_what_is_no_time(text: object) -> None:
    assert read_time(text) is None


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("Nov", 11),
        ("Nov.", 11),
        ("noviembre", 11),
        ("Kasım", 11),
        ("ноября", 11),
        ("March", 3),
        ("juin", 6),
        ("juillet", 7),
    ],
)
def test_months(word: str, number: int) -> None:
    assert month_number(word) == number


@pytest.mark.parametrize("word", ["", "No", "Reuters", "November2017extra"])
def test_no_month(word: str) -> None:
    assert month_number(word) is None


def test_a_day_that_does_not_exist() -> None:
    assert calendar_day(2017, 2, 30, ARRIVED) is None
    assert calendar_day(None, 2, 29, ARRIVED) is None


def test_a_feed_without_any_date_and_one_from_the_future_survive() -> None:
    undated = only_story(document(rss("<title>a</title>")))
    assert (undated.published_at, undated.updated_at) == (None, None)
    future = only_story(document(rss("<title>a</title><pubDate>Fri, 01 Jan 2027 00:00:00 GMT</pubDate>")))
    assert future.published_at is None


def test_a_zone_of_the_publisher_becomes_utc() -> None:
    moment = read_time("2017-11-09T10:00:00+01:00")
    assert moment == datetime(2017, 11, 9, 10, tzinfo=timezone(timedelta(hours=1)))
