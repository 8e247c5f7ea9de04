"""One search: hits in order, folded where asked, with their fields, highlights, counts."""

import json
from typing import Any

import tantivy

from pipeline.index.embedded.layout import values_field
from pipeline.index.embedded.ranking import Folding, PageKey, Ranked, Ranking
from pipeline.index.embedded.translate import Translator
from pipeline.index.highlight import Highlighter
from pipeline.models import Hit, SearchRequest, SearchResult
from pipeline.query.fields import FIELDS
from pipeline.query.tree import Node, needs_text

FACET_VALUES = 20
_FACET_DEPTH = 2_000  # values taken from each segment, so that the counts of the first ones are exact


class Search:
    """One request over one searcher."""

    def __init__(self, searcher: tantivy.Searcher, translator: Translator, request: SearchRequest, tree: Node) -> None:
        self._searcher = searcher
        self._translator = translator
        self._request = request
        self._tree = tree
        query = translator.query(tree)
        # What readers may not see is blank, so that a query that needs words never finds it.
        self._query = query if request.all_statuses or needs_text(tree) else translator.usable(query)

    def result(self) -> SearchResult:
        """The page, the number of all finds (copies not folded) and the facets over all of them."""
        counted: Any = self._searcher.search(self._query, 1, count=True)
        ranked, next_key = self._page()
        return SearchResult(
            total=int(counted.count),
            hits=tuple(self._hits(ranked)),
            facets={name: self._facet(name) for name in self._request.facets},
            next_key=next_key,
        )

    def _page(self) -> tuple[list[Ranked], str | None]:
        request = self._request
        if request.limit == 0:
            return [], None
        after = PageKey.decode(request.after_key, request.sort) if request.after_key else None
        ranking = Ranking(self._searcher, self._query, request.sort)
        folding = Folding(self._searcher, self._translator, self._query, request.sort)
        kept = list[tuple[Ranked, PageKey]]()
        while True:
            chunk = ranking.page(request.limit + 1, after)
            shown = {hit.lineage for hit in (folding.kept(chunk) if request.fold_copies else chunk)}
            for hit in chunk:
                after = PageKey(request.sort, hit.order, hit.lineage, (after.seen if after else 0) + 1)
                if hit.lineage in shown:
                    kept.append((hit, after))
            if len(kept) > request.limit:
                page = kept[: request.limit]
                return [hit for hit, _ in page], page[-1][1].encode()
            if len(chunk) <= request.limit:
                return [hit for hit, _ in kept], None

    def _hits(self, ranked: list[Ranked]) -> list[Hit]:
        highlighter = Highlighter(self._tree) if self._request.highlight else None
        hits = []
        for found in ranked:
            fields: dict[str, Any] = json.loads(self._searcher.doc(found.address)["shown"][0])
            highlights = highlighter.highlights(fields) if highlighter else {}
            hits.append(Hit(lineage=found.lineage, score=found.score, fields=fields, highlights=highlights))
        return hits

    def _facet(self, name: str) -> tuple[tuple[str, int], ...]:
        terms = {"field": values_field(FIELDS[name]), "size": FACET_VALUES * 5, "segment_size": _FACET_DEPTH}
        counted = self._searcher.aggregate(self._query, {"values": {"terms": terms}})
        counts = [(_label(bucket["key"]), int(bucket["doc_count"])) for bucket in counted["values"]["buckets"]]
        return tuple(sorted(counts, key=lambda count: (-count[1], count[0]))[:FACET_VALUES])


def _label(value: object) -> str:
    return str(int(value)) if isinstance(value, float) else str(value)
