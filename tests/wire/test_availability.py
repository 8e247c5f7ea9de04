"""Kills, expiry and embargoes at a time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.models import Status, Story, TakeKind, TakeState
from pipeline.wire.availability import status_at, take_state

NOW = datetime(2017, 11, 10, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("story", "status"),
    [
        (Story(uri="u"), Status.USABLE),
        (Story(uri="u", status=Status.WITHDRAWN), Status.WITHDRAWN),
        (Story(uri="u", take=TakeKind.KILL), Status.WITHDRAWN),
        (Story(uri="u", expires_at=NOW), Status.WITHDRAWN),
        (Story(uri="u", expires_at=NOW + HOUR), Status.USABLE),
        (Story(uri="u", status=Status.WITHHELD), Status.WITHHELD),
        (Story(uri="u", status=Status.WITHHELD, embargo_until=NOW + HOUR), Status.WITHHELD),
        (Story(uri="u", status=Status.WITHHELD, embargo_until=NOW), Status.USABLE),
        (Story(uri="u", status=Status.WITHHELD, embargo_until=NOW + HOUR, expires_at=NOW), Status.WITHDRAWN),
    ],
)
def test_status(story: Story, status: Status) -> None:
    assert status_at(story, NOW) is status


stories = st.builds(
    Story,
    uri=st.just("u"),
    status=st.sampled_from(Status),
    take=st.sampled_from(TakeKind),
    embargo_until=st.none() | st.datetimes(timezones=st.just(UTC)),
    expires_at=st.none() | st.datetimes(timezones=st.just(UTC)),
)


@given(stories, st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_what_is_withdrawn_never_comes_back_by_itself(story: Story, first: datetime, second: datetime) -> None:
    earlier, later = sorted((first, second))
    if status_at(story, earlier) is Status.WITHDRAWN:
        assert status_at(story, later) is Status.WITHDRAWN


def test_an_expiry_is_no_kill() -> None:
    assert take_state(Story(uri="u", expires_at=NOW), NOW) is TakeState.EXPIRED
    assert take_state(Story(uri="u", expires_at=NOW, take=TakeKind.KILL), NOW) is TakeState.WITHDRAWN
