"""Every request that the assets lead Kibana to make, on a real server, over a few stories and feeds of our own."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from pipeline.index.elastic import open_feed_board
from pipeline.index.elastic.kibana import read_source, saved_objects
from pipeline.index.field_values import shown
from pipeline.models import FeedCondition, FeedHealth, FetchOutcome, Status, StoryDocument
from tests.index.elastic.engines import settings_of
from tests.kibana.asks import Ask, TimeRange, requests
from tests.kibana.assets import SOURCE, indices, shipped
from tests.servers.elasticsearch import ElasticsearchServer

OBJECTS = shipped()
DAY = datetime(2017, 11, 8, 9, tzinfo=UTC)
MONTH = TimeRange("2017-11-01T00:00:00.000Z", "2017-12-01T00:00:00.000Z")
ASKS = [ask for thing in OBJECTS.values() for ask in requests(thing, OBJECTS, MONTH)]
SEARCHES = [ask for ask in ASKS if ask.body["size"]]
CHARTS = [ask for ask in ASKS if not ask.body["size"]]


def story(lineage: int, days: float, **values: Any) -> StoryDocument:
    """A story of its own thread and happening, unless said otherwise."""
    published = DAY + timedelta(days=days)
    defaults: dict[str, Any] = {
        "id": lineage,
        "uri": f"tag:meridianwire.example,2017:{lineage}",
        "lineage": lineage,
        "version": 1,
        "revision": 1,
        "status": Status.USABLE,
        "corrected": False,
        "slugline": "TURKEY-DEFENCE/",
        "body": "ANKARA - The ministers met again.",
        "language": "en",
        "byline": "Deniz Alkan",
        "agency": "Meridian Wire",
        "source": "Meridian Wire",
        "url": f"https://meridianwire.example/{lineage}",
        "urgency": 4,
        "topics": ("medtop:11000000",),
        "dateline_place": "ANKARA",
        "published_at": published,
        "updated_at": published,
        "fetched_at": published + timedelta(minutes=3),
        "event_type": "agreement",
        "thread": 1,
        "happening": lineage,
    }
    return StoryDocument(**{**defaults, **values})


STORIES = (
    story(
        1,
        0,
        headline="Three ministers sign a letter of intent on air defence",
        person=("Nurettin Canikli",),
        organization=("Eurosam", "NATO"),
        place=("Ankara",),
        product=("SAMP/T",),
        copy_group=1,
        copies=2,
    ),
    story(
        2,
        9,
        headline="Ankara agrees the loan for its S-400 batteries",
        organization=("Rosoboronexport",),
        product=("S-400",),
        place=("Moscow",),
        follows=((1, 0.71),),
        agency="Northgate News Service",
        source="Northgate News Service",
    ),
    story(
        3,
        18,
        headline="CORRECTED-Eurosam and two Turkish firms to study a system of their own",
        corrected=True,
        person=("Nurettin Canikli",),
        organization=("Eurosam", "Aselsan"),
        product=("SAMP/T", "Aster 30"),
        place=("Paris",),
        follows=((1, 0.92), (2, 0.33)),
    ),
    story(4, 20, headline="", body="", status=Status.WITHDRAWN, thread=None, happening=None),
)


def feed(name: str, **values: Any) -> FeedHealth:
    """A feed that answered five minutes ago."""
    defaults: dict[str, Any] = {
        "publisher": "Meridian Wire",
        "url": f"https://meridianwire.example/{name}.xml",
        "condition": FeedCondition.WELL,
        "outcome": FetchOutcome.FETCHED,
        "reason": None,
        "failures": 0,
        "last_fetched_at": DAY,
        "last_ok_at": DAY,
        "last_new_at": DAY,
        "next_due_at": DAY + timedelta(minutes=10),
        "lag": timedelta(minutes=5),
        "silent": False,
        "entries": 20,
        "new": 3,
        "seconds": 0.4,
        "checked_at": DAY + timedelta(minutes=5),
    }
    return FeedHealth(name=name, **{**defaults, **values})


FEEDS = (
    feed("world"),
    feed(
        "sport",
        condition=FeedCondition.SILENT,
        outcome=FetchOutcome.NOT_MODIFIED,
        silent=True,
        new=0,
        last_new_at=DAY - timedelta(days=20),
    ),
    feed(
        "courrier",
        publisher="Courrier du Levant",
        condition=FeedCondition.FAILING,
        outcome=FetchOutcome.FAILED,
        reason="HTTP 503",
        failures=4,
        lag=timedelta(days=1),
        new=0,
    ),
)


def document(story: StoryDocument) -> dict[str, Any]:
    return {name: value for name, value in shown(story).items() if value is not None}


@pytest.fixture(scope="module")
def server(elasticsearch_server: ElasticsearchServer) -> Iterator[ElasticsearchServer]:
    """The stories and feeds, indexed under the mapping that the project uses, reachable by the data views' names."""
    elasticsearch_server.clear()
    created = indices()
    withdrawn = {"filter": {"term": {"status": "usable"}}}
    with Elasticsearch(**elasticsearch_server.client_options()) as client:
        aliases = {"wire-stories": withdrawn, "wire-stories-all": {}}
        client.indices.create(index="wire-stories-2017.11", aliases=aliases, **created["wire-stories"])
        for story in STORIES:
            client.index(index="wire-stories-2017.11", id=str(story.lineage), document=document(story))
        client.indices.refresh(index="wire-*")
    board = open_feed_board(settings_of(elasticsearch_server))
    board.show(FEEDS)
    board.close()
    yield elasticsearch_server
    elasticsearch_server.clear()


