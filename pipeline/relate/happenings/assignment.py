"""Assigning a batch of stories to happenings: which stories may report the same event, and what changes among those.

For each story the nearest of its days, from the index and from the batch -> the happenings that these are of, with all
their stories -> stories that are near each other make a neighbourhood -> its happenings are found anew
(``clustering``).

Only neighbourhoods are looked at, and these are bounded, so that a story costs the same however large the corpus is.
What was found earlier in a neighbourhood is found again unless the new stories say otherwise: the outcome hardly
depends on the order in which stories arrive.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from pipeline.models import CandidateQuery, HappeningAssignment
from pipeline.ports import SearchIndex, Store
from pipeline.relate.happenings.clustering import cluster_happenings
from pipeline.relate.happenings.evidence import HappeningEvidence, pairwise_cosines
from pipeline.relate.happenings.evidence_cache import EvidenceCache
from pipeline.relate.happenings.likeness import WINDOW, nearness
from pipeline.relate.happenings.neighbourhoods import Neighbour, Neighbourhood, neighbourhoods
from pipeline.relate.ranking.candidate_query import candidate_query
from pipeline.relate.ranking.features import StoryFeatures

FROM_INDEX = 30  # stories of the same days, from the engine ...
FROM_BATCH = 20  # ... and from the batch
FOUNDERS = 40  # stories of a happening, the first, that new ones are compared with: later ones cannot make it drift
CACHED_EVIDENCE = 15_000  # stories: a batch of 500 stories of busy days has that many neighbours


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """A batch with what is known around it.

    Attributes:
        batch: Lineages of the batch.
        known: Lineage -> its happening, of the batch and of all stories near it.
        members: Happening -> its first stories, one more than FOUNDERS where it has more.
        neighbourhoods: What is looked at together.
    """

    batch: Sequence[int]
    known: Mapping[int, int]
    members: Mapping[int, Sequence[int]]
    neighbourhoods: Sequence[Neighbourhood]

    def founders(self, happening: int) -> Sequence[int]:
        """Return the stories of a happening that others are compared with."""
        return self.members[happening][:FOUNDERS]

    def lineages(self) -> list[int]:
        """Return all stories of all neighbourhoods, ascending."""
        unassigned = {lineage for near in self.neighbourhoods for lineage in near.lineages}
        assigned = {
            lineage
            for near in self.neighbourhoods
            for happening in near.happenings
            for lineage in self.founders(happening)
        }
        return sorted(unassigned | assigned)

    def of_batch(self, near: Neighbourhood) -> list[int]:
        """Return the stories of the batch that are part of a neighbourhood."""
        unassigned, happenings = set(near.lineages), set(near.happenings)
        return [lineage for lineage in self.batch if lineage in unassigned or self.known.get(lineage) in happenings]


class HappeningAssigner:
    """Finds the happenings around new stories; keeps evidence from one batch to the next."""

    def __init__(self, store: Store, index: SearchIndex) -> None:
        """Read stories from ``store``, and ask ``index`` which are near."""
        self._store = store
        self._index = index
        self._cache = EvidenceCache(store, CACHED_EVIDENCE)

    def assign(self, batch: Sequence[StoryFeatures]) -> dict[int, list[HappeningAssignment]]:
        """Return the happenings that are new or changed by these stories, under each of the batch that takes part."""
        surroundings = self._surroundings(batch)
        lineages = surroundings.lineages()
        evidence = self._cache.evidence(lineages)
        any_rulings = bool(self._store.threads.rulings_between(lineages))
        assignments: dict[int, list[HappeningAssignment]] = {}
        for near in surroundings.neighbourhoods:
            of_batch = surroundings.of_batch(near)
            for changed in self._changed_in(near, surroundings, evidence, any_rulings):
                for lineage in [lineage for lineage in of_batch if lineage in changed.lineages] or of_batch:
                    assignments.setdefault(lineage, []).append(changed)
        return assignments

    def _changed_in(
        self,
        near: Neighbourhood,
        surroundings: _Surroundings,
        evidence: Mapping[int, HappeningEvidence],
        any_rulings: bool,
    ) -> list[HappeningAssignment]:
        """Find the happenings of one neighbourhood anew; those that change."""
        known = {lineage: happening for happening in near.happenings for lineage in surroundings.founders(happening)}
        partial = [happening for happening in near.happenings if len(surroundings.members[happening]) > FOUNDERS]
        stories = [evidence[lineage] for lineage in dict.fromkeys([*near.lineages, *known]) if lineage in evidence]
        lineages = [story.lineage for story in stories]
        rulings = self._store.threads.rulings_between(lineages) if any_rulings else []
        return cluster_happenings(stories, known, rulings, partial)

    def _surroundings(self, batch: Sequence[StoryFeatures]) -> _Surroundings:
        neighbours = self._neighbours(batch)
        lineages = [story.lineage for story in batch]
        known = self._store.threads.happenings({*lineages, *(other for _, _, other in neighbours)})
        members = self._store.threads.members(set(known.values()), FOUNDERS + 1)
        sizes = {happening: min(len(stories), FOUNDERS) for happening, stories in members.items()}
        return _Surroundings(lineages, known, members, neighbourhoods(lineages, neighbours, known, sizes))

    def _neighbours(self, batch: Sequence[StoryFeatures]) -> list[Neighbour]:
        """Find the stories of the same days that are near to each of the batch, in the index and in the batch."""
        answers = self._index.candidates([_same_days_query(story) for story in batch])
        candidates = [[candidate.lineage for candidate in answer] for answer in answers]
        evidence = self._cache.evidence(
            [*(story.lineage for story in batch), *(lineage for answer in candidates for lineage in answer)]
        )
        in_batch = _nearest_in_batch([evidence[story.lineage] for story in batch if story.lineage in evidence])
        neighbours: list[Neighbour] = []
        for story, answer in zip(batch, candidates, strict=True):
            own = evidence.get(story.lineage)
            lineages = dict.fromkeys([*answer, *in_batch.get(story.lineage, ())])
            others = [evidence[lineage] for lineage in lineages if lineage in evidence and lineage != story.lineage]
            if own is not None and others:
                neighbours += _near_pairs(own, others)
        return neighbours


def _near_pairs(own: HappeningEvidence, others: Sequence[HappeningEvidence]) -> Iterable[Neighbour]:
    for near, other in zip(nearness(own, others), others, strict=True):
        if near > 0:
            yield near, own.lineage, other.lineage


def _same_days_query(story: StoryFeatures) -> CandidateQuery:
    published, window = story.outline.published_at, timedelta(days=WINDOW)
    if published is None:
        return candidate_query(story, FROM_INDEX)
    return candidate_query(story, FROM_INDEX, after=published - window, before=published + window)


def _nearest_in_batch(evidence: Sequence[HappeningEvidence]) -> dict[int, list[int]]:
    """Return for each story the others of the batch with which it shares most words, by lineage."""
    if len(evidence) < 2:
        return {}
    shared = pairwise_cosines([story.terms for story in evidence])
    np.fill_diagonal(shared, 0)
    best = np.argsort(-shared, axis=1, kind="stable")[:, :FROM_BATCH]
    return {
        story.lineage: [evidence[number].lineage for number in numbers if shared[row, number] > 0]
        for row, (story, numbers) in enumerate(zip(evidence, best.tolist(), strict=True))
    }
