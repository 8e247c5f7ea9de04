"""One search: hits in order, folded where that is asked for, with their fields, highlights and facets."""

import tantivy

from pipeline.index.embedded.hit_ranking import CopyFolding, PageKey, RankedHit, RankedHits
from pipeline.index.embedded.schema import stored_fields, values_field
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
        # Documents that readers may not see are blank: a query that needs words never finds them.
        self._query = query if request.all_statuses or needs_text(tree) else translator.usable(query)
        self._ranked_hits = RankedHits(searcher, self._query, request.sort)

    def result(self) -> SearchResult:
        """The page, the number of all hits (copies not folded) and the facets over all of them."""
        ranked, next_key = self._page()
        return SearchResult(
            total=self._ranked_hits.total,
            hits=tuple(self._hits(ranked)),
            facets={name: self._facet(name) for name in self._request.facets},
            next_key=next_key,
        )

    def _page(self) -> tuple[list[RankedHit], str | None]:
        request = self._request
        after = PageKey.decode(request.after_key, request.sort) if request.after_key else None
        folding = CopyFolding(self._searcher, self._translator, self._query, request.sort)
        kept = list[tuple[int, RankedHit]]()
        seen = after.seen if after else 0
        while True:
            chunk = self._ranked_hits.page(request.limit + 1, after)
            shown = {hit.lineage for hit in folding.unfolded(chunk)} if request.fold_copies else None
            kept += [
                (seen + number, hit)
                for number, hit in enumerate(chunk, start=1)
                if shown is None or hit.lineage in shown
            ]
            if len(kept) > request.limit:
                page = kept[: request.limit]
                return [hit for _, hit in page], PageKey.after_hit(
                    request.sort, *page[-1][::-1]
                ).encode() if page else None
            if len(chunk) <= request.limit:
                return [hit for _, hit in kept], None
            seen += len(chunk)
            after = PageKey.after_hit(request.sort, chunk[-1], seen)

    def _hits(self, ranked: list[RankedHit]) -> list[Hit]:
        highlighter = Highlighter(self._tree) if self._request.highlight else None
        hits = []
        for hit in ranked:
            fields = stored_fields(self._searcher.doc(hit.address))
            highlights = highlighter.highlights(fields) if highlighter else {}
            score = -hit.order if self._request.sort == "relevance" else 0.0
            hits.append(Hit(lineage=hit.lineage, score=score, fields=fields, highlights=highlights))
        return hits

    def _facet(self, name: str) -> tuple[tuple[str, int], ...]:
        terms = {"field": values_field(FIELDS[name]), "size": FACET_VALUES * 5, "segment_size": _FACET_DEPTH}
        counted = self._searcher.aggregate(self._query, {"values": {"terms": terms}})
        counts = [(_label(bucket["key"]), int(bucket["doc_count"])) for bucket in counted["values"]["buckets"]]
        return tuple(sorted(counts, key=lambda count: (-count[1], count[0]))[:FACET_VALUES])


def _label(value: object) -> str:
    return str(int(value)) if isinstance(value, float) else str(value)
