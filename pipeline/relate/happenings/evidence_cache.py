"""Accounts of stored stories, kept from one use to the next."""

from collections import OrderedDict
from collections.abc import Iterable

from pipeline.models import StoryOutline
from pipeline.ports import Store
from pipeline.relate.happenings.evidence import Account, account_of
from pipeline.relate.ranking.feature_cache import GROWTH


class AccountDesk:
    """Reads accounts. keep: how many to have in memory, at about 10 KB each."""

    def __init__(self, store: Store, keep: int) -> None:
        self._relations = store.relations
        self._keep = keep
        self._kept: OrderedDict[int, tuple[StoryOutline, Account]] = OrderedDict()  # with what they were made of
        self._documents = 0

    def accounts(self, lineages: Iterable[int]) -> dict[int, Account]:
        """Accounts of those among these that are tagged and usable."""
        outlines = self._relations.outlines(list(dict.fromkeys(lineages)))
        documents = self._relations.counts((), ()).documents
        if documents > GROWTH * self._documents:
            self._kept.clear()
            self._documents = documents
        stale = [one for one in outlines if not self._is_kept(one)]
        counts = self._relations.counts(
            {term for one in stale for term in (*one.enrichment.terms, *one.enrichment.headline_terms)}, ()
        )
        for one in stale:
            self._kept[one.lineage] = one, account_of(one, counts)
        found = {one.lineage: self._kept[one.lineage][1] for one in outlines}
        for lineage in found:
            self._kept.move_to_end(lineage)
        while len(self._kept) > self._keep:
            self._kept.popitem(last=False)
        return found

    def _is_kept(self, outline: StoryOutline) -> bool:
        kept = self._kept.get(outline.lineage)
        return kept is not None and kept[0] is outline
