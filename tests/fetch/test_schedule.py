"""When a feed is asked again, as laws that hold for every feed, state and time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch.schedule import (
    LONGEST_BACK_OFF,
    UNCONDITIONAL_EVERY,
    FetchResult,
    is_due,
    next_state,
    plan_fetch,
    retry_at,
)
from pipeline.models import Feed, FeedState, FetchOutcome

NOW = datetime(2018, 1, 15, 9, 30, tzinfo=UTC)
URL = "http://wire.example/feed.xml"
MOVED = "http://new.example/feed.xml"

times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
feeds = st.builds(
    Feed,
    name=st.text(min_size=1, max_size=20),
    url=st.just(URL),
    every=st.timedeltas(timedelta(seconds=1), timedelta(days=400)),
)
states = st.builds(
    FeedState,
    name=st.just("wire"),
    url=st.sampled_from([None, URL, MOVED]),
    etag=st.none() | st.just('"7"'),
    last_modified=st.none() | st.just("Mon, 15 Jan 2018 08:00:00 GMT"),
    next_due_at=st.none() | times,
    failures=st.integers(0, 5_000),
    unconditional_at=st.none() | times,
    gone=st.booleans(),
)
retry_headers = st.none() | st.text(max_size=30) | st.integers(-5, 10**12).map(str) | times.map(format_datetime)
results = st.builds(
    FetchResult,
    outcome=st.sampled_from(FetchOutcome),
    url=st.none() | st.just(MOVED),
    body_hash=st.none() | st.just("abc"),
    retry_after=retry_headers,
    unconditional=st.booleans(),
)
failure = FetchResult(outcome=FetchOutcome.FAILED, reason="no")


@given(feed=feeds, state=states, result=results, now=times)
def test_no_feed_is_due_again_at_once_and_none_is_forgotten(
    feed: Feed, state: FeedState, result: FetchResult, now: datetime
) -> None:
    following = next_state(state, feed, result, now)
    if following.gone:
        assert result.outcome is FetchOutcome.GONE or state.gone
        assert not is_due(feed, following, datetime.max.replace(tzinfo=UTC))
    else:
        assert following.next_due_at is not None
        assert now < following.next_due_at <= now + max(LONGEST_BACK_OFF, feed.every)
        assert not is_due(feed, following, now)
        assert is_due(feed, following, following.next_due_at)
    assert (following.failures == 0) is (result.outcome in {"fetched", "not_modified", "moved"})
    assert following.last_fetched_at == now
    assert following.last_outcome is result.outcome


@given(feed=feeds, now=times)
def test_back_off_grows_to_a_limit_and_ends_with_the_first_success(feed: Feed, now: datetime) -> None:
    state, waits = FeedState(name=feed.name), []
    for _ in range(30):
        state = next_state(state, feed, failure, now)
        assert state.next_due_at is not None
        waits.append(state.next_due_at - now)
    assert waits == sorted(waits)
    assert waits[0] >= min(feed.every, LONGEST_BACK_OFF) * 0.9
    assert len(set(waits)) == 1 or waits[1] > waits[0]
    recovered = next_state(state, feed, FetchResult(outcome=FetchOutcome.FETCHED), now)
    assert recovered.next_due_at is not None
    assert feed.every * 0.9 <= recovered.next_due_at - now < feed.every


@given(feed=feeds, state=states, result=results, now=times)
def test_the_same_fetch_always_leads_to_the_same_state(
    feed: Feed, state: FeedState, result: FetchResult, now: datetime
) -> None:
    assert next_state(state, feed, result, now) == next_state(state, feed, result, now)


@given(feed=feeds, state=states, now=times)
def test_failures_keep_everything_that_is_known(feed: Feed, state: FeedState, now: datetime) -> None:
    following = next_state(state, feed, failure, now)
    changed = {"last_outcome", "last_reason", "last_fetched_at", "failures", "next_due_at"}
    kept = {name for name in FeedState.__slots__ if getattr(following, name) == getattr(state, name)}
    assert set(FeedState.__slots__) - kept <= changed


def test_feeds_of_one_rhythm_are_spread() -> None:
    fetched = FetchResult(outcome=FetchOutcome.FETCHED)
    dues = {
        next_state(FeedState(name=n), Feed(name=n, url=URL), fetched, NOW).next_due_at for n in map(str, range(100))
    }
    assert len(dues) == 100


@given(header=retry_headers, now=times)
def test_retry_after_is_in_the_future_and_at_most_a_day_away(header: str | None, now: datetime) -> None:
    moment = retry_at(header, now)
    assert moment is None or now < moment <= now + LONGEST_BACK_OFF


@pytest.mark.parametrize(
    ("header", "moment"),
    [
        ("3600", NOW + timedelta(hours=1)),
        ("Mon, 15 Jan 2018 10:00:00 GMT", NOW + timedelta(minutes=30)),
        ("Mon, 15 Jan 2018 12:00:00 +0200", NOW + timedelta(minutes=30)),
        ("99999999999999", NOW + timedelta(days=1)),
        ("Fri, 31 Dec 9999 23:59:59 -1200", NOW + timedelta(days=1)),
        ("0", None),
        ("-5", None),
        ("Mon, 15 Jan 2018 09:00:00 GMT", None),
        ("soon", None),
        ("²", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(header: str | None, moment: datetime | None) -> None:
    assert retry_at(header, NOW) == moment


def test_retry_after_is_honoured_beyond_and_below_the_back_off() -> None:
    feed, state = Feed(name="wire", url=URL), FeedState(name="wire", failures=8)
    later = next_state(state, feed, replace(failure, retry_after="36000"), NOW).next_due_at
    assert later == NOW + timedelta(hours=10)
    sooner = next_state(state, feed, replace(failure, retry_after="60"), NOW).next_due_at
    assert sooner is not None
    assert NOW + timedelta(minutes=9) <= sooner < NOW + feed.every


# --------------------------------------------------------------------------- what is asked


def test_the_first_request_is_unconditional() -> None:
    asked = plan_fetch(Feed(name="wire", url=URL), FeedState(name="wire"), NOW)
    assert (asked.addresses, asked.etag, asked.last_modified) == ((URL,), None, None)


def test_then_conditional_and_once_a_day_not() -> None:
    feed = Feed(name="wire", url=URL)
    state = FeedState(name="wire", etag='"7"', last_modified="x", unconditional_at=NOW)
    assert plan_fetch(feed, state, NOW).etag == '"7"'
    just_before = NOW + UNCONDITIONAL_EVERY - timedelta(seconds=1)
    assert plan_fetch(feed, state, just_before).last_modified == "x"
    assert plan_fetch(feed, state, NOW + UNCONDITIONAL_EVERY).etag is None
    assert plan_fetch(feed, state, NOW - timedelta(hours=1)).etag is None, "the clock went back"


@given(feed=feeds, state=states, now=times)
def test_the_address_in_use_is_always_asked_and_the_declared_one_never_lost(
    feed: Feed, state: FeedState, now: datetime
) -> None:
    asked = plan_fetch(feed, state, now)
    assert set(asked.addresses) == {URL, state.url or URL}
    conditional = asked.etag or asked.last_modified
    assert asked.addresses[0] == (state.url or URL if conditional else asked.addresses[0])


def test_a_moved_feed_is_asked_where_it_is_and_once_a_day_where_it_was_declared() -> None:
    feed = Feed(name="wire", url=URL)
    state = FeedState(name="wire", url=MOVED, etag='"7"', unconditional_at=NOW)
    assert plan_fetch(feed, state, NOW).addresses == (MOVED, URL)
    assert plan_fetch(feed, state, NOW + timedelta(days=1)).addresses == (URL, MOVED)