def test_every_object_asks() -> None:
    asked = {ask.what.split(" ", 1)[1] for ask in ASKS}
    assert {name for kind, name in OBJECTS if kind in ("lens", "search")} <= asked
    assert sum("control" in ask.what for ask in ASKS) == 6


@pytest.mark.parametrize("ask", [pytest.param(ask, id=ask.what) for ask in SEARCHES])
def test_a_search_finds_something(server: ElasticsearchServer, ask: Ask) -> None:
    answer = server.call("POST", f"/{ask.index}/_search", ask.body)
    assert answer["_shards"]["failed"] == 0
    assert answer["hits"]["hits"]


@pytest.mark.parametrize("ask", [pytest.param(ask, id=ask.what) for ask in CHARTS])
def test_a_chart_has_something_to_show(server: ElasticsearchServer, ask: Ask) -> None:
    answer = server.call("POST", f"/{ask.index}/_search", ask.body)
    assert answer["_shards"]["failed"] == 0
    if ask.body["aggs"]:
        assert list(empty(answer["aggregations"])) == []
    else:
        assert answer["hits"]["total"]["value"] > 0


def empty(aggregations: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Every aggregation that shows nothing: no bucket, no value, no hit; days without stories may be empty."""
    for name, aggregation in aggregations.items():
        if not isinstance(aggregation, dict):
            continue
        position = f"{path}/{name}"
        if "buckets" in aggregation:
            if not aggregation["buckets"]:
                yield position
            for bucket in aggregation["buckets"]:
                if bucket["doc_count"]:
                    yield from empty(bucket, f"{position}[{bucket['key']}]")
        elif "hits" in aggregation:
            if not aggregation["hits"]["hits"][0]["fields"]:
                yield position
        elif "value" in aggregation:
            if aggregation["value"] is None:
                yield position
        elif "doc_count" in aggregation and not aggregation["doc_count"]:
            yield position


def hits(server: ElasticsearchServer, search: str) -> list[int]:
    """The lineages that a saved search shows, in its order."""
    [ask] = [ask for ask in SEARCHES if ask.what == f"search {search}"]
    answer = server.call("POST", f"/{ask.index}/_search", ask.body)
    return [hit["fields"]["lineage"][0] for hit in answer["hits"]["hits"]]


def test_the_searches_find_what_they_promise(server: ElasticsearchServer) -> None:
    assert hits(server, "wire-latest") == [3, 2, 1]
    assert hits(server, "wire-follow-ups") == [2, 3]
    assert hits(server, "wire-corrections-and-kills") == [4, 3]
    assert hits(server, "wire-one-source") == [3, 1]
    assert hits(server, "wire-one-entity") == [3, 1]


@pytest.mark.parametrize("spelling", ["SAMP/T", "samp-t", "Samp T"])
def test_an_entity_is_found_under_any_spelling(server: ElasticsearchServer, spelling: str) -> None:
    chosen = saved_objects(read_source(SOURCE, {"entity": spelling}))
    objects = {(asset["type"], asset["id"]): asset for asset in chosen}
    ask = next(requests(objects["search", "wire-one-entity"], objects, MONTH))
    answer = server.call("POST", f"/{ask.index}/_search", ask.body)
    assert [hit["fields"]["lineage"] for hit in answer["hits"]["hits"]] == [[3], [1]]


def buckets(server: ElasticsearchServer, chart: str) -> list[dict[str, Any]]:
    [ask] = [ask for ask in CHARTS if ask.what == f"chart {chart}"]
    answer: dict[str, Any] = server.call("POST", f"/{ask.index}/_search", ask.body)
    buckets: list[dict[str, Any]] = answer["aggregations"]["x"]["buckets"]
    return buckets


def test_the_charts_count_what_they_promise(server: ElasticsearchServer) -> None:
    systems = [(bucket["key"], bucket["doc_count"]) for bucket in buckets(server, "wire-top-systems")]
    assert systems == [("SAMP/T", 2), ("Aster 30", 1), ("S-400", 1)]
    [thread] = buckets(server, "wire-growing-threads")
    newest = thread["measure0"]["hits"]["hits"][0]["fields"]["headline"]
    assert (thread["key"], thread["doc_count"], thread["measure2"]["value"]) == (1, 3, 2)
    assert newest == ["CORRECTED-Eurosam and two Turkish firms to study a system of their own"]
    lag = [(bucket["key"], bucket["measure0"]["value"]) for bucket in buckets(server, "wire-feeds-lag")]
    assert lag == [("courrier", 86_400.0), ("sport", 300.0), ("world", 300.0)]
    [chart] = [ask for ask in CHARTS if ask.what == "chart wire-feeds-conditions"]
    publishers = server.call("POST", f"/{chart.index}/_search", chart.body)["aggregations"]["split"]["buckets"]
    conditions = {
        publisher["key"]: sorted(inner["key"] for inner in publisher["x"]["buckets"]) for publisher in publishers
    }
    assert conditions == {"Meridian Wire": ["silent", "well"], "Courrier du Levant": ["failing"]}
