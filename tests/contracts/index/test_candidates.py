"""Candidates for follow-ups: by the weights of the request alone, so that every engine finds the same."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.models import CandidateQuery
from pipeline.ports import SearchIndex
from tests.index.stories import DAY, story


def candidates_of(engine: SearchIndex, query: CandidateQuery) -> list[tuple[int, float]]:
    (answer,) = engine.candidates([query])
    return [(candidate.lineage, round(candidate.engine_score, 2)) for candidate in answer]


def test_a_candidate_scores_the_weights_of_what_it_shares(library: SearchIndex) -> None:
    query = CandidateQuery(
        terms={"s-400": 2.0, "loan": 1.0, "nowhere": 9.0},
        headline_terms={"turkey": 0.5},
        entity_ids={"org:eurosam": 4.0, "gaz:S-400": 0.25},
    )
    assert candidates_of(library, query) == [(1, 6.75), (2, 4.5), (4, 4.5), (3, 3.25)]


def test_what_is_common_only_adds_to_what_shares_something_else(library: SearchIndex) -> None:
    asked: dict[str, Any] = {
        "terms": {"s-400": 2.0, "loan": 1.0},
        "entity_ids": {"org:eurosam": 4.0, "gaz:S-400": 0.25},
    }
    expected = candidates_of(library, CandidateQuery(**asked))
    scores = dict(expected)
    rare = {lineage for lineage, _ in candidates_of(library, CandidateQuery(terms={"loan": 1.0}))}
    common = frozenset({"s-400", "org:eurosam", "gaz:S-400"})
    assert candidates_of(library, CandidateQuery(**asked, common=common)) == [
        (lineage, scores[lineage]) for lineage in sorted(rare)
    ]
    assert rare < scores.keys()
    assert candidates_of(library, CandidateQuery(**asked, common=frozenset({"nowhere"}))) == expected


def test_unusable_stories_are_never_candidates(library: SearchIndex) -> None:
    assert candidates_of(library, CandidateQuery(terms={"turkey": 1.0})) == [(1, 1.0), (2, 1.0), (3, 1.0), (4, 1.0)]


def test_the_window_holds_its_bounds_and_lets_undated_stories_pass(library: SearchIndex) -> None:
    terms = {"missile": 1.0, "defence": 1.0}
    request = CandidateQuery(terms=terms)
    assert {lineage for lineage, _ in candidates_of(library, request)} == {1, 2, 4, 5, 7}
    day = DAY + timedelta(days=1)
    assert {n for n, _ in candidates_of(library, CandidateQuery(terms=terms, after=day, before=day))} == {1, 2, 7}
    later = CandidateQuery(terms=terms, after=day + timedelta(seconds=1))
    assert {n for n, _ in candidates_of(library, later)} == {4, 5, 7}
    earlier = CandidateQuery(terms=terms, before=datetime(2017, 11, 17, tzinfo=UTC))
    assert {n for n, _ in candidates_of(library, earlier)} == {1, 2, 5, 7}


def test_excluded_stories_leave_room_for_others(library: SearchIndex) -> None:
    query = CandidateQuery(terms={"turkey": 1.0}, exclude=frozenset({1, 3}), limit=2)
    assert candidates_of(library, query) == [(2, 1.0), (4, 1.0)]


@pytest.mark.parametrize("limit", [1, 3, 40, 200])
def test_the_cut_among_equals_is_by_lineage(engine: SearchIndex, limit: int) -> None:
    for start in (101, 1, 51):
        engine.write([story(n, terms=("deal",)) for n in range(start, start + 50)])
    query = CandidateQuery(terms={"deal": 0.7}, limit=limit)
    assert [lineage for lineage, _ in candidates_of(engine, query)] == list(range(1, min(limit, 150) + 1))


def test_nothing_to_ask_for_finds_nothing(library: SearchIndex, engine: SearchIndex) -> None:
    assert library.candidates([]) == []
    assert candidates_of(library, CandidateQuery(terms={})) == []
    assert candidates_of(library, CandidateQuery(terms={"turkey": 1.0}, limit=0)) == []
    assert candidates_of(engine, CandidateQuery(terms={"turkey": 1.0})) == []


def test_each_request_gets_its_own_answer_in_order(library: SearchIndex) -> None:
    asked = [CandidateQuery(terms={term: 1.0}) for term in ("loan", "porto", "nowhere")]
    assert [[c.lineage for c in answer] for answer in library.candidates(asked)] == [[3], [6], []]
