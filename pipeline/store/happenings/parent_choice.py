"""Which happening does a happening follow up? Pure: links between stories go in, the happening comes out.

Only earlier stories count, so that nothing that follows later changes the answer. A single link may be a mistake
(another country's order for the same missile): the other happenings that a happening goes back to must be tied to the
one that it follows, or its thread would drift from affair to affair.
"""

from collections.abc import Mapping
from typing import NamedTuple

# Both were chosen on the project's own development stories.
CLOSE = 0.4  # score of the best link between two happenings, to be one thread
SUPPORT = 0.3  # share of the other happenings that a happening goes back to, which must be tied to its parent


class Parent(NamedTuple):
    """The happening that is followed up, and the score of the best link to it."""

    happening: int
    score: float


def choose_parent(
    background: Mapping[int, float], happening_of: Mapping[int, int], ties: Mapping[int, Mapping[int, float]]
) -> Parent | None:
    """Choose the happening that a happening follows up; None if it begins a thread.

    Args:
        background: Earlier story -> best score of a link from it to the happening.
        happening_of: Earlier story -> its happening.
        ties: Scores of the links among the earlier stories, both ways.

    Returns:
        The happening with the best link that has support. Of equal scores the older happening wins.
    """
    stories: dict[int, list[int]] = {}
    for story in background:
        stories.setdefault(happening_of[story], []).append(story)
    scores = {happening: max(background[story] for story in members) for happening, members in stories.items()}
    for happening, score in sorted(scores.items(), key=lambda scored: (-scored[1], scored[0])):
        if score < CLOSE:
            return None
        if _support(happening, stories, scores, ties) >= SUPPORT:
            return Parent(happening, score)
    return None


def _support(
    happening: int,
    stories: Mapping[int, list[int]],
    scores: Mapping[int, float],
    ties: Mapping[int, Mapping[int, float]],
) -> float:
    """The share of the other happenings' scores that is also found between them and this one; 1 without others."""
    shared = total = 0.0
    for other, score in scores.items():
        if other == happening:
            continue
        best_tie = max(
            (ties.get(own, {}).get(story, 0.0) for own in stories[happening] for story in stories[other]), default=0.0
        )
        shared += min(score, best_tie)
        total += score
    return shared / total if total else 1.0
