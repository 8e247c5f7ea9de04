"""Which happening does a happening follow up? Pure: links between stories go in, the happening comes out.

Only earlier stories count, so that nothing that follows later changes the answer. A single link may be a mistake
(another country's order for the same missile): the other things that a happening goes back to must be tied to the one
that it follows, or its thread would drift from affair to affair.
"""

from collections.abc import Mapping

CLOSE = 0.4  # score of the best link between two happenings, to be one thread
SUPPORT = 0.3  # of what else a happening goes back to, how much must go back to the same


def followed(
    background: Mapping[int, float], happening_of: Mapping[int, int], between: Mapping[int, Mapping[int, float]]
) -> tuple[int, float] | None:
    """The happening that is followed up and the score of the best link to it, or None.

    background: earlier story -> best score of a link to it. happening_of: its happening. between: scores of the links
    among these stories, both ways. Of equal scores the older happening wins.
    """
    stories: dict[int, list[int]] = {}
    for story in background:
        stories.setdefault(happening_of[story], []).append(story)
    scores = {happening: max(background[story] for story in told) for happening, told in stories.items()}
    for happening, score in sorted(scores.items(), key=lambda found: (-found[1], found[0])):
        if score < CLOSE:
            return None
        if _support(happening, stories, scores, between) >= SUPPORT:
            return happening, score
    return None


def _support(
    happening: int,
    stories: Mapping[int, list[int]],
    scores: Mapping[int, float],
    between: Mapping[int, Mapping[int, float]],
) -> float:
    """The share of the other happenings' scores that is also found between them and this one; 1 without others."""
    shared = total = 0.0
    for other, score in scores.items():
        if other == happening:
            continue
        tie = max(
            (between.get(one, {}).get(two, 0.0) for one in stories[happening] for two in stories[other]), default=0.0
        )
        shared += min(score, tie)
        total += score
    return shared / total if total else 1.0
