"""What a date in a query stands for."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.query.dates import parse_period

NOW = datetime(2017, 11, 9, 14, 30, 15, 250_900, tzinfo=UTC)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2017", at(2017, 1, 1), at(2018, 1, 1)),
        ("2017-12", at(2017, 12, 1), at(2018, 1, 1)),
        ("2017-2", at(2017, 2, 1), at(2017, 3, 1)),
        ("2017-11-09", at(2017, 11, 9), at(2017, 11, 10)),
        ("2017-11-09T14", at(2017, 11, 9, 14), at(2017, 11, 9, 15)),
        ("2017-11-09T14:30", at(2017, 11, 9, 14, 30), at(2017, 11, 9, 14, 31)),
        ("2017-11-09 14:30", at(2017, 11, 9, 14, 30), at(2017, 11, 9, 14, 31)),
        ("2017-11-09T14:30:15Z", at(2017, 11, 9, 14, 30, 15), at(2017, 11, 9, 14, 30, 16)),
        ("2017-11-09T14:30:15.25Z", at(2017, 11, 9, 14, 30, 15, 250_000), at(2017, 11, 9, 14, 30, 15, 260_000)),
        ("2017-11-09T14:30+03:00", at(2017, 11, 9, 11, 30), at(2017, 11, 9, 11, 31)),
        ("2017-11-09T14:30-0500", at(2017, 11, 9, 19, 30), at(2017, 11, 9, 19, 31)),
        ("now", at(2017, 11, 9, 14, 30, 15, 250_000), at(2017, 11, 9, 14, 30, 15, 251_000)),
        ("now/d", at(2017, 11, 9), at(2017, 11, 10)),
        ("now/w", at(2017, 11, 6), at(2017, 11, 13)),
        ("now/M", at(2017, 11, 1), at(2017, 12, 1)),
        ("now/y", at(2017, 1, 1), at(2018, 1, 1)),
        ("now/h", at(2017, 11, 9, 14), at(2017, 11, 9, 15)),
        ("now-1M/M", at(2017, 10, 1), at(2017, 11, 1)),
        ("now/d-7d+1h", at(2017, 11, 2, 1), at(2017, 11, 3, 1)),
        ("2017-10-31||-1M", at(2017, 9, 30), at(2017, 10, 1)),
        ("2016-02-29||+1y", at(2017, 2, 28), at(2017, 3, 1)),
    ],
)
def test_periods(text: str, start: datetime, end: datetime) -> None:
    period = parse_period(text, NOW)
    assert (period.start, period.end) == (start, end)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("yesterday", "is not a date"),
        ("2017-13", "month must be in 1..12"),
        ("2017-02-30", "is not a date"),
        ("20171109", "is not a date"),
        ("2017-11-09T25:00", "hour must be in 0..23"),
        ("now-7", "is not date math"),
        ("now+d", "is not date math"),
        ("now-999999y", "out of range"),
        ("now-999999w", "out of range"),
        ("2017||/q", "is not date math"),
    ],
)
def test_what_is_no_date_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_period(text, NOW)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2099, 12, 31)), st.integers(-400, 400), st.sampled_from("yMwdhms"))
def test_rounding_holds_the_moment_and_stepping_keeps_the_length(now: datetime, amount: int, unit: str) -> None:
    now = now.replace(tzinfo=UTC)
    rounded = parse_period(f"now/{unit}", now)
    assert rounded.start <= now < rounded.end
    stepped = parse_period(f"now{amount:+d}{unit}", now)
    assert stepped.end - stepped.start == timedelta(milliseconds=1)


@given(st.text(alphabet="now0123456789-+/|TZ:.yMdhms ", max_size=24))
def test_any_text_is_a_period_or_refused(text: str) -> None:
    with suppress(ValueError):
        period = parse_period(text, NOW)
        assert period.start < period.end
