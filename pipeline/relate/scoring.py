"""The score of a follow-up, and what each kind of evidence adds to it. Pure: the same for both engines.

The score is a logistic function of weighted features. Its gain over a candidate of average features is shared among the
features in proportion to their weighted differences from that average (the Aumann-Shapley value of a function of a sum:
Aumann & Shapley, 1974), so that the parts add up to the score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.relate.comparison import DEPTH, FEATURES, compare
from pipeline.relate.features import StoryFeatures
from pipeline.relate.weights import Weights

_STEEP = 1e-6  # below this the share is the slope itself
_KINDS = {
    "term": "terms rare_terms cover share rarest second_rarest terms_log length",
    "entity": "entities entity_cover rarest_entity",
    "place": "nations nations_differ nations_unknown rarest_nation terms_nations vector_nations",
    "wording": "vector vector_log",
    "step": "event event_differs",
    "time": "lag near",
    "thread": "kin kin_near chain chains neighbours crowd rivals rivals_before burst",
}
KINDS = tuple(_KINDS)
_COLUMNS = np.array([[name in names.split() for names in _KINDS.values()] for name in FEATURES], dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """One candidate. score: 0..1, near the share of such candidates that are follow-ups.

    prior: what a candidate of average features would score; prior and parts (kind -> part) add up to the score.
    terms, entities, nations: positions of the shared labels in the story's own bags. between: the candidate by way of
    which this one is nearer to the story than by itself.
    """

    story: StoryFeatures
    score: float
    prior: float
    parts: Mapping[str, float]
    terms: npt.NDArray[np.intp]
    entities: npt.NDArray[np.intp]
    nations: npt.NDArray[np.intp]
    between: StoryFeatures | None


def score(
    query: StoryFeatures, candidates: Sequence[StoryFeatures], weights: Weights, most: int = DEPTH
) -> list[Scored]:
    """The best candidates, at most ``most``, best first; equal scores in order of lineage."""
    compared = compare(query, candidates)
    pulls = (compared.rows - weights.means).astype(np.float64) * weights.weights
    totals = pulls.sum(axis=1)
    prior = float(_logistic(np.float64(weights.bias)))
    scores = _logistic(weights.bias + totals)
    slopes = np.where(
        np.abs(totals) > _STEEP,
        (scores - prior) / np.where(np.abs(totals) > _STEEP, totals, 1.0),
        prior * (1 - prior),
    )
    parts = (pulls @ _COLUMNS) * slopes[:, None]
    terms, entities, nations = (
        _by_row(found, len(scores)) for found in (compared.terms, compared.entities, compared.nations)
    )
    order = sorted(range(len(scores)), key=lambda row: (-scores[row], compared.candidates[row].lineage))
    return [
        Scored(
            story=compared.candidates[row],
            score=float(scores[row]),
            prior=prior,
            parts=dict(zip(KINDS, parts[row].tolist(), strict=True)),
            terms=terms[row],
            entities=entities[row],
            nations=nations[row],
            between=compared.candidates[between] if (between := int(compared.between[row])) >= 0 else None,
        )
        for row in order[:most]
    ]


def _by_row(found: npt.NDArray[np.intp], rows: int) -> list[npt.NDArray[np.intp]]:
    starts = np.searchsorted(found[:, 0], np.arange(rows + 1)).tolist()
    return [found[start:stop, 1] for start, stop in pairwise(starts)]


def _logistic(value: npt.NDArray[np.float64] | np.float64) -> npt.NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-np.asarray(value, dtype=np.float64)))
