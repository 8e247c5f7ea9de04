"""What rulings on happenings come to: pure decisions over rulings."""

from datetime import UTC, datetime

from pipeline.models import GroupKind, HappeningAssignment, Ruling
from pipeline.store.happenings.ruling_rules import (
    MAX_RULED,
    assignments_by_rulings,
    merge_rulings,
    rulings_between,
    split_rulings,
    stories_of_broken_rulings,
)

AT = datetime(2017, 11, 10, 12, tzinfo=UTC)


def same(first: int, second: int) -> Ruling:
    return Ruling(GroupKind.HAPPENING, first, second, True, "ana", AT)


def different(first: int, second: int) -> Ruling:
    return Ruling(GroupKind.HAPPENING, first, second, False, "ana", AT)


def test_stories_that_are_one_with_a_third_are_one_and_apart_from_what_that_is_apart_from() -> None:
    rulings = [same(2, 1), same(3, 1), different(4, 1)]
    assert rulings_between(rulings, [2, 3, 4]) == [same(3, 2), different(4, 2)]
    assert rulings_between(rulings, [2, 9]) == []


def test_a_ruling_moves_one_story_and_leaves_the_others_of_its_event_behind() -> None:
    rulings = [same(1, 2), same(3, 2), same(2, 4)]
    assert rulings_between(rulings, [1, 2, 3, 4]) == [same(2, 4), same(3, 1)]


def test_of_several_rulings_on_a_pair_the_latest_holds() -> None:
    assert rulings_between([same(1, 2), different(1, 2)], [1, 2]) == [different(1, 2)]
    assert rulings_between([different(1, 2), same(1, 2)], [1, 2]) == [same(1, 2)]


def test_a_ruling_is_broken_only_where_it_is_kept_now() -> None:
    rulings = [same(1, 2), different(3, 4), same(5, 6)]
    before = {1: 10, 2: 10, 3: 10, 4: 20, 5: 30, 6: 40}
    assert stories_of_broken_rulings(rulings, before, before) == set()
    assert stories_of_broken_rulings(rulings, before, before | {2: 20, 4: 10, 6: 50}) == {1, 2, 3, 4}


def test_rulings_become_assignments_in_their_order() -> None:
    happening_of = {1: 10, 2: 20, 3: 20}
    assert assignments_by_rulings([same(2, 1)], happening_of) == [HappeningAssignment(10, (2,))]
    apart = [different(2, 3), same(3, 2)]
    assert assignments_by_rulings(apart, happening_of) == [HappeningAssignment(None, (2, 3))]
    assert assignments_by_rulings([same(9, 9), same(1, 1)], happening_of) == []


def test_a_withdrawn_story_still_holds_together_those_that_are_one_with_it() -> None:
    withdrawn = 9
    assert assignments_by_rulings([same(1, withdrawn), same(2, withdrawn)], {1: 10, 2: 20}) == [
        HappeningAssignment(10, (2,))
    ]


def test_a_merge_is_on_every_story_and_a_split_on_every_pair_up_to_a_bound() -> None:
    assert merge_rulings([1, 2], [3, 4], "ana", AT) == [same(3, 1), same(4, 1), same(2, 1)]
    assert split_rulings([1, 2], [3], "ana", AT) == [different(1, 3), same(2, 1), different(2, 3)]
    assert len(split_rulings([1], range(2, 1000), "ana", AT)) == MAX_RULED
