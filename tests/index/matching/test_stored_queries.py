"""Stored queries on a batch of stories: the same stories as a reader would say, mostly without any engine."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.index.embedded.batch_index import BatchIndex
from pipeline.index.matching.matcher import Matcher
from pipeline.index.matching.stored_queries import StoredQueries
from pipeline.index.matching.story_bitsets import StoryBitsets, story_numbers
from pipeline.models import Status, StoredQuery
from pipeline.query import parse_query
from tests.contracts.index.test_search import random_queries
from tests.index.query_oracle import expected_lineages
from tests.index.stories import LIBRARY, story

NOW = datetime(2017, 11, 20, 12, 0, tzinfo=UTC)
USABLE = [document for document in LIBRARY if document.status is Status.USABLE]
QUERIES = random_queries(400)


def possible(*queries: str, now: datetime = NOW) -> list[tuple[str, set[int], bool]]:
    stored = [StoredQuery(number, query) for number, query in enumerate(queries)]
    evaluation = StoredQueries().evaluate(StoryBitsets(USABLE), stored, now)
    assert evaluation.failures == {}
    inexact = {match.stored.id for match in evaluation.possible if not match.exact}
    assert inexact <= {query.id for query in evaluation.undecided}
    return [
        (match.stored.query, {USABLE[n].lineage for n in story_numbers(match.stories)}, match.exact)
        for match in evaluation.possible
    ]


def test_what_is_exact_is_what_the_query_means_and_nothing_is_ever_missing() -> None:
    sets = {query: (lineages, exact) for query, lineages, exact in possible(*QUERIES)}
    for query in QUERIES:
        lineages, exact = sets.get(query, (set(), True))
        wanted = expected_lineages(parse_query(query, NOW), LIBRARY)
        assert lineages >= wanted, query
        assert not exact or lineages == wanted, query
    assert sum(exact for _, exact in sets.values()) > len(sets) * 2 / 3


@pytest.mark.parametrize(
    ("query", "exact"),
    [
        ("S-400", True),
        ('"letter of intent" AND NOT place:Russia', True),
        ("published_at:[2017-11-01 TO 2017-12-01] AND urgency:[1 TO 2]", True),
        ("follows:1 OR _exists_:slugline", True),
        ('"intent letter"~3', True),
        ("missil*", True),
        ("turkey AND NOT p?land", True),
        ("eurosan~1", False),
        ("turkey AND NOT eurosan~1", False),
    ],
)
def test_the_engine_is_asked_only_what_words_do_not_tell(query: str, exact: bool) -> None:
    [(_, lineages, is_exact)] = possible(query)
    assert is_exact is exact
    assert lineages >= expected_lineages(parse_query(query, NOW), LIBRARY)


def test_a_batch_is_matched_as_the_oracle_says() -> None:
    stored = [StoredQuery(number, query) for number, query in enumerate(QUERIES)]
    matches, failures = Matcher(BatchIndex()).match(LIBRARY, stored, NOW)
    assert failures == []
    matched: dict[int, set[int]] = {}
    for match in matches:
        matched.setdefault(match.query_id, set()).add(match.lineage)
    assert matched == {
        n: wanted for n, query in enumerate(QUERIES) if (wanted := expected_lineages(parse_query(query, NOW), LIBRARY))
    }


def test_queries_that_count_from_now_move_with_it() -> None:
    stored = StoredQueries()
    query = [StoredQuery(1, "published_at:[now-1d TO now]"), StoredQuery(2, "snowden OR missile")]
    batch = StoryBitsets([story(1, published_at=NOW, headline="A missile")])
    for days, wanted in ((0, [1, 2]), (5, [2]), (0, [1, 2])):
        evaluation = stored.evaluate(batch, query, NOW + timedelta(days=days))
        assert [match.stored.id for match in evaluation.possible] == wanted


def test_what_nobody_asks_any_more_is_forgotten_and_what_is_asked_still_answers() -> None:
    stored, batch = StoredQueries(), StoryBitsets(USABLE)
    chance = random.Random(1)
    for _ in range(5):
        words = [StoredQuery(n, f"word{chance.randrange(10**9)} OR missile") for n in range(2_000)]
        assert len(stored.evaluate(batch, words, NOW).possible) == len(words)
    evaluation = stored.evaluate(batch, [StoredQuery(1, "missile"), StoredQuery(2, "(")], NOW)
    assert [match.stored.id for match in evaluation.possible] == [1]
    assert "position" in evaluation.failures[2]
