"""Faults of a real server: afterwards the index equals the store, and nothing is lost or doubled."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from pipeline.errors import IndexUnavailable, QueryError
from pipeline.index.elastic.engine import ElasticIndex
from pipeline.models import CandidateQuery, SearchRequest, StoredQuery, StoryDocument, WriteState
from tests.index.elastic.engines import Pauses, Site, expected, site_on
from tests.index.stories import story
from tests.servers.archives import ELASTICSEARCH_8
from tests.servers.elasticsearch import ElasticsearchNode, elasticsearch_node

BODY = "The council heard that the tender for the air defence system had been put off until spring. " * 12


@pytest.fixture
def node(private_elasticsearch: ElasticsearchNode) -> ElasticsearchNode:
    if not private_elasticsearch.running:
        private_elasticsearch.start()
    return private_elasticsearch


@pytest.fixture
def site(node: ElasticsearchNode) -> Iterator[Site]:
    with site_on(node) as site:
        yield site


def batches(count: int, size: int = 500) -> list[list[StoryDocument]]:
    """Stories of four months, a hundred in each batch being later takes of the batch before."""
    batches_made = list[list[StoryDocument]]()
    for number in range(count):
        first = number * size
        fresh = [story(n, body=BODY, month=f"2017.{9 + n % 4:02}") for n in range(first, first + size)]
        later = (
            [replace(story, revision=2, headline="A later take") for story in batches_made[-1][:100]]
            if batches_made
            else []
        )
        batches_made.append(fresh + later)
    return batches_made


def write_all(engine: ElasticIndex, waiting: Sequence[list[StoryDocument]], between: threading.Event) -> int:
    """Write batch by batch as the walk does: one that fails stays pending, and is written again. How many failed."""
    failures = 0
    for batch in waiting:
        while True:
            try:
                outcomes = engine.write(batch)
            except IndexUnavailable:
                failures += 1
                between.wait()
                continue
            assert WriteState.REJECTED not in {outcome.state for outcome in outcomes}
            break
    return failures


@pytest.mark.parametrize("how", ["kill", "stop"])
def test_a_server_that_goes_down_in_mid_bulk_and_comes_back(node: ElasticsearchNode, site: Site, how: str) -> None:
    engine, work, back = site.open(), batches(6), threading.Event()
    engine.write(work[0])
    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(write_all, engine, work, back)
        while site.open().count() < 1_000:
            pass
        getattr(node, how)()
        node.start()
        back.set()
        assert writing.result() >= 1
    assert site.documents() == expected(story for batch in work for story in batch)
    assert engine.search(SearchRequest(query="tender", limit=1)).total == 3_000


def test_a_server_that_does_not_answer_in_time_may_have_written_all_the_same(
    node: ElasticsearchNode, site: Site
) -> None:
    patient, hasty = site.open(), site.open(patience=3.0)
    first, second = batches(2)
    patient.write(first)
    hasty.search(SearchRequest(query="tender"))
    node.suspend()
    try:
        with pytest.raises(IndexUnavailable, match="did not answer in time"):
            hasty.write(second)
        with pytest.raises(IndexUnavailable, match="did not answer in time"):
            hasty.search(SearchRequest(query="tender"))
        with pytest.raises(IndexUnavailable, match="did not answer in time"):
            hasty.candidates([CandidateQuery(terms={"x": 1.0})])
        with pytest.raises(IndexUnavailable, match="did not answer in time"):
            hasty.match(second, [StoredQuery(1, "tender~1")])
    finally:
        node.resume()
    outcomes = patient.write(second)
    assert {outcome.state for outcome in outcomes} <= {WriteState.WRITTEN, WriteState.SUPERSEDED}
    assert site.documents() == expected([*first, *second])


def test_a_server_that_is_not_there_says_where_and_what_to_do(node: ElasticsearchNode, site: Site) -> None:
    engine = site.open()
    engine.write([story(1)])
    node.kill()
    message = rf"{node.url} cannot be reached.*check that it runs and that WIREWATCH_ELASTICSEARCH_URL"
    for call in (
        lambda: engine.write([story(2)]),
        lambda: engine.search(SearchRequest(query="story")),
        lambda: engine.candidates([CandidateQuery(terms={"x": 1.0})]),
        lambda: engine.match([story(2)], [StoredQuery(1, "story~1")]),
        lambda: list(engine.rebuild([story(2)])),
        engine.count,
    ):
        with pytest.raises(IndexUnavailable, match=message):
            call()
    node.start()
    assert [outcome.state for outcome in engine.write([story(2)])] == [WriteState.WRITTEN]
    assert site.documents() == expected([story(1), story(2)])


def test_a_disk_that_is_nearly_full_stops_the_write_and_loses_nothing(site: Site) -> None:
    pauses = Pauses()
    engine = site.open(pause=pauses)
    (batch,) = batches(1, 40)
    engine.write(batch)
    site.call("PUT", "/{}-stories-2017.10/_settings", {"index.blocks.read_only_allow_delete": True})
    later = [replace(story, revision=2) for story in batch]
    with pytest.raises(IndexUnavailable, match=r"flood-stage.*its disk is nearly full.*free space"):
        engine.write(later)
    assert len(pauses.taken) > 1
    assert engine.search(SearchRequest(query="tender")).total == 40
    site.call("PUT", "/{}-stories-2017.10/_settings", {"index.blocks.read_only_allow_delete": None})
    states = [outcome.state for outcome in engine.write(later)]
    assert (states.count(WriteState.WRITTEN), states.count(WriteState.SUPERSEDED)) == (10, 30)
    assert site.documents() == expected(later)


def test_a_full_queue_is_waited_for(node: ElasticsearchNode) -> None:
    node.kill()  # one server at a time
    settings = {"thread_pool.write.size": 1, "thread_pool.write.queue_size": 4}
    with elasticsearch_node(ELASTICSEARCH_8, settings=settings) as small, site_on(small) as site:
        work, at_once = batches(6), threading.Event()
        at_once.set()
        site.open().write([story(n, month=f"2017.{9 + n % 4:02}") for n in range(-4, 0)])
        with ThreadPoolExecutor(3) as threads:
            for done in [threads.submit(write_all, site.open(), [work[n] + work[n + 1]], at_once) for n in (0, 2, 4)]:
                done.result()
        pools = [node["thread_pool"]["write"] for node in small.call("GET", "/_nodes/stats")["nodes"].values()]
        assert sum(pool["rejected"] for pool in pools) > 0
        site.call("POST", "/{}-stories-all/_delete_by_query", {"query": {"range": {"lineage": {"lt": 0}}}})
        assert site.documents() == expected(story for batch in work for story in batch)


def test_a_document_that_the_server_refuses_takes_none_with_it(site: Site) -> None:
    engine = site.open()
    batch = [
        story(1),
        story(2, url="https://wire.example/" + "x" * 40_000),
        story(3, urgency=2**70),
        story(4, month="soon"),
        story(5),
    ]
    outcomes = engine.write(batch)
    assert [outcome.state for outcome in outcomes] == [
        WriteState.WRITTEN,
        *[WriteState.REJECTED] * 3,
        WriteState.WRITTEN,
    ]
    reasons = [str(outcome.reason) for outcome in outcomes[1:4]]
    assert "url is longer than the 32,766 bytes" in reasons[0]
    assert "out of range" in reasons[1]
    assert "not like 2017.11" in reasons[2]
    assert site.documents() == expected([story(1), story(5)])


def made_otherwise(site: Site, change: Callable[[dict[str, Any]], object]) -> None:
    """The index of 2017.11 as somebody has made it who passed our template by: its mapping is another one."""
    (created,) = site.call("GET", "/{}-stories-2017.11").values()
    change(created["mappings"]["properties"])
    analysis = created["settings"]["index"]["analysis"]
    site.call("DELETE", "/{}-stories-2017.11")
    site.call("DELETE", "/_index_template/{}-stories")
    created = {
        "settings": {"index": {"analysis": analysis}},
        "mappings": created["mappings"],
        "aliases": created["aliases"],
    }
    site.call("PUT", "/{}-stories-2017.11", created)


def test_a_field_that_the_index_lacks_stops_the_write_until_it_is_rebuilt(site: Site) -> None:
    engine = site.open()
    batch = [story(1, keyterms=("loan",), month="2017.11"), story(2, month="2017.11")]
    engine.write([story(0, month="2017.11")])
    made_otherwise(site, lambda fields: fields.pop("keyterms"))
    with pytest.raises(IndexUnavailable, match=r"strict_dynamic_mapping.*run `wirewatch reindex`"):
        engine.write(batch)
    newer = site.open()
    assert {outcome.state for outcome in newer.rebuild([story(0, month="2017.11"), *batch])} == {WriteState.WRITTEN}
    assert {outcome.state for outcome in engine.write(batch)} == {WriteState.SUPERSEDED}
    assert site.documents() == expected([story(0), *batch])


def test_a_field_of_another_type_rejects_what_does_not_fit_until_it_is_rebuilt(site: Site) -> None:
    engine = site.open()
    batch = [story(1, agency="Northwire", month="2017.11"), story(2, month="2017.11")]
    engine.write([story(0, month="2017.11")])
    made_otherwise(site, lambda fields: fields.update(agency={"type": "long"}))
    refused, taken = engine.write(batch)
    assert (refused.state, taken.state) == (WriteState.REJECTED, WriteState.WRITTEN)
    assert "failed to parse field [agency] of type [long]" in str(refused.reason)
    assert {outcome.state for outcome in site.open().rebuild(batch)} == {WriteState.WRITTEN}
    assert site.documents() == expected(batch)


def test_a_query_that_the_server_refuses_is_the_asker_s_matter(site: Site) -> None:
    engine = site.open()
    engine.write([story(1)])
    deep = "headline:a" + "".join(f" AND (b{n} OR (c{n}" for n in range(24)) + "))" * 24
    with pytest.raises(QueryError, match=r"Elasticsearch refuses it: .*nested depth"):
        engine.search(SearchRequest(query=deep))
