"""Matching stored queries on real servers: by the percolator where there is one, else by asking the batch.

The queries that matter here allow for misspellings: what words alone decide no server is asked.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.models import QueryFailure, QueryMatch, StoredQuery
from tests.contracts.index.test_search import random_queries
from tests.index.elastic.engines import FixedClock, Site, site_on
from tests.index.stories import LIBRARY, story
from tests.servers.elasticsearch import ElasticsearchNode

QUERIES = [
    *(StoredQuery(number, query) for number, query in enumerate(random_queries(150))),
    StoredQuery(900, "published_at:[now-7d TO now]"),
    StoredQuery(901, "nothing knows"),
    StoredQuery(902, "persn:nobody"),
]


@pytest.fixture
def percolating(percolator_server: ElasticsearchNode) -> Iterator[Site]:
    with site_on(percolator_server) as site:
        yield site


def stored(site: Site) -> list[int]:
    """How many queries each index of stored queries holds."""
    rows = site.call("GET", "/_cat/indices/{}-queries-*?format=json&h=index,docs.count&s=index")
    return [int(row["docs.count"]) for row in rows]


def purposes(site: Site) -> set[str]:
    """What the indices are for."""
    return {name.partition("-")[0] for name in site.indices()}


def test_both_ways_find_the_same_with_the_same_words(site: Site, percolating: Site) -> None:
    by_percolator = percolating.open().match(LIBRARY, QUERIES)
    by_batch = site.open().match(LIBRARY, QUERIES)
    assert by_percolator == by_batch
    matches, failures = by_batch
    assert len(matches) > 100
    assert any(match.words for match in matches)
    assert [failure.query_id for failure in failures] == [902]


def test_the_percolator_is_used_where_it_is_and_queries_are_kept_once(percolating: Site) -> None:
    engine, other = percolating.open(), percolating.open()
    queries = [query for query in QUERIES if query.id < 150]
    engine.match(LIBRARY, queries)
    (count,) = stored(percolating)
    assert 20 < count <= 150
    assert purposes(percolating) == {"queries"}
    assert other.match(LIBRARY[:3], queries) == engine.match(LIBRARY[:3], queries)
    other.match(LIBRARY, [StoredQuery(1, "turkish~1 OR its own"), StoredQuery(2, "turkish~1 OR its own")])
    assert stored(percolating) == [count + 1]


def test_what_words_decide_no_server_is_asked(site: Site, percolating: Site) -> None:
    for target in (site, percolating):
        matches, _ = target.open().match(LIBRARY, [StoredQuery(1, "turkey"), StoredQuery(2, "persons")])
        assert {(match.query_id, match.lineage) for match in matches} == {(1, n) for n in (1, 2, 3, 4)}
        assert target.indices() == []


def test_a_cluster_without_percolator_is_asked_about_the_batch_alone(site: Site) -> None:
    engine = site.open()
    engine.write([replace(document, lineage=document.lineage + 100, month="2017.11") for document in LIBRARY])
    matches, _ = engine.match(LIBRARY, [StoredQuery(1, "turkey~1")])
    assert {match.lineage for match in matches} == {1, 2, 3, 4}
    assert purposes(site) == {"batches", "stories"}
    site.call("POST", "/{}-batches-*/_refresh")
    assert site.call("GET", "/{}-batches-*/_count")["count"] == 0
    assert engine.count() == len(LIBRARY)


def test_queries_that_count_from_now_are_asked_anew_each_time(percolating: Site) -> None:
    clock = FixedClock()
    engine = percolating.open(clock)
    recent = [StoredQuery(1, "turkey~1 AND published_at:>=now-2d"), StoredQuery(2, "turkey~1")]
    clock.time = LIBRARY[1].published_at or clock.time
    assert {(match.query_id, match.lineage) for match in engine.match(LIBRARY, recent)[0]} == {
        *((1, n) for n in (1, 2, 3, 4)),
        *((2, n) for n in (1, 2, 3, 4)),
    }
    clock.time += timedelta(days=365)
    assert {match.query_id for match in engine.match(LIBRARY, recent)[0]} == {2}
    assert stored(percolating) == [1]


def test_queries_nobody_asks_any_more_are_dropped_and_other_processes_notice(percolating: Site) -> None:
    clock = FixedClock()
    old, other = percolating.open(clock), percolating.open(clock)
    asked = [StoredQuery(1, "turkey~1"), StoredQuery(2, "loan~1")]
    old.match(LIBRARY, [*asked, *(StoredQuery(n, f"word{n}~1") for n in range(10, 2_000))])
    expected = other.match(LIBRARY, asked)
    assert stored(percolating) == [1_992]
    clock.time += timedelta(days=1)
    fresh = percolating.open(clock)
    assert fresh.match(LIBRARY, [*asked, StoredQuery(3, "missile~1")])[0][: len(expected[0])] == expected[0]
    assert stored(percolating) == [3]
    assert other.match(LIBRARY, asked) == expected
    assert old.match(LIBRARY, [*asked, StoredQuery(10, "word10~1")]) == expected
    assert stored(percolating) == [4]


@pytest.mark.parametrize("which", ["site", "percolating"])
def test_a_story_that_no_index_takes_stops_no_other(which: str, request: pytest.FixtureRequest) -> None:
    target: Site = request.getfixturevalue(which)
    batch = [
        story(1, headline="A loan"),
        story(2, headline="A loan", url="x" * 40_000),
        story(3, headline="A loan \ud83d"),
        story(4, headline="A loan", published_at=FixedClock().time.replace(tzinfo=None)),
        story(5, headline="A loan"),
    ]
    matches, failures = target.open().match(batch, [StoredQuery(1, "loan"), StoredQuery(2, "loan~1")])
    assert [(match.query_id, match.lineage) for match in matches] == [(1, 1), (1, 5), (2, 1), (2, 5)]
    assert failures == []


@pytest.mark.parametrize("which", ["site", "percolating"])
def test_a_query_that_the_server_refuses_fails_alone(which: str, request: pytest.FixtureRequest) -> None:
    target: Site = request.getfixturevalue(which)
    engine = target.open()
    many = " OR ".join(f"zq{n}~1" for n in range(900))
    queries = [StoredQuery(1, "loan~1"), StoredQuery(2, f"loan~1 OR {many}"), StoredQuery(3, "missile~1")]
    matches, failures = engine.match(LIBRARY, queries)
    assert {match.query_id for match in matches} >= {1, 3}
    check_failures(failures, matches)
    assert engine.match(LIBRARY, queries) == (matches, failures)


def check_failures(failures: list[QueryFailure], matches: list[QueryMatch]) -> None:
    """The large query either ran or says why it could not."""
    if failures:
        (failure,) = failures
        assert failure.query_id == 2
        assert failure.reason.startswith("Elasticsearch could not run 'loan~1 OR zq0~1")
        assert "clause" in failure.reason
    else:
        assert {match.lineage for match in matches if match.query_id == 2} == {3}


def test_what_a_process_left_behind_when_it_died_is_cleared_away(site: Site) -> None:
    clock = FixedClock()
    engine = site.open(clock)
    queries = [StoredQuery(1, "turkey~1")]
    engine.match(LIBRARY, queries)
    (batches,) = [name for name in site.indices() if name.startswith("batches")]
    left = {"lineage": 99, "headline": "Turkey", "batch": "dead", "put_at": "2017-11-20T12:00:00Z"}
    site.call("PUT", f"/{{}}-{batches}/_doc/dead:99?refresh=true", left)
    clock.time += timedelta(days=2)
    assert {match.lineage for match in engine.match(LIBRARY, queries)[0]} == {1, 2, 3, 4}
    engine.match(LIBRARY, queries)
    site.call("POST", f"/{{}}-{batches}/_refresh")
    assert site.call("GET", f"/{{}}-{batches}/_count")["count"] == 0
