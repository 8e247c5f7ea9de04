"""Which stories are looked at together when a batch is assigned to happenings."""

from pipeline.relate.happenings.neighbourhoods import MAX_STORIES, Neighbourhood, neighbourhoods


def test_a_story_without_neighbours_is_looked_at_alone() -> None:
    assert neighbourhoods([1, 2], [], {}, {}) == [Neighbourhood((1,), ()), Neighbourhood((2,), ())]


def test_neighbours_bring_their_whole_happenings() -> None:
    neighbours = [(4.0, 1, 7), (3.0, 1, 8), (2.0, 2, 9)]
    known = {7: 70, 8: 80, 9: 80}
    (near,) = neighbourhoods([1, 2], neighbours, known, {70: 3, 80: 5})
    assert (sorted(near.lineages), sorted(near.happenings)) == ([1, 2], [70, 80])


def test_a_story_that_was_assigned_before_is_looked_at_with_its_happening() -> None:
    (near,) = neighbourhoods([1], [(4.0, 1, 2)], {1: 70, 2: 70}, {70: 2})
    assert near == Neighbourhood((), (70,))


def test_a_neighbourhood_ends_where_it_would_be_too_large_the_nearest_first() -> None:
    neighbours = [(3.0, 1, 8), (4.0, 1, 7)]
    sizes = {70: MAX_STORIES - 1, 80: 2}
    (near,) = neighbourhoods([1], neighbours, {7: 70, 8: 80}, sizes)
    assert near == Neighbourhood((1,), (70,))


def test_the_order_of_neighbours_does_not_matter() -> None:
    neighbours = [(4.0, 1, 7), (3.0, 2, 7), (2.0, 2, 9), (2.0, 3, 9)]
    known, sizes = {7: 70, 9: 90}, {70: 2, 90: 200}
    forwards = neighbourhoods([1, 2, 3], neighbours, known, sizes)
    backwards = neighbourhoods([1, 2, 3], neighbours[::-1], known, sizes)
    assert [set(near.lineages) for near in forwards] == [set(near.lineages) for near in backwards]
