"""What the candidates of a story say of each other: features of the whole list.

A follow-up of a follow-up counts by way of the story between (pseudo-relevance feedback, Rocchio 1971). A candidate
with many closer relatives than the story counts less. Days on which much that is related was published count more.
"""

from collections.abc import Sequence

import numpy as np

from pipeline.relate.arrays import Floats, Indices
from pipeline.relate.ranking.features import StoryFeatures
from pipeline.relate.ranking.pair_features import rough_likeness
from pipeline.relate.ranking.story_matrix import StoryMatrix, build_matrix, group_ids, ranges

LIST_FEATURES = (
    "kin", "kin_near", "chain", "chains", "neighbours", "crowd", "rivals", "rivals_before", "burst",
)  # fmt: skip

# Chosen on the project's own development stories.
_TOP_TERMS = 32  # terms per candidate that count between candidates
_FEEDBACK_STORIES = 8  # best candidates whose likeness counts as the story's own
_BURST_DAYS = 4.0  # over which a burst of stories fades to 1/e


def list_features(candidates: StoryMatrix, columns: dict[str, Floats]) -> tuple[dict[str, Floats], Indices]:
    """Calculate the features of n candidates as a list.

    Args:
        candidates: The candidates.
        columns: Their pair features by name.

    Returns:
        Name of LIST_FEATURES -> values, (n,) float32 each; and for each candidate the row of the one that links it
        best to the story, -1 without one, (n,) intp.
    """
    if not len(candidates):
        return {name: np.zeros(0, np.float32) for name in LIST_FEATURES}, np.zeros(0, np.intp)
    own, lag = rough_likeness(columns), np.exp(columns["lag"])
    alike = matrix_likeness(candidates)
    near = own * columns["near"]
    best = np.argsort(-near, kind="stable")[:_FEEDBACK_STORIES]
    trust = near[best] ** 2 + 1e-9
    before = lag[None, :] < lag[:, None]
    paths = np.sqrt(np.maximum(alike * own[None, :], 0))
    links_before = np.where(before, np.minimum(alike, own[None, :]), 0)
    bursts = np.exp(np.abs(lag[:, None] - lag[None, :]) / np.float32(-_BURST_DAYS)) @ own**2 - own**2
    like_the_best = (alike[:, best] * trust).sum(axis=1) / trust.sum()
    rivals = alike > own[:, None]
    features = {
        "kin": like_the_best,
        "kin_near": like_the_best * columns["near"],
        "chain": links_before.max(axis=1),
        "chains": _mean_of_largest(np.where(before, paths, 0), 3),
        "neighbours": _mean_of_largest(paths, 5),
        "crowd": _mean_of_largest(alike, 5),
        "rivals": np.log1p(rivals.sum(axis=1)),
        "rivals_before": np.log1p((rivals & before).sum(axis=1)),
        "burst": np.log(0.01 + np.maximum(bursts, 0)),
    }
    between = np.where(links_before.max(axis=1) > own, links_before.argmax(axis=1), -1)
    return {name: values.astype(np.float32) for name, values in features.items()}, between


def _mean_of_largest(values: Floats, count: int) -> Floats:
    """Return the mean of the ``count`` largest values of each row; (n,) of (n, k)."""
    count = min(count, values.shape[1])
    means: Floats = np.partition(values, -count, axis=1)[:, -count:].mean(axis=1, dtype=np.float32)
    return means


def likeness(stories: Sequence[StoryFeatures]) -> Floats:
    """Return the rough likeness, 0..1, of each story to each other, 0 to itself; (n, n) float32."""
    return matrix_likeness(build_matrix(stories))


def matrix_likeness(stories: StoryMatrix) -> Floats:
    """Return the same as ``likeness`` for the rows of a matrix; (n, n) float32."""
    terms = _dense_labels(stories, stories.starts, np.minimum(stories.term_counts, _TOP_TERMS))
    first_nations = stories.starts + stories.term_counts + stories.entity_counts
    nations = _dense_labels(stories, first_nations, stories.nation_counts)
    meaning = np.maximum(stories.vectors @ stories.vectors.T, 0)
    # Both kinds side by side, so that one product gives 0.5 times the terms' cosine plus 0.2 times the nations'.
    labels = np.concatenate([np.float32(0.5**0.5) * terms, np.float32(0.2**0.5) * nations], axis=1)
    alike: Floats = labels @ labels.T + np.float32(0.3) * meaning
    np.fill_diagonal(alike, 0)
    return alike


def _dense_labels(stories: StoryMatrix, starts: Indices, sizes: Indices) -> Floats:
    """Return some labels of n stories as rows of unit length, with a column for each label that two of them share.

    Args:
        stories: The stories.
        starts: Where the labels of each begin; (n,).
        sizes: How many they are; (n,).
    """
    rows, positions = ranges(starts, sizes)
    weights = stories.weights[positions]
    label_ids = group_ids(stories.keys[positions])
    times = np.bincount(label_ids, minlength=len(label_ids))
    column = np.cumsum(times > 1) - 1
    shared = times[label_ids] > 1
    matrix = np.zeros((len(stories), int((times > 1).sum())), dtype=np.float32)
    matrix[rows[shared], column[label_ids[shared]]] = weights[shared]
    lengths = np.sqrt(np.bincount(rows, weights=weights**2, minlength=len(stories))).astype(np.float32)
    matrix /= np.maximum(lengths, np.float32(1e-6))[:, None]
    return matrix
