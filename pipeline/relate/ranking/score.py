"""The score of a follow-up, and what each kind of evidence adds to it. Pure: the same for both engines.

The score is a logistic function of weighted features. Its gain over a candidate of average features is shared among the
features in proportion to their weighted differences from that average (the Aumann-Shapley value of a function of a sum:
Aumann & Shapley, 1974), so that the parts add up to the score.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from pipeline.relate.arrays import Doubles, Indices
from pipeline.relate.ranking.compare import DEFAULT_SELECTION, FEATURES, CandidateSelection, Comparison, compare
from pipeline.relate.ranking.features import StoryFeatures
from pipeline.relate.ranking.story_matrix import StoryMatrix
from pipeline.relate.ranking.weights import Weights

_LEAST_TOTAL = 1e-6  # below this the share of a feature is the slope itself
_FEATURES_BY_KIND = {
    "term": "terms rare_terms cover share rarest second_rarest terms_log lead lead_cover length",
    "entity": "entities entity_cover rarest_entity",
    "place": "nations nations_differ nations_unknown rarest_nation terms_nations vector_nations",
    "wording": "vector vector_log",
    "step": "event event_differs",
    "time": "lag near",
    "thread": "kin kin_near chain chains neighbours crowd rivals rivals_before burst",
}
KINDS = tuple(_FEATURES_BY_KIND)
_STEP = KINDS.index("step")
_KIND_OF_FEATURE = np.array(
    [[name in names.split() for names in _FEATURES_BY_KIND.values()] for name in FEATURES], dtype=np.float64
)  # (features, kinds), 1 where the feature is of the kind


@dataclass(frozen=True, slots=True, eq=False)
class ScoredCandidate:
    """One candidate with its score.

    Attributes:
        lineage: The candidate.
        score: 0..1, near the share of such candidates that are follow-ups.
        prior: What a candidate of average features would score.
        parts: Kind of evidence -> its part. Prior and parts add up to the score.
        terms: Positions of the shared terms in the story's own bag.
        entities: Likewise of the shared entities.
        nations: Likewise of the shared nations.
        between: The candidate by way of which this one is nearer to the story than by itself; None without one.
        same_event: Whether it reports the story's own event.
    """

    lineage: int
    score: float
    prior: float
    parts: Mapping[str, float]
    terms: Indices
    entities: Indices
    nations: Indices
    between: int | None
    same_event: bool


class Ranking(Sequence[ScoredCandidate]):
    """Candidates best first, equal scores in order of lineage. Details are made when a candidate is asked for.

    Attributes:
        lineages: Of the candidates, best first.
        copy_groups: In the same order; -1 for none.
    """

    def __init__(self, compared: Comparison, weights: Weights, same_event: Collection[int]) -> None:
        """Score the candidates.

        Args:
            compared: The story beside its candidates.
            weights: What each feature counts.
            same_event: Lineages that report the story's own event.
        """
        self._compared = compared
        pulls = (compared.rows - weights.means).astype(np.float64) * weights.weights
        totals = pulls.sum(axis=1)
        self._prior = float(_logistic(np.float64(weights.bias)))
        self._scores = _logistic(weights.bias + totals)
        far_from_average = np.abs(totals) > _LEAST_TOTAL
        slopes = np.where(
            far_from_average,
            (self._scores - self._prior) / np.where(far_from_average, totals, 1.0),
            self._prior * (1 - self._prior),
        )
        self._parts = (pulls @ _KIND_OF_FEATURE) * slopes[:, None]
        self._same_event = np.isin(compared.candidates.lineages, list(same_event))
        taken = np.where(self._same_event, (1 - weights.same_event) * self._scores, 0.0)
        self._scores -= taken
        self._parts[:, _STEP] -= taken
        rows = np.arange(len(totals) + 1)
        self._starts = [np.searchsorted(shared[:, 0], rows).tolist() for shared in self._shared_labels()]
        order = np.lexsort((compared.candidates.lineages, -self._scores))
        self._order: list[int] = order.tolist()
        self.lineages: list[int] = compared.candidates.lineages[order].tolist()
        self.copy_groups: list[int] = compared.candidates.copy_groups[order].tolist()

    def _shared_labels(self) -> tuple[Indices, Indices, Indices]:
        return self._compared.shared_terms, self._compared.shared_entities, self._compared.shared_nations

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, position: int) -> ScoredCandidate: ...
    @overload
    def __getitem__(self, position: slice) -> list[ScoredCandidate]: ...
    def __getitem__(self, position: int | slice) -> ScoredCandidate | list[ScoredCandidate]:
        if isinstance(position, slice):
            return [self[number] for number in range(*position.indices(len(self)))]
        row = self._order[position]
        terms, entities, nations = (
            shared[starts[row] : starts[row + 1], 1]
            for shared, starts in zip(self._shared_labels(), self._starts, strict=True)
        )
        between = int(self._compared.between[row])
        return ScoredCandidate(
            lineage=self.lineages[position],
            score=float(self._scores[row]),
            prior=self._prior,
            parts=dict(zip(KINDS, self._parts[row].tolist(), strict=True)),
            terms=terms,
            entities=entities,
            nations=nations,
            between=int(self._compared.candidates.lineages[between]) if between >= 0 else None,
            same_event=bool(self._same_event[row]),
        )


def score(
    query: StoryFeatures,
    candidates: StoryMatrix,
    weights: Weights,
    same_event: Collection[int] = (),
    selection: CandidateSelection = DEFAULT_SELECTION,
) -> Ranking:
    """Rank the candidates of a story.

    Args:
        query: The story.
        candidates: All that may be ranked.
        weights: What each feature counts.
        same_event: Lineages that report the story's own event.
        selection: Which candidates are compared.
    """
    return Ranking(compare(query, candidates, selection), weights, same_event)


def _logistic(value: Doubles | np.float64) -> Doubles:
    return 1.0 / (1.0 + np.exp(-np.asarray(value, dtype=np.float64)))
