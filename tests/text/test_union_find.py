"""Disjoint sets."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.union_find import UnionFind


def test_items_start_alone_and_keep_their_order() -> None:
    assert UnionFind("cab").groups() == [["c"], ["a"], ["b"]]


def test_pairs_are_brought_together_also_through_others() -> None:
    sets = UnionFind(range(6))
    for first, second in [(4, 5), (1, 2), (2, 5)]:
        sets.union(first, second)
    assert sets.groups() == [[0], [1, 2, 4, 5], [3]]


def test_union_returns_the_member_that_stands_for_both() -> None:
    sets = UnionFind[str]()
    together = sets.union("a", "b")
    assert together == sets.find("a") == sets.find("b")
    assert sets.union("b", "a") == together


def test_an_item_may_be_named_later() -> None:
    sets = UnionFind([1])
    sets.union(7, 1)
    assert sets.groups() == [[1, 7]]


pairs_of_numbers = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)))


@given(pairs_of_numbers)
def test_two_items_are_in_one_set_exactly_if_pairs_lead_from_one_to_the_other(pairs: list[tuple[int, int]]) -> None:
    sets = UnionFind(range(21))
    for first, second in pairs:
        sets.union(first, second)
    reached = {start: {start} for start in range(21)}
    for _ in range(21):
        for first, second in pairs:
            joined = reached[first] | reached[second]
            for number in joined:
                reached[number] = reached[number] | joined
    assert {tuple(group) for group in sets.groups()} == {tuple(sorted(group)) for group in reached.values()}
