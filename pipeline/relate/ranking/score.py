"""The score of a follow-up, and what each kind of evidence adds to it. Pure: the same for both engines.

The score is a logistic function of weighted features. Its gain over a candidate of average features is shared among the
features in proportion to their weighted differences from that average (the Aumann-Shapley value of a function of a sum:
Aumann & Shapley, 1974), so that the parts add up to the score.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt

from pipeline.relate.ranking.comparison import FEATURES, USUAL, Choice, Comparison, compare
from pipeline.relate.ranking.features import StoryFeatures
from pipeline.relate.ranking.story_matrix import Packed, Places
from pipeline.relate.ranking.weights import Weights

_STEEP = 1e-6  # below this the share is the slope itself
_KINDS = {
    "term": "terms rare_terms cover share rarest second_rarest terms_log lead lead_cover length",
    "entity": "entities entity_cover rarest_entity",
    "place": "nations nations_differ nations_unknown rarest_nation terms_nations vector_nations",
    "wording": "vector vector_log",
    "step": "event event_differs",
    "time": "lag near",
    "thread": "kin kin_near chain chains neighbours crowd rivals rivals_before burst",
}
KINDS = tuple(_KINDS)
_STEP = KINDS.index("step")
_COLUMNS = np.array([[name in names.split() for names in _KINDS.values()] for name in FEATURES], dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """One candidate. score: 0..1, near the share of such candidates that are follow-ups.

    prior: what a candidate of average features would score; prior and parts (kind -> part) add up to the score.
    terms, entities, nations: positions of the shared labels in the story's own bags. between: the candidate by way of
    which this one is nearer to the story than by itself. same_event: whether it tells of the story's own event.
    """

    lineage: int
    score: float
    prior: float
    parts: Mapping[str, float]
    terms: Places
    entities: Places
    nations: Places
    between: int | None
    same_event: bool


class Ranked(Sequence[Scored]):
    """Candidates best first, equal scores in order of lineage; each is told in full only when it is asked for.

    lineages, groups: in the same order; a group of -1 is none.
    """

    def __init__(self, compared: Comparison, weights: Weights, accounts: Collection[int]) -> None:
        self._compared = compared
        pulls = (compared.rows - weights.means).astype(np.float64) * weights.weights
        totals = pulls.sum(axis=1)
        self._prior = float(_logistic(np.float64(weights.bias)))
        self._scores = _logistic(weights.bias + totals)
        steep = np.abs(totals) > _STEEP
        slopes = np.where(
            steep, (self._scores - self._prior) / np.where(steep, totals, 1.0), self._prior * (1 - self._prior)
        )
        self._parts = (pulls @ _COLUMNS) * slopes[:, None]
        self._same = np.isin(compared.candidates.lineages, list(accounts))
        taken = np.where(self._same, (1 - weights.same_event) * self._scores, 0.0)
        self._scores -= taken
        self._parts[:, _STEP] -= taken
        rows = np.arange(len(totals) + 1)
        self._starts = [np.searchsorted(found[:, 0], rows).tolist() for found in self._shared()]
        order = np.lexsort((compared.candidates.lineages, -self._scores))
        self._order: list[int] = order.tolist()
        self.lineages: list[int] = compared.candidates.lineages[order].tolist()
        self.groups: list[int] = compared.candidates.groups[order].tolist()

    def _shared(self) -> tuple[Places, Places, Places]:
        return self._compared.terms, self._compared.entities, self._compared.nations

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, place: int) -> Scored: ...
    @overload
    def __getitem__(self, place: slice) -> list[Scored]: ...
    def __getitem__(self, place: int | slice) -> Scored | list[Scored]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        row = self._order[place]
        terms, entities, nations = (
            found[starts[row] : starts[row + 1], 1] for found, starts in zip(self._shared(), self._starts, strict=True)
        )
        between = int(self._compared.between[row])
        return Scored(
            lineage=self.lineages[place],
            score=float(self._scores[row]),
            prior=self._prior,
            parts=dict(zip(KINDS, self._parts[row].tolist(), strict=True)),
            terms=terms,
            entities=entities,
            nations=nations,
            between=int(self._compared.candidates.lineages[between]) if between >= 0 else None,
            same_event=bool(self._same[row]),
        )


def score(
    query: StoryFeatures,
    candidates: Packed,
    weights: Weights,
    accounts: Collection[int] = (),
    choice: Choice = USUAL,
) -> Ranked:
    """The candidates chosen, best first. accounts: lineages that tell of the story's own event."""
    return Ranked(compare(query, candidates, choice), weights, accounts)


def _logistic(value: npt.NDArray[np.float64] | np.float64) -> npt.NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-np.asarray(value, dtype=np.float64)))
