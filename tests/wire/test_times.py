"""Plausible times of publication."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.wire.times import plausible_time

FETCHED = datetime(2017, 11, 10, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "kept"),
    [
        (FETCHED, True),
        (FETCHED + timedelta(days=2), True),
        (FETCHED + timedelta(days=2, seconds=1), False),
        (datetime(1900, 1, 1, tzinfo=UTC), True),
        (datetime(1899, 12, 31, tzinfo=UTC), False),
    ],
)
def test_a_date_before_1900_or_days_ahead_is_none(moment: datetime, kept: bool) -> None:
    assert plausible_time(moment, FETCHED) == (moment if kept else None)


def test_no_date_stays_none() -> None:
    assert plausible_time(None, FETCHED) is None
