"""Rhythms at the reader's local time, through the changes of the clock; retries over about two days."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alert.due import first_due, retry_due
from pipeline.models import Rhythm

ZONES = ["UTC", "Europe/Istanbul", "Europe/London", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Moon/Base"]
times = st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("rhythm", "zone", "now", "due"),
    [
        (Rhythm.AT_ONCE, "Europe/Istanbul", "2018-01-15T09:30:12", "2018-01-15T09:30:12"),
        (Rhythm.HOURLY, "UTC", "2018-01-15T09:30:12", "2018-01-15T10:00:00"),
        (Rhythm.HOURLY, "Asia/Kathmandu", "2018-01-15T09:30:00", "2018-01-15T10:15:00"),
        (Rhythm.HOURLY, "UTC", "2018-01-15T10:00:00", "2018-01-15T11:00:00"),
        (Rhythm.DAILY, "Europe/Istanbul", "2018-01-15T04:59:59", "2018-01-15T05:00:00"),
        (Rhythm.DAILY, "Europe/Istanbul", "2018-01-15T05:00:00", "2018-01-16T05:00:00"),
        (Rhythm.DAILY, "Europe/London", "2018-03-24T12:00:00", "2018-03-25T07:00:00"),  # the clock went forward
        (Rhythm.DAILY, "Europe/London", "2018-10-27T12:00:00", "2018-10-28T08:00:00"),  # the clock went back
        (Rhythm.DAILY, "Pacific/Apia", "2011-12-29T20:00:00", "2011-12-30T18:00:00"),  # a day that never was
        (Rhythm.WEEKLY, "UTC", "2018-01-15T07:00:00", "2018-01-15T08:00:00"),
        (Rhythm.WEEKLY, "UTC", "2018-01-15T09:00:00", "2018-01-22T08:00:00"),
        (Rhythm.WEEKLY, "America/New_York", "2018-03-09T12:00:00", "2018-03-12T12:00:00"),
        (Rhythm.DAILY, "Moon/Base", "2018-01-15T09:00:00", "2018-01-16T08:00:00"),
        (Rhythm.DAILY, "../etc/passwd", "2018-01-15T09:00:00", "2018-01-16T08:00:00"),
    ],
)
def test_first_due(rhythm: Rhythm, zone: str, now: str, due: str) -> None:
    assert first_due(rhythm, zone, utc(now)) == utc(due)


@given(rhythm=st.sampled_from(Rhythm), zone=st.sampled_from(ZONES), now=times)
def test_never_in_the_past_and_never_later_than_the_rhythm(rhythm: Rhythm, zone: str, now: datetime) -> None:
    longest = {"at_once": 0, "hourly": 1, "daily": 49, "weekly": 24 * 8 + 1}[rhythm]  # Apia once lost a whole day
    due = first_due(rhythm, zone, now)
    assert now <= due <= now + timedelta(hours=longest)
    assert due.utcoffset() == timedelta(0)
    if rhythm in (Rhythm.DAILY, Rhythm.WEEKLY) and zone != "Moon/Base":
        local = due.astimezone(ZoneInfo(zone))
        assert (local.hour, local.minute) == (8, 0)


@given(zone=st.sampled_from(ZONES), rhythm=st.sampled_from(Rhythm), now=times, later=st.timedeltas(timedelta(0)))
def test_what_is_decided_later_is_not_due_earlier(zone: str, rhythm: Rhythm, now: datetime, later: timedelta) -> None:
    after = min(now + min(later, timedelta(days=20)), datetime(2036, 1, 1, tzinfo=UTC))
    assert first_due(rhythm, zone, now) <= first_due(rhythm, zone, after)


@given(key=st.text(), now=times)
def test_retries_wait_ever_longer_for_about_two_days(key: str, now: datetime) -> None:
    moment, waits = now, []
    while (retry := retry_due(len(waits) + 1, key, moment)) is not None:
        waits.append(retry - moment)
        moment = retry
    assert waits == sorted(waits)
    assert timedelta(minutes=1) <= waits[0] <= timedelta(minutes=2)
    assert timedelta(hours=44) <= moment - now <= timedelta(hours=52)


def test_lines_that_failed_together_are_tried_again_apart() -> None:
    now = utc("2018-01-15T09:30:00")
    assert len({retry_due(4, str(key), now) for key in range(100)}) == 100
    assert retry_due(4, "a", now) == retry_due(4, "a", now)
