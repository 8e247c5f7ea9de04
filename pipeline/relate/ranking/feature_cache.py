"""Features of stories as they are needed: read from the store in batches, kept while the corpus hardly changes.

The store's mark says, at next to no cost, whether anything was committed since: while it stays, nothing is read twice.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice
from string import ascii_uppercase

import numpy as np
from threadpoolctl import ThreadpoolController

from pipeline.models import CorpusCounts, StoryOutline, StorySketch
from pipeline.ports import Store
from pipeline.relate.ranking.features import Floats, StoryFeatures, rarity, story_features
from pipeline.relate.ranking.matrix_cache import STORIES, Shelf
from pipeline.relate.ranking.nations import entity_id, load_nations
from pipeline.relate.ranking.story_matrix import Ints, Packed
from pipeline.shared_formats.sketch import entity_key

KEPT = 20_000  # stories with all that is told of them, about 6 KB each
GROWTH = 1.1  # features are made anew when the corpus has grown by this factor since: rarities have changed

_AT_ONCE = 5_000  # stories read ahead at a time


@cache
def _calculate_alone() -> None:
    """One thread for numpy's matrix products, in the whole process.

    Ours are small: threads that wait for each other on a busy machine make them a hundred times slower.
    """
    ThreadpoolController().select(user_api="blas").limit(limits=1)


class FeatureDesk:
    """Features by lineage. Not safe for several threads: a stage has one of its own."""

    def __init__(self, store: Store) -> None:
        _calculate_alone()
        self._store = store
        self._relations = store.relations
        self._nations = load_nations()
        self._kept: OrderedDict[int, StoryFeatures] = OrderedDict()
        self._documents = 0
        self._mark = ""
        self._rarities: dict[int, float] = {}
        self._shelf: Shelf | None = None
        self._stocked_up = False
        self._of_nations: dict[str, int] | None = None
        self._checked: set[int] = set()  # on the shelf or known to have no features, at this mark

    def features(self, lineages: Iterable[int]) -> dict[int, StoryFeatures]:
        """Features of those among these lineages that are tagged and usable."""
        self._look()
        outlines = {one.lineage: one for one in self._relations.outlines(list(dict.fromkeys(lineages)))}
        stale = [one for one in outlines.values() if not self._is_kept(one)]
        counts = self._counts(stale)
        for one in stale:
            self._kept[one.lineage] = story_features(one, counts, self._nations)
        found = {lineage: self._kept[lineage] for lineage in outlines}
        self._drop_oldest(found)
        return found

    def packed(self, lineages: Sequence[int], vector: Floats | None) -> Packed:
        """Those among these lineages that are tagged and usable, ready for comparing with a story of this vector."""
        self._look()
        return self._stocked(lineages, None if vector is None else len(vector)).packed(lineages)

    def stock(self, lineages: Collection[int], batch: Iterable[StoryFeatures]) -> None:
        """Read at once what will be compared with the stories of a batch, one by one."""
        self._look()
        self._stocked(lineages, next((len(one.vector) for one in batch if one.vector is not None), None))

    def stock_up(self, vector: Floats | None) -> None:
        """Read all stories before they are asked for, if there is room for them: some 20 microseconds a story, once."""
        self._look()
        if self._stocked_up or self._documents > STORIES // 2:
            return
        self._stocked_up = True
        lineages = self._store.stories.lineages()
        while some := list(islice(lineages, _AT_ONCE)):
            self._stocked(some, None if vector is None else len(vector))

    def group(self, lineage: int) -> int:
        """The story's copy group, -1 for none."""
        return self._holding(lineage).group(lineage)

    def happening(self, lineage: int) -> int:
        """The happening that the story is of, -1 for none."""
        return self._holding(lineage).happening(lineage)

    def _holding(self, lineage: int) -> Shelf:
        self._look()
        return self._stocked([lineage], None)

    def rarities(self, entity_ids: Collection[str]) -> dict[str, float]:
        """How rare entities are, 0..1."""
        keys = np.array([entity_key(one) for one in entity_ids], dtype=np.int64)
        return dict(zip(entity_ids, self._rarities_of(keys).tolist(), strict=True))

    # ----------------------------------------------------------------------- staleness

    def _look(self) -> None:
        """Drop what may not hold any more."""
        mark = self._relations.change_token()
        if mark == self._mark:
            return
        self._mark = mark
        self._checked.clear()
        documents, _ = self._relations.frequencies(())
        if not self._documents / GROWTH <= documents <= self._documents * GROWTH:
            self._documents = documents
            self._kept.clear()
            self._rarities.clear()
            self._shelf = None
            self._stocked_up = False
            self._of_nations = None

    def _stocked(self, lineages: Collection[int], width: int | None) -> Shelf:
        """The shelf with these stories on it. width: of the vectors, where they are wanted."""
        shelf = self._shelf
        if shelf is None or (width is not None and shelf.width != width):
            shelf = self._shelf = Shelf(width or 1, self._rarities_of, self._nations, self._nation_rarities())
            self._checked.clear()
        if not self._checked.issuperset(lineages):
            self._check(shelf, set(lineages) - self._checked)
        return shelf

    def _check(self, shelf: Shelf, lineages: set[int]) -> None:
        known = [lineage for lineage in lineages if lineage in shelf.slots]
        if known:
            current = {head.lineage for head in self._relations.heads(known) if shelf.is_current(head)}
            for lineage in known:
                if lineage not in current:
                    shelf.forget(lineage)
        if not shelf.put(self._missing(shelf, lineages)):
            self._checked.clear()
            shelf.put(self._missing(shelf, lineages))
        self._checked |= lineages

    def _missing(self, shelf: Shelf, lineages: Iterable[int]) -> list[StorySketch]:
        return self._relations.sketches([lineage for lineage in lineages if lineage not in shelf.slots])

    def _is_kept(self, outline: StoryOutline) -> bool:
        kept = self._kept.get(outline.lineage)
        return kept is not None and (kept.outline is outline or kept.outline == outline)

    def _drop_oldest(self, used: Iterable[int]) -> None:
        for lineage in used:
            self._kept.move_to_end(lineage)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    # ----------------------------------------------------------------------- rarity

    def _counts(self, outlines: Sequence[StoryOutline]) -> CorpusCounts:
        if not outlines:
            return CorpusCounts(documents=self._documents, terms={}, entities={})
        terms = {term for one in outlines for term in (*one.enrichment.terms, *one.enrichment.headline_terms)}
        entities = {entity.entity_id for one in outlines for entity in one.enrichment.entities}
        if self._of_nations is None:
            self._of_nations = self._relations.counts((), self._nations.entity_ids).entities
        counts = self._relations.counts(terms, entities)
        return replace(counts, entities=self._of_nations | counts.entities)

    def _rarities_of(self, keys: Ints) -> Floats:
        distinct, places = np.unique(keys, return_inverse=True)
        known, wanted = self._rarities, distinct.tolist()
        unknown = [key for key in wanted if key not in known]
        if unknown:
            documents, counts = self._relations.frequencies(unknown)
            known.update((key, rarity(counts.get(key, 0), documents)) for key in unknown)
        found: Floats = np.array([known[key] for key in wanted], dtype=np.float32)[places]
        return found

    def _nation_rarities(self) -> dict[str, float]:
        """By code; nations that the corpus has no count for are left out."""
        codes = (first + second for first in ascii_uppercase for second in ascii_uppercase)
        keys = {entity_key(entity_id(code)): code for code in codes}
        documents, counts = self._relations.frequencies(keys)
        return {code: rarity(counts[key], documents) for key, code in keys.items() if key in counts}
