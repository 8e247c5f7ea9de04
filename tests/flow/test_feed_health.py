"""How the feeds are doing, and that operators are shown it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline import Wirewatch
from pipeline.errors import IndexUnavailable
from pipeline.flow.ingest.feed_health import health_of
from pipeline.models import Feed, FeedCondition, FeedHealth, FeedState, FetchOutcome, FetchRecord
from pipeline.settings import load_settings

NOW = datetime(2017, 11, 8, 9, tzinfo=UTC)
FEED = Feed(name="world", url="https://wire.example/world.xml", publisher="Wire")
FEEDS_FILE = """
feeds:
  - {name: world, url: "http://127.0.0.1:9/world.xml"}
  - {name: drop, folder: drop}
"""


class FixedClock:
    def now(self) -> datetime:
        return NOW


class Board:
    """Keeps what it was given. down: answers like a cluster that is not there."""

    def __init__(self, down: bool = False) -> None:
        self.down = down
        self.shown = list[tuple[list[str], bool]]()

    def show(self, feeds: Sequence[FeedHealth], *, all_there_are: bool = False) -> None:
        if self.down:
            raise IndexUnavailable("it is not there")
        self.shown.append(([health.name for health in feeds], all_there_are))

    def close(self) -> None:
        pass


@pytest.fixture
def wirewatch(tmp_path: Path) -> Wirewatch:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "feeds.yaml").write_text(FEEDS_FILE)
    (tmp_path / "drop").mkdir()
    settings = load_settings({"WIREWATCH_HOME": str(tmp_path), "WIREWATCH_CONFIG": str(tmp_path / "config")})
    return Wirewatch.open(settings, FixedClock())


def state(**values: Any) -> FeedState:
    heard = {"last_outcome": FetchOutcome.FETCHED, "last_fetched_at": NOW, "last_ok_at": NOW, "last_new_at": NOW}
    return FeedState(name="world", **{**heard, **values})


@pytest.mark.parametrize(
    ("values", "condition"),
    [
        ({}, FeedCondition.WELL),
        ({"last_fetched_at": None, "last_ok_at": None, "last_new_at": None}, FeedCondition.WAITING),
        ({"last_new_at": NOW - timedelta(hours=23)}, FeedCondition.WELL),
        ({"last_new_at": NOW - timedelta(hours=25)}, FeedCondition.SILENT),
        ({"last_new_at": None, "last_ok_at": NOW - timedelta(hours=25)}, FeedCondition.SILENT),
        ({"last_new_at": NOW - timedelta(days=9), "failures": 1}, FeedCondition.FAILING),
        ({"failures": 3, "gone": True}, FeedCondition.GONE),
    ],
)
def test_the_worst_that_is_true_is_said(values: dict[str, Any], condition: FeedCondition) -> None:
    assert health_of(FEED, state(**values), None, NOW).condition is condition


def test_a_feed_that_is_seldom_asked_is_silent_later() -> None:
    weekly = Feed(name="world", url=FEED.url, every=timedelta(days=7))
    long_ago = state(last_new_at=NOW - timedelta(days=100))
    assert health_of(FEED, long_ago, None, NOW).silent
    assert not health_of(weekly, long_ago, None, NOW).silent


def test_lag_and_the_last_fetch_are_told() -> None:
    last = FetchRecord(feed="world", at=NOW, outcome=FetchOutcome.FETCHED, entries=20, new=3, seconds=0.5)
    health = health_of(FEED, state(last_ok_at=NOW - timedelta(minutes=7)), last, NOW)
    assert (health.lag, health.entries, health.new, health.seconds) == (timedelta(minutes=7), 20, 3, 0.5)
    assert health_of(FEED, state(last_ok_at=NOW + timedelta(minutes=7)), last, NOW).lag == timedelta()
    assert health_of(FEED, state(last_ok_at=None), None, NOW).lag is None


def test_a_password_in_an_address_is_not_shown() -> None:
    health = health_of(FEED, state(url="https://user:secret@wire.example:8443/world.xml?page=1"), None, NOW)
    assert health.url == "https://wire.example:8443/world.xml?page=1"


def test_operators_see_the_feeds_after_each_ingest_and_all_of_them_at_maintenance(wirewatch: Wirewatch) -> None:
    board = Board()
    wirewatch.adapters.__dict__["feed_board"] = board
    wirewatch.feeds.ingest(wirewatch.feeds.due())
    wirewatch.feeds.ingest(["drop"])
    wirewatch.feeds.publish_health()
    assert board.shown == [(["world", "drop"], False), (["drop"], False), (["world", "drop"], True)]
    healths = {feed.name: feed for feed in wirewatch.feeds.health()}
    assert healths["world"].condition is FeedCondition.FAILING
    assert healths["drop"].url == str(wirewatch.settings.home / "drop")
    wirewatch.close()


def test_an_ingest_does_not_fail_for_it(wirewatch: Wirewatch, caplog: pytest.LogCaptureFixture) -> None:
    wirewatch.adapters.__dict__["feed_board"] = Board(down=True)
    assert wirewatch.feeds.ingest(["drop"]).failures == []
    assert "how the feeds are doing cannot be shown: it is not there" in caplog.text
    wirewatch.close()


def test_on_a_laptop_there_is_nobody_to_show_it_to(wirewatch: Wirewatch) -> None:
    assert wirewatch.adapters.feed_board is None
    wirewatch.feeds.publish_health()
    wirewatch.close()
