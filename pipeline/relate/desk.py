"""Features of stories as they are needed: read from the store in batches, kept while the corpus hardly changes."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from pipeline.models import CorpusCounts, StoryOutline
from pipeline.ports import Store
from pipeline.relate.features import StoryFeatures, story_features
from pipeline.relate.nations import load_nations

KEPT = 20_000  # stories, about 6 KB each
GROWTH = 1.1  # features are made anew when the corpus has grown by this factor since: rarities have changed


class FeatureDesk:
    """Features by lineage. Not safe for several threads: a stage has one of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._nations = load_nations()
        self._kept: OrderedDict[int, StoryFeatures] = OrderedDict()
        self._documents = 0

    def features(self, lineages: Iterable[int]) -> dict[int, StoryFeatures]:
        """Features of those among these lineages that are tagged and usable."""
        outlines = {one.lineage: one for one in self._store.relations.outlines(list(dict.fromkeys(lineages)))}
        self._forget_if_grown()
        stale = [one for one in outlines.values() if not self._is_kept(one)]
        counts = self._counts(stale)
        for one in stale:
            self._kept[one.lineage] = story_features(one, counts, self._nations)
        found = {lineage: self._kept[lineage] for lineage in outlines}
        self._drop_oldest(found)
        return found

    def _is_kept(self, outline: StoryOutline) -> bool:
        kept = self._kept.get(outline.lineage)
        return kept is not None and (kept.outline is outline or kept.outline == outline)

    def _forget_if_grown(self) -> None:
        documents = self._store.relations.counts((), ()).documents
        if documents > GROWTH * self._documents:
            self._kept.clear()
            self._documents = documents

    def _counts(self, outlines: Sequence[StoryOutline]) -> CorpusCounts:
        terms = {term for one in outlines for term in (*one.enrichment.terms, *one.enrichment.headline_terms)}
        entities = {entity.entity_id for one in outlines for entity in one.enrichment.entities}
        return self._store.relations.counts(terms, entities | self._nations.entity_ids)

    def _drop_oldest(self, used: Iterable[int]) -> None:
        for lineage in used:
            self._kept.move_to_end(lineage)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
