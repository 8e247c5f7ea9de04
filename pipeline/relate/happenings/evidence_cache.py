"""The evidence of stored stories, kept from one use to the next."""

from collections import OrderedDict
from collections.abc import Iterable

from pipeline.models import StoryOutline
from pipeline.ports import Store
from pipeline.relate.happenings.evidence import HappeningEvidence, evidence_of
from pipeline.relate.ranking.feature_cache import GROWTH


class EvidenceCache:
    """Evidence by lineage."""

    def __init__(self, store: Store, max_stories: int) -> None:
        """Start empty.

        Args:
            store: Where stories are read.
            max_stories: How many are kept, at about 10 KB each.
        """
        self._relations = store.relations
        self._max_stories = max_stories
        self._kept: OrderedDict[int, tuple[StoryOutline, HappeningEvidence]] = OrderedDict()
        self._documents = 0

    def evidence(self, lineages: Iterable[int]) -> dict[int, HappeningEvidence]:
        """Return the evidence of those among these that are tagged and usable."""
        outlines = self._relations.outlines(list(dict.fromkeys(lineages)))
        documents = self._relations.counts((), ()).documents
        if documents > GROWTH * self._documents:
            self._kept.clear()
            self._documents = documents
        stale = [outline for outline in outlines if not self._is_cached(outline)]
        counts = self._relations.counts(
            {term for outline in stale for term in (*outline.enrichment.terms, *outline.enrichment.headline_terms)}, ()
        )
        for outline in stale:
            self._kept[outline.lineage] = outline, evidence_of(outline, counts)
        evidence = {outline.lineage: self._kept[outline.lineage][1] for outline in outlines}
        for lineage in evidence:
            self._kept.move_to_end(lineage)
        while len(self._kept) > self._max_stories:
            self._kept.popitem(last=False)
        return evidence

    def _is_cached(self, outline: StoryOutline) -> bool:
        kept = self._kept.get(outline.lineage)
        return kept is not None and kept[0] is outline
