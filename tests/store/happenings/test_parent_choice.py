"""What a happening follows up: a pure decision over links."""

from pipeline.store.happenings.parent_choice import CLOSE, SUPPORT, choose_parent

HAPPENING_OF = {1: 10, 2: 20, 3: 30, 4: 10}


def both(*links: tuple[int, int, float]) -> dict[int, dict[int, float]]:
    ties: dict[int, dict[int, float]] = {}
    for first, second, score in links:
        ties.setdefault(first, {})[second] = ties.setdefault(second, {})[first] = score
    return ties


def test_the_best_link_wins_and_nothing_faint_does() -> None:
    assert choose_parent({1: 0.9, 2: 0.7}, HAPPENING_OF, both((1, 2, 0.5))) == (10, 0.9)
    assert choose_parent({1: CLOSE - 0.01}, HAPPENING_OF, {}) is None
    assert choose_parent({}, HAPPENING_OF, {}) is None


def test_of_equal_links_the_older_happening_wins() -> None:
    assert choose_parent({2: 0.8, 1: 0.8}, HAPPENING_OF, both((1, 2, 0.8))) == (10, 0.8)


def test_a_happening_tied_to_nothing_else_that_is_followed_is_passed_over() -> None:
    ties = both((2, 3, 0.8))
    assert choose_parent({1: 0.9, 2: 0.6, 3: 0.5}, HAPPENING_OF, ties) == (20, 0.6)
    assert choose_parent({1: 0.9, 2: SUPPORT * 0.2}, HAPPENING_OF, {}) is None


def test_any_two_stories_of_two_happenings_tie_them() -> None:
    assert choose_parent({1: 0.9, 2: 0.6, 4: 0.2}, HAPPENING_OF, both((4, 2, 0.6))) == (10, 0.9)
