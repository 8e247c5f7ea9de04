"""Copy groups from pairwise findings: no chaining, no dependence on order."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.store.copies.grouping import group_copies


def test_no_findings_make_no_groups() -> None:
    assert group_copies([], {}) == []
    assert group_copies([1, 2], {}) == []


def test_copies_of_one_text_are_one_group_with_the_earliest_first() -> None:
    edges = dict.fromkeys(combinations(range(5), 2), 0.9)
    assert group_copies([4, 2, 0, 1, 3], edges) == [[4, 2, 0, 1, 3]]


def test_weak_links_do_not_chain() -> None:
    """A daily report is like yesterday's, and yesterday's like the one before: that makes no group of a month."""
    chain = {(day, day + 1): 0.6 for day in range(30)}
    groups = group_copies(range(31), chain)
    assert max(map(len, groups)) == 3
    for members in groups:
        assert all(tuple(sorted((members[0], member))) in chain or len(members) == 3 for member in members[1:])


def test_a_copy_of_half_of_the_members_joins_though_the_representative_was_missed() -> None:
    assert group_copies([1, 2, 3, 4], {(1, 2): 0.9, (1, 3): 0.9, (3, 4): 0.8, (2, 4): 0.8}) == [[1, 2, 3, 4]]
    assert group_copies([1, 2, 3, 4], {(1, 2): 0.9, (1, 3): 0.9, (3, 4): 0.8}) == [[1, 2, 3]]


def test_of_two_groups_the_more_similar_one_is_joined() -> None:
    edges = {(1, 2): 0.9, (3, 4): 0.9, (1, 5): 0.6, (2, 5): 0.6, (3, 5): 0.8, (4, 5): 0.8}
    assert group_copies([1, 2, 3, 4, 5], edges) == [[1, 2], [3, 4, 5]]
    edges |= {(1, 5): 0.8, (2, 5): 0.8}
    assert group_copies([1, 2, 3, 4, 5], edges) == [[1, 2, 5], [3, 4]]


pairs = st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda pair: pair[0] < pair[1])


@given(st.dictionaries(pairs, st.sampled_from([0.5, 0.7, 0.9]), max_size=20), st.randoms(use_true_random=False))
def test_groups_depend_on_nothing_but_findings_and_publication(
    edges: dict[tuple[int, int], float], rng: object
) -> None:
    shuffled = [(tuple(reversed(pair)) if similarity > 0.6 else pair, similarity) for pair, similarity in edges.items()]
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    groups = group_copies(range(9), edges)
    assert group_copies(range(9), dict(shuffled)) == groups  # type: ignore[arg-type]
    grouped = [lineage for members in groups for lineage in members]
    assert len(grouped) == len(set(grouped))
    for members in groups:
        assert all(any(tuple(sorted((a, b))) in edges for b in members if b != a) for a in members)
