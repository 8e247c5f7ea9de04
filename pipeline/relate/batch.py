"""Relating a batch of tagged takes: to the stories that are indexed, and to each other.

features of the batch -> one candidate request each, and the nearest of the batch itself -> features of the candidates
    -> score -> the best become links, whichever of the two is later
takes that share signature bands -> compare the texts -> copies
neighbours of the same days -> happenings (``happenings.assignment``); threads follow from links and happenings, in the
    store
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np

from pipeline.models import CopyEdge, Link, Relations, StoredTake, StoryOutline
from pipeline.ports import SearchIndex, Store
from pipeline.relate.blas import one_blas_thread
from pipeline.relate.copies import copy_similarity
from pipeline.relate.happenings.assignment import HappeningAssigner
from pipeline.relate.ranking.candidate_query import candidate_query
from pipeline.relate.ranking.explain import Explainer, Explanation
from pipeline.relate.ranking.feature_cache import FeatureCache
from pipeline.relate.ranking.features import StoryFeatures, is_later
from pipeline.relate.ranking.list_features import likeness
from pipeline.relate.ranking.score import ScoredCandidate, score
from pipeline.relate.ranking.weight_selection import weights_for
from pipeline.relate.ranking.weights import Weights

FROM_INDEX = 40  # candidates per story, from the engine ...
FROM_BATCH = 20  # ... and from its own batch: links need the nearest only
MAX_LINKS = 16
LEAST_SCORE = 0.2
COPY_WINDOW = timedelta(days=7)


class BatchRelater:
    """Relates batches; keeps features from one batch to the next."""

    def __init__(self, store: Store, index: SearchIndex, fitted: Weights | None = None) -> None:
        """Prepare to relate.

        Args:
            store: Where stories are read.
            index: Where candidates are found.
            fitted: Ranking weights instead of the shipped ones.
        """
        self._store = store
        self._index = index
        self._fitted = fitted
        self._cache = FeatureCache(store)
        self._assigner = HappeningAssigner(store, index)

    def relate(self, version_ids: Sequence[int]) -> list[Relations]:
        """Return the relations of each take. A take that nobody may see yet, or any more, has none."""
        with one_blas_thread():
            takes = self._store.stories.takes(version_ids)
            batch = list(self._cache.features(take.lineage for take in takes).values())
            links = self._links(batch)
            assignments = self._assigner.assign(batch)
        copies = self._copies(takes)
        return [
            Relations(
                lineage=take.lineage,
                version_id=take.version_id,
                links=links.get(take.lineage, ()),
                copies=copies.get(take.version_id, ()),
                assignments=tuple(assignments.get(take.lineage, ())),
            )
            for take in takes
        ]

    def _links(self, batch: Sequence[StoryFeatures]) -> Mapping[int, tuple[Link, ...]]:
        """Return the links of each story of the batch, by lineage."""
        candidates = self._candidates(batch)
        self._cache.preload({lineage for lineages in candidates for lineage in lineages}, batch)
        links = {}
        for story, lineages in zip(batch, candidates, strict=True):
            matrix = self._cache.matrix(lineages, story.vector)
            best = score(story, matrix, weights_for(story, self._fitted))[:MAX_LINKS]
            links[story.lineage] = self._explained(story, [scored for scored in best if scored.score >= LEAST_SCORE])
        return links

    def _candidates(self, batch: Sequence[StoryFeatures]) -> list[list[int]]:
        """Return for each story the lineages that it is compared with: the index's candidates, then the batch's."""
        answers = self._index.candidates([candidate_query(story, limit=FROM_INDEX) for story in batch])
        candidates = []
        for story, answer, near in zip(batch, answers, nearest_in_batch(batch, FROM_BATCH), strict=True):
            lineages = dict.fromkeys([*(candidate.lineage for candidate in answer), *(other.lineage for other in near)])
            lineages.pop(story.lineage, None)
            candidates.append(list(lineages))
        return candidates

    def _explained(self, story: StoryFeatures, best: Sequence[ScoredCandidate]) -> tuple[Link, ...]:
        """Return the links to these candidates, with their reasons."""
        wanted = {scored.lineage for scored in best} | {scored.between for scored in best if scored.between}
        outlines = {outline.lineage: outline for outline in self._store.relations.outlines(sorted(wanted))}
        entities = {entity.entity_id for outline in outlines.values() for entity in outline.enrichment.entities}
        rarities = self._cache.rarities(entities)
        explainer = Explainer(story, from_earlier=True)
        links = []
        for scored in best:
            other, between = outlines.get(scored.lineage), outlines.get(scored.between or 0)
            if other is not None:
                explanation = explainer.explain(scored, other, between, rarities)
                links.append(_link(story, other, scored.score, explanation))
        return tuple(links)

    def _copies(self, takes: Sequence[StoredTake]) -> Mapping[int, tuple[CopyEdge, ...]]:
        """Return the copies of each take, by version id."""
        candidates = self._store.relations.copy_candidates([take.version_id for take in takes], COPY_WINDOW)
        edges: dict[int, tuple[CopyEdge, ...]] = {}
        for take in takes:
            similar = ((other, copy_similarity(take, other)) for other in candidates[take.version_id])
            edges[take.version_id] = tuple(
                CopyEdge(take.version_id, other.version_id, similarity)
                for other, similarity in similar
                if similarity is not None
            )
        return edges


def _link(story: StoryFeatures, other: StoryOutline, score: float, explanation: Explanation) -> Link:
    earlier, later = (other.lineage, story.lineage) if is_later(story, other) else (story.lineage, other.lineage)
    return Link(earlier=earlier, later=later, score=score, reasons=explanation.reasons, new=explanation.new)


def nearest_in_batch(batch: Sequence[StoryFeatures], count: int) -> list[list[StoryFeatures]]:
    """Return for each story of a batch the others that are most alike by a rough measure, at most ``count``."""
    if len(batch) < 2:
        return [[] for _ in batch]
    alike = likeness(batch)
    best = np.argsort(-alike, axis=1, kind="stable")[:, : min(count, len(batch) - 1)]
    return [[batch[number] for number in numbers if alike[row, number] > 0] for row, numbers in enumerate(best)]
