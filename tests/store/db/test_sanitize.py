"""What is made storable on the way in, and comes back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.models import Story
from pipeline.store.db.epoch import from_epoch_us, to_epoch_us, to_utc
from pipeline.store.db.json_codec import dump_story, load_story
from pipeline.store.db.sanitize import clamp_int, clean_story, clean_text, uri_key
from tests.store.builders import NOW, at, story


def test_keys_of_uris_have_one_length() -> None:
    assert {len(uri_key(uri)) for uri in ("", "a", "é" * 9000)} == {16}


@given(st.text(alphabet=st.characters(codec=None, categories=None)))
def test_clean_text_is_storable_and_keeps_offsets(text: str) -> None:
    cleaned = clean_text(text)
    assert len(cleaned) == len(text)
    assert "\0" not in cleaned
    cleaned.encode()
    assert clean_text(cleaned) == cleaned


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=3)), timezone(-timedelta(hours=14))])))
def test_times_come_back_to_the_microsecond(time: datetime) -> None:
    stored = to_epoch_us(time)
    assert isinstance(stored, int)
    assert from_epoch_us(stored) == to_utc(time)
    assert from_epoch_us(to_epoch_us(time)).tzinfo is UTC


def test_a_time_past_the_end_of_the_calendar_is_held_within_it() -> None:
    last = datetime.max.replace(tzinfo=timezone(-timedelta(hours=5)))
    assert to_utc(last) == datetime.max.replace(tzinfo=UTC)


def test_numbers_are_held_within_their_columns() -> None:
    assert [clamp_int(number) for number in (5, 10**30, -(10**30))] == [5, 2**63 - 1, -(2**63 - 1)]


@pytest.mark.parametrize(
    ("date", "kept"),
    [
        (at(8), True),
        (NOW + timedelta(days=2), True),
        (NOW + timedelta(days=3), False),
        (at(8).replace(year=1899), False),
    ],
)
def test_a_date_before_1900_or_days_ahead_is_unknown(date: datetime, kept: bool) -> None:
    cleaned = clean_story(story(published_at=date, updated_at=date), NOW)
    assert (cleaned.published_at, cleaned.updated_at) == ((date, date) if kept else (None, None))


@given(st.builds(Story))
def test_a_stored_story_comes_back(sent: Story) -> None:
    cleaned = clean_story(sent, NOW)
    assert load_story(dump_story(cleaned), cleaned.uri, cleaned.headline, cleaned.body) == cleaned
    assert clean_story(cleaned, NOW) == cleaned
