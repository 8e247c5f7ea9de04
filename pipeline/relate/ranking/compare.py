"""A story beside its candidates: whom to compare it with, and all features as one row of numbers per candidate."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from pipeline.relate.arrays import Floats, Indices
from pipeline.relate.ranking.features import StoryFeatures
from pipeline.relate.ranking.list_features import LIST_FEATURES, list_features
from pipeline.relate.ranking.pair_features import PAIR_FEATURES, pair_features, rough_likeness
from pipeline.relate.ranking.story_matrix import StoryMatrix

DEPTH = 100  # candidates that are compared with each other, unless more are asked for
FEATURES = PAIR_FEATURES + LIST_FEATURES


@dataclass(frozen=True, slots=True)
class CandidateSelection:
    """Which candidates are compared.

    Attributes:
        depth: At most so many of them: those most alike by a rough measure.
        one_per_copy_group: Whether only one story of each copy group is compared: the most alike.
        preferred: Lineages that stand for their copy group before others do.
    """

    depth: int = DEPTH
    one_per_copy_group: bool = False
    preferred: Collection[int] = ()


DEFAULT_SELECTION = CandidateSelection()


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One story beside the n candidates that it was compared with.

    Attributes:
        candidates: Those compared, in their given order.
        rows: One row per candidate, one column per name of FEATURES; (n, 34) float32.
        shared_terms: (row, position in the story's own bag) of each shared term, row by row; (k, 2) intp.
        shared_entities: Likewise of each shared entity.
        shared_nations: Likewise of each shared nation.
        between: For each row the row of the candidate that links it best to the story, -1 without one; (n,) intp.
    """

    candidates: StoryMatrix
    rows: Floats
    shared_terms: Indices
    shared_entities: Indices
    shared_nations: Indices
    between: Indices


def compare(
    query: StoryFeatures, candidates: StoryMatrix, selection: CandidateSelection = DEFAULT_SELECTION
) -> Comparison:
    """Compare a story with its candidates.

    Args:
        query: The story.
        candidates: All that may be compared.
        selection: Which of them are.
    """
    pairs = pair_features(query, candidates)
    if selection.one_per_copy_group or len(candidates) > selection.depth:
        kept = _select(candidates, rough_likeness(pairs.columns) * pairs.columns["near"], selection)
        candidates = candidates.select(kept)
        pairs = pairs.select(kept)
    of_list, between = list_features(candidates, pairs.columns)
    columns = {**pairs.columns, **of_list}
    return Comparison(
        candidates=candidates,
        rows=np.stack([columns[name] for name in FEATURES], axis=1),
        shared_terms=pairs.shared_terms,
        shared_entities=pairs.shared_entities,
        shared_nations=pairs.shared_nations,
        between=between,
    )


def _select(candidates: StoryMatrix, alike: Floats, selection: CandidateSelection) -> Indices:
    """Return the rows that are compared, ascending.

    Args:
        candidates: All n of them.
        alike: How near each is to the story; (n,).
        selection: How many are wanted.
    """
    best = np.lexsort((candidates.lineages, -alike))
    if selection.one_per_copy_group:
        not_preferred = ~np.isin(candidates.lineages[best], list(selection.preferred))
        groups = candidates.copy_groups[best]
        by_group = np.lexsort((not_preferred, groups))
        first_of_group = np.zeros(len(best), dtype=np.bool_)
        first_of_group[by_group[np.flatnonzero(np.diff(groups[by_group], prepend=-2))]] = True
        best = best[first_of_group | (groups < 0)]
    return np.sort(best[: selection.depth])
