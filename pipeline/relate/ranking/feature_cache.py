"""Features of stories as they are needed: read from the store in batches, kept while the corpus hardly changes.

The store's change token says, at next to no cost, whether anything was committed since. While it stays the same,
nothing is read twice.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import islice
from string import ascii_uppercase

import numpy as np

from pipeline.models import CorpusCounts, StoryOutline, StorySketch
from pipeline.ports import Store
from pipeline.relate.arrays import Floats, Ints
from pipeline.relate.ranking.features import StoryFeatures, rarity, story_features
from pipeline.relate.ranking.matrix_cache import MAX_STORIES, StoryMatrixCache
from pipeline.relate.ranking.nations import entity_id, load_nations
from pipeline.relate.ranking.story_matrix import StoryMatrix
from pipeline.shared_formats.sketch import entity_key

GROWTH = 1.1  # features are made anew when the corpus has grown by this factor since: rarities have changed

_MAX_FEATURES = 20_000  # stories whose features are kept, at about 6 KB each
_PRELOAD_BATCH = 5_000  # stories read ahead at a time


class FeatureCache:
    """Features by lineage. Not safe for several threads: each stage has a cache of its own.

    Two forms are kept: ``StoryFeatures`` of the stories that something is asked about, with all their labels, and rows
    of a ``StoryMatrixCache`` of the many that they are compared with.
    """

    def __init__(self, store: Store) -> None:
        """Start empty; everything is read from ``store``."""
        self._store = store
        self._relations = store.relations
        self._nations = load_nations()
        self._features: OrderedDict[int, StoryFeatures] = OrderedDict()
        self._documents = 0
        self._change_token = ""
        self._rarities: dict[int, float] = {}
        self._matrix_cache: StoryMatrixCache | None = None
        self._preloaded = False
        self._nation_counts: dict[str, int] | None = None
        self._checked: set[int] = set()  # in the matrix cache, or known to have no features, at this change token

    def features(self, lineages: Iterable[int]) -> dict[int, StoryFeatures]:
        """Return the features of those among these lineages that are tagged and usable."""
        self._discard_outdated()
        outlines = {outline.lineage: outline for outline in self._relations.outlines(list(dict.fromkeys(lineages)))}
        stale = [outline for outline in outlines.values() if not self._is_cached(outline)]
        counts = self._corpus_counts(stale)
        for outline in stale:
            self._features[outline.lineage] = story_features(outline, counts, self._nations)
        features = {lineage: self._features[lineage] for lineage in outlines}
        self._drop_least_used(features)
        return features

    def matrix(self, lineages: Sequence[int], vector: Floats | None) -> StoryMatrix:
        """Return those among these lineages that are tagged and usable, in their order.

        Args:
            lineages: The stories.
            vector: Of the story that they will be compared with; vectors of another length count as unknown.
        """
        self._discard_outdated()
        return self._matrix_cache_with(lineages, None if vector is None else len(vector)).matrix(lineages)

    def preload(self, lineages: Collection[int], batch: Iterable[StoryFeatures]) -> None:
        """Read at once what will be compared with the stories of a batch, one after the other."""
        self._discard_outdated()
        width = next((len(story.vector) for story in batch if story.vector is not None), None)
        self._matrix_cache_with(lineages, width)

    def preload_all(self, vector: Floats | None) -> None:
        """Read all stories before they are asked for, if there is room: some 20 microseconds per story, once."""
        self._discard_outdated()
        if self._preloaded or self._documents > MAX_STORIES // 2:
            return
        self._preloaded = True
        lineages = self._store.stories.lineages()
        while batch := list(islice(lineages, _PRELOAD_BATCH)):
            self._matrix_cache_with(batch, None if vector is None else len(vector))

    def copy_group(self, lineage: int) -> int:
        """Return the story's copy group; -1 for none."""
        self._discard_outdated()
        return self._matrix_cache_with([lineage], None).copy_group(lineage)

    def happening(self, lineage: int) -> int:
        """Return the happening that the story is of; -1 for none."""
        self._discard_outdated()
        return self._matrix_cache_with([lineage], None).happening(lineage)

    def rarities(self, entity_ids: Collection[str]) -> dict[str, float]:
        """Return how rare entities are, 0..1, by id."""
        keys = np.array([entity_key(entity) for entity in entity_ids], dtype=np.int64)
        return dict(zip(entity_ids, self._rarities_of(keys).tolist(), strict=True))

    # ----------------------------------------------------------------------- staleness

    def _discard_outdated(self) -> None:
        """Drop what may have changed since the last look."""
        change_token = self._relations.change_token()
        if change_token == self._change_token:
            return
        self._change_token = change_token
        self._checked.clear()
        documents, _ = self._relations.frequencies(())
        if not self._documents / GROWTH <= documents <= self._documents * GROWTH:
            self._documents = documents
            self._features.clear()
            self._rarities.clear()
            self._matrix_cache = None
            self._preloaded = False
            self._nation_counts = None

    def _matrix_cache_with(self, lineages: Collection[int], width: int | None) -> StoryMatrixCache:
        """Return the matrix cache with these stories in it, as they are now.

        Args:
            lineages: The stories.
            width: Length of the vectors; None where vectors do not matter.
        """
        cache = self._matrix_cache
        if cache is None or (width is not None and cache.width != width):
            cache = StoryMatrixCache(width or 1, self._rarities_of, self._nations, self._nation_rarities())
            self._matrix_cache = cache
            self._checked.clear()
        if not self._checked.issuperset(lineages):
            self._update(cache, set(lineages) - self._checked)
        return cache

    def _update(self, cache: StoryMatrixCache, lineages: set[int]) -> None:
        """Read those of these stories that the cache lacks or holds an older tagging of."""
        known = [lineage for lineage in lineages if lineage in cache.slots]
        if known:
            current = {head.lineage for head in self._relations.heads(known) if cache.is_current(head)}
            for lineage in known:
                if lineage not in current:
                    cache.remove(lineage)
        if not cache.add(self._read_missing(cache, lineages)):
            self._checked.clear()
            cache.add(self._read_missing(cache, lineages))
        self._checked |= lineages

    def _read_missing(self, cache: StoryMatrixCache, lineages: Iterable[int]) -> list[StorySketch]:
        return self._relations.sketches([lineage for lineage in lineages if lineage not in cache.slots])

    def _is_cached(self, outline: StoryOutline) -> bool:
        features = self._features.get(outline.lineage)
        return features is not None and (features.outline is outline or features.outline == outline)

    def _drop_least_used(self, used: Iterable[int]) -> None:
        for lineage in used:
            self._features.move_to_end(lineage)
        while len(self._features) > _MAX_FEATURES:
            self._features.popitem(last=False)

    # ----------------------------------------------------------------------- rarity

    def _corpus_counts(self, outlines: Sequence[StoryOutline]) -> CorpusCounts:
        """Read the document frequencies of the labels of these stories, and of all nations."""
        if not outlines:
            return CorpusCounts(documents=self._documents, terms={}, entities={})
        enrichments = [outline.enrichment for outline in outlines]
        terms = {term for enrichment in enrichments for term in (*enrichment.terms, *enrichment.headline_terms)}
        entities = {entity.entity_id for enrichment in enrichments for entity in enrichment.entities}
        if self._nation_counts is None:
            self._nation_counts = self._relations.counts((), self._nations.entity_ids).entities
        counts = self._relations.counts(terms, entities)
        return replace(counts, entities=self._nation_counts | counts.entities)

    def _rarities_of(self, keys: Ints) -> Floats:
        """Return the rarities of labels by key; (m,) float32 of (m,)."""
        distinct, which = np.unique(keys, return_inverse=True)
        known, wanted = self._rarities, distinct.tolist()
        unknown = [key for key in wanted if key not in known]
        if unknown:
            documents, counts = self._relations.frequencies(unknown)
            known.update((key, rarity(counts.get(key, 0), documents)) for key in unknown)
        rarities: Floats = np.array([known[key] for key in wanted], dtype=np.float32)[which]
        return rarities

    def _nation_rarities(self) -> dict[str, float]:
        """Return nation code -> rarity; nations that the corpus has no count for are left out."""
        codes = (first + second for first in ascii_uppercase for second in ascii_uppercase)
        keys = {entity_key(entity_id(code)): code for code in codes}
        documents, counts = self._relations.frequencies(keys)
        return {code: rarity(counts[key], documents) for key, code in keys.items() if key in counts}
