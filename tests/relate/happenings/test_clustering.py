"""Happenings: stories of one event together, look-alike events apart, ids that stay."""

import random
from collections.abc import Sequence

import numpy as np
import pytest

from pipeline.models import GroupKind, HappeningAssignment, Ruling, StoryOutline
from pipeline.relate.happenings.clustering import average_link_clusters, cluster_happenings
from pipeline.relate.happenings.evidence import evidence_of
from pipeline.relate.happenings.likeness import WINDOW
from tests.relate.builders import START, counts_of, outline
from tests.relate.happenings.fires import fire_in_vell, fires


def changed(
    outlines: Sequence[StoryOutline],
    known: dict[int, int] | None = None,
    rulings: Sequence[Ruling] = (),
    partial: Sequence[int] = (),
) -> list[HappeningAssignment]:
    counts = counts_of(outlines)
    return cluster_happenings([evidence_of(story, counts) for story in outlines], known or {}, rulings, partial)


def groups(outlines: Sequence[StoryOutline]) -> set[tuple[int, ...]]:
    return {assignment.lineages for assignment in changed(outlines) if len(assignment.lineages) > 1}


def ruling(first: int, second: int, same: bool) -> Ruling:
    return Ruling(GroupKind.HAPPENING, first, second, same, "ana", START)


@pytest.mark.parametrize("day", [None, 3.0])
def test_two_fires_of_one_kind_are_two_happenings(day: float | None) -> None:
    assert groups(fires(day)) == {(1, 2, 3), (11, 12, 13)}


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_arrival_does_not_matter(seed: int) -> None:
    shuffled = fires()
    random.Random(seed).shuffle(shuffled)
    assert {tuple(sorted(group)) for group in groups(shuffled)} == {(1, 2, 3), (11, 12, 13)}


def test_the_same_words_days_later_are_another_event() -> None:
    assert groups([*fires(0.0), fire_in_vell(4, "witness queue", WINDOW + 1)]) == {(1, 2, 3), (11, 12, 13)}


def test_stories_without_entities_words_or_company_are_alone() -> None:
    empty, short = outline(30, ""), outline(31, "Fire.")
    assignments = changed([*fires(), empty, short])
    assert {(30,), (31,)} <= {assignment.lineages for assignment in assignments}
    assert changed([empty]) == [HappeningAssignment(None, (30,))]
    assert changed([]) == []


# --------------------------------------------------------------------------- ids


def test_nothing_is_said_of_happenings_that_do_not_change() -> None:
    known = {1: 100, 2: 100, 3: 100, 11: 200, 12: 200, 13: 200, 20: 1, 21: 2, 22: 3, 23: 4}
    assert changed(fires(), known) == []
    del known[3]
    assert changed(fires(), known) == [HappeningAssignment(100, (1, 2, 3))]


def test_a_wrong_happening_is_taken_apart_and_the_larger_part_keeps_the_id() -> None:
    mixed = {1: 100, 2: 100, 3: 100, 11: 100, 12: 100, 20: 1, 21: 2, 22: 3, 23: 4}
    assert changed(fires(), mixed) == [HappeningAssignment(None, (11, 12, 13))]


def test_two_happenings_of_one_event_become_the_larger_and_of_equal_ones_the_older() -> None:
    others = {11: 9, 12: 9, 13: 9, 20: 1, 21: 2, 22: 3, 23: 4}
    assert changed(fires(), {1: 50, 2: 60, 3: 60} | others) == [HappeningAssignment(60, (1, 2, 3))]
    assert changed(fires(), {1: 60, 2: 50} | others) == [HappeningAssignment(50, (1, 2, 3))]


def test_a_happening_of_which_a_part_is_here_stays_whole_and_keeps_its_id() -> None:
    known = {1: 50, 2: 60, 3: 60, 11: 9, 12: 9, 13: 9, 20: 1, 21: 2, 22: 3, 23: 4}
    assert changed(fires(), known, partial=[50]) == [HappeningAssignment(50, (1, 2, 3))]
    assert changed(fires(), known, partial=[50, 60]) == [HappeningAssignment(60, (1, 2, 3), absorbs=(50,))]
    mixed = {1: 70, 11: 70}
    assert any(
        {1, 11} <= set(assignment.lineages) and assignment.happening == 70
        for assignment in changed(fires(), mixed, partial=[70])
    )


def test_what_an_operator_ruled_stands() -> None:
    assignments = changed(fires(), rulings=[ruling(1, 11, True)])
    assert any({1, 11} <= set(assignment.lineages) for assignment in assignments)
    assignments = changed(fires(), rulings=[ruling(1, 2, False), ruling(1, 3, False), ruling(99, 1, True)])
    assert {(1,), (2, 3)} <= {assignment.lineages for assignment in assignments}


# --------------------------------------------------------------------------- clusters


def matrix(count: int, pairs: dict[tuple[int, int], float]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    alike = np.zeros((count, count), dtype=np.float32)
    for (first, second), value in pairs.items():
        alike[first, second] = alike[second, first] = value
    return alike


def test_no_chain_joins_what_is_not_alike_as_a_whole() -> None:
    chain = matrix(4, {(0, 1): 0.9, (1, 2): 0.6, (2, 3): 0.9})
    assert average_link_clusters(chain, 0.5) == [[0, 1], [2, 3]]


def test_pairs_ruled_together_start_together_and_those_apart_never_meet() -> None:
    alike = matrix(4, {(0, 1): 0.9, (0, 2): 0.8, (1, 2): 0.8})
    assert average_link_clusters(alike, 0.5, together=[(0, 3)]) == [[0, 3], [1, 2]]
    assert average_link_clusters(alike, 0.5, apart=[(0, 1)]) == [[0, 2], [1], [3]]
    assert average_link_clusters(alike, 0.5, together=[(0, 1)], apart=[(0, 1)])[0][:2] == [0, 1]


def test_an_empty_matrix_has_no_clusters() -> None:
    assert average_link_clusters(np.zeros((0, 0), dtype=np.float32), 0.5) == []
