"""One search: hits in a stable order, folded where that is asked for, with their fields, highlights and facets.

A page's key holds where it ended. The second page is read from a point in time that is opened for it and that the keys
of further pages name, so that going deep does not shift under writes; one that has run out is opened anew.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import ApiError, BadRequestError, NotFoundError

from pipeline.errors import QueryError, UsageError
from pipeline.index.elastic.cluster import CHANGING, Cluster, is_missing, reason
from pipeline.index.elastic.mapping import fields_of
from pipeline.index.elastic.searching.translate import Query, restricted, stored, to_query
from pipeline.index.highlight import Highlighter
from pipeline.models import Hit, SearchRequest, SearchResult
from pipeline.query.fields import FIELDS, Kind
from pipeline.query.tree import Node

FACET_VALUES = 20
_FACET_DEPTH = 2_000  # values taken from each index, so that the counts of the first ones are exact
_MOST_AT_ONCE = 5_000  # hits in one answer; Elasticsearch gives 10,000 at most
_KEPT = "5m"  # how long a point in time waits for the next page

RawHit = Mapping[str, Any]
"""A hit as the cluster returns it."""


@dataclass(frozen=True, slots=True)
class PageKey:
    """Where a page ended.

    Attributes:
        sort: of the search.
        after: the sort values of the page's last hit.
        view: the point in time that the page was read from.
    """

    sort: str
    after: tuple[float, int]
    view: str | None = None

    def encode(self) -> str:
        """An opaque text for SearchResult.next_key."""
        return base64.urlsafe_b64encode(json.dumps([self.sort, *self.after, self.view]).encode()).decode()

    @staticmethod
    def decode(text: str, sort: str) -> "PageKey":
        """The key that ``encode`` made. Raises UsageError for any other text or for another sort's."""
        try:
            made_for, order, lineage, view = json.loads(base64.urlsafe_b64decode(text.encode()))
            key = PageKey(str(made_for), (order + 0, int(lineage)), None if view is None else str(view))
        except (ValueError, TypeError, binascii.Error):
            raise UsageError(
                f"after_key {text!r} is not one that a search has returned; start from the first page"
            ) from None
        if key.sort != sort:
            raise UsageError(
                f"after_key belongs to a search sorted by {key.sort}, not by {sort}; start from the first page"
            )
        return key


