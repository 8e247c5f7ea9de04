"""The measures against their definitions, taken literally on small cases."""

from itertools import combinations
from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluate.measures import b_cubed, f1, joined_pairs, ndcg, pairs_of, recall, reciprocal_rank

URIS = [f"u{number}" for number in range(9)]
LABELS = st.sampled_from(["a", "b", "c"])
GOLD = st.dictionaries(st.sampled_from(URIS), LABELS, min_size=1)
GROUPS = st.dictionaries(st.sampled_from(URIS), LABELS)


def test_ndcg_of_all_right_answers_is_one_and_of_none_is_zero() -> None:
    assert ndcg([1, 1, 0], [1, 1]) == 1.0
    assert ndcg([0] * 12, [1, 1, 1]) == 0.0
    assert ndcg([], [1]) == 0.0


def test_ndcg_discounts_by_rank_and_looks_at_ten_answers() -> None:
    assert ndcg([0, 1], [1]) == pytest.approx(1 / log2(3))
    assert ndcg([0] * 10 + [1], [1]) == 0.0
    assert ndcg([1] * 10, [1] * 25) == pytest.approx(1.0)


def test_ndcg_counts_a_higher_grade_for_more() -> None:
    assert ndcg([2, 1], [1, 2]) == 1.0
    assert ndcg([1, 2], [1, 2]) == pytest.approx((1 + 2 / log2(3)) / (2 + 1 / log2(3)))


def test_first_right_answer_and_recall() -> None:
    assert reciprocal_rank([0, 0, 2]) == pytest.approx(1 / 3)
    assert reciprocal_rank([0]) == 0.0
    assert recall([2, 0] * 15, relevant=20) == 0.5


@given(GOLD, GROUPS)
def test_b_cubed_is_what_its_definition_counts(events: dict[str, str], groups: dict[str, str]) -> None:
    scores_by_uri = b_cubed(events, groups)
    for uri, scores in scores_by_uri.items():
        group = {other for other in events if other == uri or (uri in groups and groups.get(other) == groups[uri])}
        event = {other for other in events if events[other] == events[uri]}
        assert scores.precision == pytest.approx(len(group & event) / len(group))
        assert scores.recall == pytest.approx(len(group & event) / len(event))


@given(GOLD, GROUPS, st.integers(0, 2))
def test_joined_pairs_are_those_that_one_would_count(events: dict[str, str], groups: dict[str, str], seed: int) -> None:
    topics = {uri: "one topic" if seed and event in "ab" else event for uri, event in events.items()}
    together = [pair for pair in combinations(sorted(events), 2) if {*pair} <= groups.keys() and same(groups, *pair)]
    siblings = [pair for pair in together if same(topics, *pair) and not same(events, *pair)]
    joined = joined_pairs(events, topics, groups)
    assert (joined.all, joined.siblings) == (len(together), len(siblings))


@given(GROUPS)
def test_pairs_of_groups(groups: dict[str, str]) -> None:
    assert pairs_of(groups) == {pair for pair in combinations(sorted(groups), 2) if same(groups, *pair)}


def same(labels: dict[str, str], first: str, second: str) -> bool:
    return labels[first] == labels[second]


def test_f1() -> None:
    assert f1(0.0, 0.0) == 0.0
    assert f1(1.0, 0.5) == pytest.approx(2 / 3)
    assert f1(*np.full(2, 0.4)) == pytest.approx(0.4)
