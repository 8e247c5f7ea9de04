"""Relating a batch of tagged takes: to the stories that are indexed, and to each other.

features of the batch -> one candidate request each, and the nearest of the batch itself -> features of the candidates
    -> score -> the best become links, whichever of the two is later
takes that share signature bands -> compare the texts -> copies
relatives of the same days -> happenings (``gathering``); threads follow from links and happenings, in the store
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np

from pipeline.models import CopyEdge, Link, Relations, StoredTake, StoryOutline
from pipeline.ports import SearchIndex, Store
from pipeline.relate.copies import copy_similarity
from pipeline.relate.happenings.assignment import Gatherer
from pipeline.relate.ranking.candidates import candidate_query
from pipeline.relate.ranking.comparison import likeness
from pipeline.relate.ranking.explain import Explainer, Explanation
from pipeline.relate.ranking.feature_cache import FeatureDesk
from pipeline.relate.ranking.features import StoryFeatures, is_later
from pipeline.relate.ranking.score import Scored, score
from pipeline.relate.ranking.weight_selection import weights_for
from pipeline.relate.ranking.weights import Weights

FROM_INDEX = 40  # candidates a story, from the engine ...
FROM_BATCH = 20  # ... and from its own batch: links need the nearest only
LINKS = 16
LEAST_SCORE = 0.2
COPY_WINDOW = timedelta(days=7)


class Relater:
    """Relates batches; keeps features from one batch to the next."""

    def __init__(self, store: Store, index: SearchIndex, learned: Weights | None = None) -> None:
        self._store = store
        self._index = index
        self._learned = learned
        self._desk = FeatureDesk(store)
        self._gatherer = Gatherer(store, index)

    def relate(self, version_ids: Sequence[int]) -> list[Relations]:
        """One answer a take. Takes of stories that nobody may see yet, or any more, have no relations."""
        takes = self._store.stories.takes(version_ids)
        batch = list(self._desk.features(take.lineage for take in takes).values())
        links = self._links(batch)
        gathered = self._gatherer.gather(batch)
        copies = self._copies(takes)
        return [
            Relations(
                lineage=take.lineage,
                version_id=take.version_id,
                links=links.get(take.lineage, ()),
                copies=copies.get(take.version_id, ()),
                assignments=tuple(gathered.get(take.lineage, ())),
            )
            for take in takes
        ]

    def _links(self, batch: Sequence[StoryFeatures]) -> Mapping[int, tuple[Link, ...]]:
        requests = [candidate_query(one, limit=FROM_INDEX) for one in batch]
        found = [[candidate.lineage for candidate in answer] for answer in self._index.candidates(requests)]
        others = []
        for one, answer, mates in zip(batch, found, nearest(batch, FROM_BATCH), strict=True):
            near = dict.fromkeys([*answer, *(mate.lineage for mate in mates)])
            near.pop(one.lineage, None)
            others.append(list(near))
        self._desk.stock({lineage for some in others for lineage in some}, batch)
        links = {}
        for one, compared in zip(batch, others, strict=True):
            packed = self._desk.packed(compared, one.vector)
            scored = score(one, packed, weights_for(one, self._learned))[:LINKS]
            links[one.lineage] = self._explained(one, [each for each in scored if each.score >= LEAST_SCORE])
        return links

    def _explained(self, one: StoryFeatures, scored: Sequence[Scored]) -> tuple[Link, ...]:
        wanted = {each.lineage for each in scored} | {each.between for each in scored if each.between}
        outlines = {other.lineage: other for other in self._store.relations.outlines(sorted(wanted))}
        entities = {entity.entity_id for other in outlines.values() for entity in other.enrichment.entities}
        rarities = self._desk.rarities(entities)
        explainer = Explainer(one, from_earlier=True)
        links = []
        for each in scored:
            other, between = outlines.get(each.lineage), outlines.get(each.between or 0)
            if other is not None:
                links.append(_link(one, other, each.score, explainer.explain(each, other, between, rarities)))
        return tuple(links)

    def _copies(self, takes: Sequence[StoredTake]) -> Mapping[int, tuple[CopyEdge, ...]]:
        candidates = self._store.relations.copy_candidates([take.version_id for take in takes], COPY_WINDOW)
        edges: dict[int, tuple[CopyEdge, ...]] = {}
        for take in takes:
            similar = ((other, copy_similarity(take, other)) for other in candidates[take.version_id])
            edges[take.version_id] = tuple(
                CopyEdge(take.version_id, other.version_id, likeness)
                for other, likeness in similar
                if likeness is not None
            )
        return edges


def _link(one: StoryFeatures, other: StoryOutline, score: float, explained: Explanation) -> Link:
    earlier, later = (other.lineage, one.lineage) if is_later(one, other) else (one.lineage, other.lineage)
    return Link(
        earlier=earlier,
        later=later,
        score=score,
        reasons=explained.reasons,
        new=explained.new,
    )


def nearest(batch: Sequence[StoryFeatures], count: int) -> list[list[StoryFeatures]]:
    """For each story of a batch, those of it that are most alike by a rough measure; never itself."""
    if len(batch) < 2:
        return [[] for _ in batch]
    alike = likeness(batch)
    best = np.argsort(-alike, axis=1, kind="stable")[:, : min(count, len(batch) - 1)]
    return [[batch[place] for place in row if alike[number, place] > 0] for number, row in enumerate(best)]
