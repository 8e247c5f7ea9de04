"""Rhythms at the reader's local time, through the changes of the clock; retries over about two days."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.alert.schedule import TOGETHER, after_quiet, first_due, news_due, retry_due
from pipeline.models import QuietHours, Rhythm
from tests.alert.samples import NOW, subscription

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
    moment, waits = now, list[timedelta]()
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


# --------------------------------------------------------------------------- quiet hours and grouping


NIGHT = QuietHours(time(22), time(7))


@pytest.mark.parametrize(
    ("quiet", "zone", "at", "sent"),
    [
        (None, "Europe/Istanbul", "2018-01-15T23:00+00:00", "2018-01-15T23:00+00:00"),
        (NIGHT, "UTC", "2018-01-15T21:59+00:00", "2018-01-15T21:59+00:00"),
        (NIGHT, "UTC", "2018-01-15T22:00+00:00", "2018-01-16T07:00+00:00"),
        (NIGHT, "UTC", "2018-01-16T06:59+00:00", "2018-01-16T07:00+00:00"),
        (NIGHT, "UTC", "2018-01-16T07:00+00:00", "2018-01-16T07:00+00:00"),
        (NIGHT, "Asia/Kolkata", "2018-01-15T17:00+00:00", "2018-01-16T01:30+00:00"),
        (QuietHours(time(12), time(14)), "Europe/Paris", "2018-01-15T11:30+00:00", "2018-01-15T13:00+00:00"),
        # New York, 11 March 2018: 02:00 became 03:00; half past two is half past three.
        (QuietHours(time(22), time(2, 30)), "America/New_York", "2018-03-11T05:00+00:00", "2018-03-11T07:30+00:00"),
        (NIGHT, "America/New_York", "2018-03-11T05:00+00:00", "2018-03-11T11:00+00:00"),
        # New York, 4 November 2018: 02:00 became 01:00; half past one comes twice.
        (QuietHours(time(22), time(1, 30)), "America/New_York", "2018-11-04T05:15+00:00", "2018-11-04T05:30+00:00"),
        (QuietHours(time(22), time(1, 30)), "America/New_York", "2018-11-04T06:15+00:00", "2018-11-04T06:30+00:00"),
        (NIGHT, "America/New_York", "2018-11-04T05:15+00:00", "2018-11-04T12:00+00:00"),
        (NIGHT, "Not/A_Zone", "2018-01-15T23:00+00:00", "2018-01-16T07:00+00:00"),
    ],
)
def test_news_waits_for_the_end_of_the_quiet_hours(quiet: QuietHours | None, zone: str, at: str, sent: str) -> None:
    assert after_quiet(quiet, zone, datetime.fromisoformat(at)) == datetime.fromisoformat(sent)


@given(
    st.datetimes(datetime(2017, 1, 1), datetime(2019, 12, 31), timezones=st.just(UTC)),
    st.sampled_from(["Europe/Istanbul", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]),
    st.integers(0, 1439),
    st.integers(0, 1439),
)
def test_quiet_hours_hold_nothing_for_more_than_a_day_and_never_forever(
    moment: datetime, zone: str, start: int, end: int
) -> None:
    assume(start != end)
    quiet = QuietHours(time(start // 60, start % 60), time(end // 60, end % 60))
    due = after_quiet(quiet, zone, moment)
    assert moment <= due <= moment + timedelta(hours=26)
    assert after_quiet(quiet, zone, due) <= due + timedelta(hours=1)


def test_the_first_message_goes_at_once_and_what_comes_in_the_minutes_after_it_together() -> None:
    served = NOW - timedelta(seconds=30)
    at_once = subscription(served_at=served)
    assert news_due(subscription(), NOW) == NOW
    assert news_due(at_once, NOW) == served + TOGETHER
    assert news_due(at_once, NOW, grouped=False) == NOW
    assert news_due(subscription(served_at=NOW - TOGETHER), NOW) == NOW
    assert news_due(subscription(served_at=NOW + timedelta(hours=1)), NOW) == NOW  # the clock was set back
    assert news_due(subscription(served_at=served, rhythm=Rhythm.HOURLY), NOW) == NOW + timedelta(minutes=30)


def test_a_digest_that_falls_into_the_quiet_hours_comes_at_their_end() -> None:
    late = subscription(rhythm=Rhythm.DAILY, quiet=QuietHours(time(20), time(9)), timezone="Europe/Istanbul")
    assert news_due(late, NOW) == NOW.replace(day=16, hour=6, minute=0)
