"""Matching stored queries with a batch: what a search of the batch would find; a failure stops no other query."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from pipeline.models import SearchRequest, Status, StoredQuery
from pipeline.ports import SearchIndex
from tests.contracts.index.conftest import ENGINES, parameters, percolator
from tests.contracts.index.test_search import random_queries
from tests.index.stories import LIBRARY, story

MATCHERS: Mapping[str, Callable[[pytest.FixtureRequest], AbstractContextManager[SearchIndex]]] = {
    **ENGINES,
    "percolator": percolator,
}


@pytest.fixture(params=parameters(MATCHERS))
def engine(request: pytest.FixtureRequest) -> Iterator[SearchIndex]:
    """An empty index of a test's own."""
    with MATCHERS[request.param](request) as engine:
        yield engine


def matched(engine: SearchIndex, *queries: str) -> list[set[int]]:
    matches, failures = engine.match(LIBRARY, [StoredQuery(n, query) for n, query in enumerate(queries)])
    assert failures == []
    return [{match.lineage for match in matches if match.query_id == n} for n in range(len(queries))]


def test_every_story_of_the_batch_that_a_query_means_is_matched(engine: SearchIndex) -> None:
    assert matched(
        engine,
        "S-400",
        '"letter of intent" AND place:Turkey',
        'person:"nurettin canikli" OR organization:Aselsan',
        "NOT turkey",
        "missil* AND published_at:<2017-11-10",
        '"intent letter"~3',
        "published_at:[now-7d TO now]",
        "nothing AND turkey",
    ) == [{1, 3}, {1, 2}, {1, 2, 4}, {5, 6, 7, 10}, {1, 2}, {1, 2, 5}, {5, 6}, set()]


def test_matching_agrees_with_searching(engine: SearchIndex, library: SearchIndex) -> None:
    queries = random_queries(60)
    searched = [
        {hit.lineage for hit in library.search(SearchRequest(query=query, limit=50, highlight=False)).hits}
        for query in queries
    ]
    assert matched(engine, *queries) == searched


def test_the_batch_need_not_be_in_the_index_and_does_not_get_into_it(engine: SearchIndex) -> None:
    engine.write([story(50, headline="An older missile deal")])
    matches, _ = engine.match([story(60, headline="A missile deal")], [StoredQuery(1, "missile")])
    assert [match.lineage for match in matches] == [60]
    assert engine.count() == 1


def test_unusable_stories_and_older_takes_match_nothing(engine: SearchIndex) -> None:
    take = story(1, headline="missile", revision=2)
    batch = [
        take,
        replace(take, headline="rocket", revision=1),
        story(2, headline="missile", status=Status.WITHDRAWN),
        story(3, headline="missile", status=Status.WITHHELD),
    ]
    queries = [StoredQuery(1, "missile OR rocket"), StoredQuery(2, "rocket"), StoredQuery(3, "*:*")]
    matches, failures = engine.match(batch, queries)
    assert [(match.query_id, match.lineage) for match in matches] == [(1, 1), (3, 1)]
    assert failures == []


def test_a_query_that_fails_says_why_and_stops_no_other(engine: SearchIndex) -> None:
    stored = [StoredQuery(4, "persn:x"), StoredQuery(5, "turkey AND (missile"), StoredQuery(6, "loan")]
    matches, failures = engine.match(LIBRARY, stored)
    assert [(match.query_id, match.lineage) for match in matches] == [(6, 3)]
    assert [failure.query_id for failure in failures] == [4, 5]
    assert "did you mean person?" in failures[0].reason
    assert "never closed" in failures[1].reason


@pytest.mark.parametrize(
    ("query", "lineage", "words"),
    [
        ("S400 AND loan", 3, ("loan", "S 400", "S-400")),
        ('"letter of intent" OR erdogan', 1, ("letter of intent", "Erdoğan’s")),
        ('"intent letter"~3', 2, ("letter", "intent")),
        ("compan*", 4, ("companies",)),
        ("roketsen~1 AND NOT poland", 4, ("Roketsan",)),
        ('person:"vladimir putin" AND product:s400', 3, ("Vladimir Putin", "S-400")),
        ("urgency:5", 6, ()),
    ],
)
def test_a_match_says_what_matched_as_the_story_spells_it(
    engine: SearchIndex, query: str, lineage: int, words: tuple[str, ...]
) -> None:
    matches, _ = engine.match([LIBRARY[lineage - 1]], [StoredQuery(1, query)])
    (match,) = matches
    assert match.words == words


def test_no_stories_and_no_queries_are_no_matches(engine: SearchIndex) -> None:
    assert engine.match([], [StoredQuery(1, "turkey")]) == ([], [])
    assert engine.match(LIBRARY, []) == ([], [])