class Search:
    """One request to a cluster."""

    def __init__(self, cluster: Cluster, request: SearchRequest, tree: Node) -> None:
        self._cluster = cluster
        self._request = request
        self._tree = tree
        self._query = to_query(tree)
        self._index = cluster.names.all if request.all_statuses else cluster.names.usable
        self._view: str | None = None
        self._total = 0
        self._facets: Mapping[str, Any] = {}

    def result(self) -> SearchResult:
        """The page, the number of all hits (copies not folded) and the facets over all of them."""
        request = self._request
        key = PageKey.decode(request.after_key, request.sort) if request.after_key else None
        if key is not None:
            self._view = key.view or self._open_view()
        page, more = self._page(key.after if key else None)
        next_key = PageKey(request.sort, _sort_values(page[-1]), self._view).encode() if more and page else None
        if next_key is None:
            self._close_view()
        return SearchResult(
            total=self._total,
            hits=tuple(self._hits(page)),
            facets={name: _counts(name, self._facets.get(name, {})) for name in request.facets},
            next_key=next_key,
        )

    # ------------------------------------------------------------------ pages

    def _page(self, after: tuple[float, int] | None) -> tuple[list[RawHit], bool]:
        """The page's hits, and whether there are more."""
        wanted = self._request.limit + 1
        shown = list[RawHit]()
        first = True
        while True:
            size = min(wanted, _MOST_AT_ONCE)
            chunk = self._chunk(size, after, first)
            first = False
            shown += self._unfolded(chunk) if self._request.fold_copies else chunk
            if len(shown) >= wanted:
                return shown[: wanted - 1], True
            if len(chunk) < size:
                return shown, False
            after = _sort_values(chunk[-1])

    def _chunk(self, size: int, after: tuple[float, int] | None, first: bool) -> list[RawHit]:
        body: dict[str, Any] = {"query": self._query, "size": size, "sort": self._order(), "track_total_hits": first}
        if after is not None:
            body["search_after"] = list(after)
        if first and self._request.facets:
            body["aggs"] = {name: _facet(name) for name in self._request.facets}
        answer = self._ask(body)
        if first:
            self._total = int(answer["hits"]["total"]["value"])
            self._facets = answer.get("aggregations", {})
        return list(answer["hits"]["hits"])

    def _order(self) -> list[dict[str, Any]]:
        if self._request.sort == "relevance":
            return [{"_score": "desc"}, {"lineage": "asc"}]
        direction = "desc" if self._request.sort == "newest" else "asc"
        return [{"published_at": {"order": direction, "missing": "_last"}}, {"lineage": "asc"}]

    # ------------------------------------------------------------------ copies

    def _unfolded(self, chunk: Sequence[RawHit]) -> list[RawHit]:
        """The hits among these that are the best of their copy group among all hits, wherever a page begins."""
        groups = {hit["_source"].get("copy_group") for hit in chunk} - {None}
        best = self._best_of(sorted(groups)) if groups else {}
        return [
            hit
            for hit in chunk
            if (group := hit["_source"].get("copy_group")) is None or best.get(group, hit["_id"]) == hit["_id"]
        ]

    def _best_of(self, groups: Sequence[int]) -> dict[int, str]:
        body = {
            "query": restricted(self._query, {"terms": {"copy_group": groups}}),
            "size": len(groups),
            "sort": self._order(),
            "collapse": {"field": "copy_group"},
            "_source": ["copy_group"],
            "track_total_hits": False,
        }
        return {hit["_source"]["copy_group"]: hit["_id"] for hit in self._ask(body)["hits"]["hits"]}

    # ------------------------------------------------------------------ requests

    def _ask(self, body: dict[str, Any]) -> Mapping[str, Any]:
        """The cluster's answer, whole or not at all. Raises QueryError for a query that it refuses."""
        return self._cluster.with_retries("searching", lambda: self._answer(body))

    def _answer(self, body: dict[str, Any]) -> Mapping[str, Any]:
        # By relevance, words weigh by how rare they are in all months, not in each.
        search_type = "dfs_query_then_fetch" if self._request.sort == "relevance" else "query_then_fetch"
        try:
            answer = self._cluster.client.search(
                index=None if self._view else self._index,
                search_type=search_type,
                allow_partial_search_results=False,
                **_from_view(body, self._view),
            )
        except BadRequestError as error:
            raise QueryError(f"Elasticsearch refuses it: {reason(error.body)}", self._request.query) from error
        except ApiError as error:
            if is_missing(error.body, self._index):
                return {"hits": {"total": {"value": 0}, "hits": []}}
            if self._view is not None and error.status_code in CHANGING:
                self._view = self._open_view()  # it has run out, or what it looked at has been removed
            raise
        if self._view is not None:
            self._view = answer.body.get("pit_id", self._view)
        return dict(answer.body)

    def _open_view(self) -> str | None:
        """A new point in time; None where there is nothing to look at."""
        with self._cluster.explained("opening a point in time"):
            try:
                opened = self._cluster.client.open_point_in_time(index=self._index, keep_alive=_KEPT)
            except NotFoundError:
                return None
        return str(opened.body["id"])

    def _close_view(self) -> None:
        if self._view is not None:
            with self._cluster.explained("closing a point in time"):
                self._cluster.client.options(ignore_status=404).close_point_in_time(id=self._view)

    # ------------------------------------------------------------------ what is shown

    def _hits(self, page: Sequence[RawHit]) -> list[Hit]:
        highlighter = Highlighter(self._tree) if self._request.highlight else None
        hits = []
        for raw in page:
            fields = fields_of(raw["_source"])
            highlights = highlighter.highlights(fields) if highlighter else {}
            score = float(raw["sort"][0]) if self._request.sort == "relevance" else 0.0
            hits.append(Hit(lineage=fields["lineage"], score=score, fields=fields, highlights=highlights))
        return hits


def _from_view(body: dict[str, Any], view: str | None) -> dict[str, Any]:
    """The request, read from a point in time where there is one."""
    return body if view is None else {**body, "pit": {"id": view, "keep_alive": _KEPT}}


def _sort_values(hit: RawHit) -> tuple[float, int]:
    return hit["sort"][0], hit["sort"][1]


def _facet(name: str) -> Query:
    field = stored(name)
    if FIELDS[name].kind is Kind.DATE:
        return {
            "date_histogram": {"field": field, "calendar_interval": "month", "format": "yyyy-MM", "min_doc_count": 1}
        }
    return {"terms": {"field": field, "size": FACET_VALUES * 5, "shard_size": _FACET_DEPTH}}


def _counts(name: str, counted: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    buckets = counted.get("buckets", ())
    counts = [(str(bucket.get("key_as_string", bucket["key"])), int(bucket["doc_count"])) for bucket in buckets]
    return tuple(sorted(counts, key=lambda count: (-count[1], count[0]))[:FACET_VALUES])
