"""How the feeds are doing, as Kibana finds it on a real server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.errors import IndexUnavailable
from pipeline.index.elastic.feed_board import ElasticFeedBoard
from pipeline.models import FeedCondition, FeedHealth, FetchOutcome
from tests.index.elastic.engines import Site, settings_of

NOW = datetime(2017, 11, 8, 9, tzinfo=UTC)


def feed(name: str, at: datetime = NOW, **values: Any) -> FeedHealth:
    defaults: dict[str, Any] = {
        "publisher": None,
        "url": f"https://wire.example/{name}.xml",
        "condition": FeedCondition.WELL,
        "outcome": FetchOutcome.FETCHED,
        "reason": None,
        "failures": 0,
        "last_fetched_at": at,
        "last_ok_at": at - timedelta(minutes=5),
        "last_new_at": None,
        "next_due_at": None,
        "lag": timedelta(minutes=5),
        "silent": False,
        "entries": 20,
        "new": 3,
        "seconds": 0.4,
        "checked_at": at,
    }
    return FeedHealth(name=name, **{**defaults, **values})


@pytest.fixture
def board(site: Site) -> Iterator[ElasticFeedBoard]:
    board = ElasticFeedBoard(settings_of(site.server), site.prefix)
    yield board
    board.close()


def shown(site: Site) -> dict[str, dict[str, Any]]:
    answer = site.call("POST", "/{}-feeds/_search", {"size": 100})
    return {hit["_id"]: hit["_source"] for hit in answer["hits"]["hits"]}


def test_each_feed_is_one_document_under_its_name(site: Site, board: ElasticFeedBoard) -> None:
    board.show([feed("world"), feed("sport", lag=None, last_ok_at=None, reason="x" * 1_000)])
    documents = shown(site)
    assert documents["world"] == {
        "name": "world",
        "url": "https://wire.example/world.xml",
        "condition": "well",
        "outcome": "fetched",
        "failures": 0,
        "last_fetched_at": "2017-11-08T09:00:00Z",
        "last_ok_at": "2017-11-08T08:55:00Z",
        "lag_seconds": 300.0,
        "silent": False,
        "entries": 20,
        "new": 3,
        "seconds": 0.4,
        "checked_at": "2017-11-08T09:00:00Z",
    }
    assert "lag_seconds" not in documents["sport"]
    assert len(documents["sport"]["reason"]) == 300


def test_the_latest_look_stays_in_every_order_of_writing(site: Site, board: ElasticFeedBoard) -> None:
    board.show([feed("world", failures=2)])
    board.show([feed("world", NOW - timedelta(minutes=1), failures=1)])
    assert shown(site)["world"]["failures"] == 2
    board.show([feed("world", NOW + timedelta(minutes=1))])
    assert shown(site)["world"]["failures"] == 0


def test_a_feed_that_is_no_longer_declared_is_taken_down(site: Site, board: ElasticFeedBoard) -> None:
    board.show([feed("world"), feed("sport")])
    board.show([feed("world", NOW + timedelta(minutes=1))])
    assert shown(site).keys() == {"world", "sport"}
    board.show([feed("world", NOW + timedelta(minutes=2))], all_there_are=True)
    assert shown(site).keys() == {"world"}
    board.show([], all_there_are=True)
    assert shown(site) == {}


def test_an_index_of_an_earlier_version_is_made_anew(site: Site, board: ElasticFeedBoard) -> None:
    site.call("PUT", "/{}-feeds", {"mappings": {"properties": {"checked_at": {"type": "keyword"}}}})
    board.show([feed("world")])
    (created,) = site.call("GET", "/{}-feeds/_mapping").values()
    assert created["mappings"]["dynamic"] == "strict"
    assert created["mappings"]["properties"]["checked_at"]["type"] == "date"
    assert shown(site).keys() == {"world"}


def test_an_index_that_somebody_removed_comes_back(site: Site, board: ElasticFeedBoard) -> None:
    board.show([feed("world")])
    site.call("DELETE", "/{}-feeds")
    board.show([feed("world")])  # is told that it is not there
    board.show([feed("world")])
    assert shown(site).keys() == {"world"}


def test_a_server_that_is_not_there_is_said(board: ElasticFeedBoard, site: Site) -> None:
    away = ElasticFeedBoard(settings_of(site.server, url="http://127.0.0.1:9"), site.prefix)
    with pytest.raises(IndexUnavailable, match="cannot be reached"):
        away.show([feed("world")])
    away.close()
