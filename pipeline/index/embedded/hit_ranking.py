"""Hits in a stable order, and pages of them.

The order is by score or date, undated ones last, equal ones by lineage.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import tantivy

from pipeline.errors import UsageError
from pipeline.index.embedded.schema import ADDRESS
from pipeline.index.embedded.translate import Translator

_DATE = "published_at"
_SPARE = 40
"""How many hits are asked for beyond those wanted: enough for most ties at the end of a page."""

_UNDATED = float("inf")
_Row: TypeAlias = tuple[float, Any, tantivy.DocAddress]
"""The fields of a ``RankedHit``: order, lineage, address. Rows are sorted by the first two, which no two rows share."""


@dataclass(frozen=True, slots=True)
class RankedHit:
    """One document that a query finds.

    Attributes:
        order: minus its score, or its date (milliseconds, negated for "newest"); infinite for an undated one.
        lineage: whose document it is.
        address: where tantivy has it.
    """

    order: float
    lineage: int
    address: tantivy.DocAddress


@dataclass(frozen=True, slots=True)
class PageKey:
    """Where a page ended: the rank of its last hit, and how many hits came before."""

    sort: str
    order: float
    lineage: int
    seen: int

    def encode(self) -> str:
        """An opaque text for SearchResult.next_key."""
        order = None if self.order == _UNDATED else self.order
        return base64.urlsafe_b64encode(json.dumps([self.sort, order, self.lineage, self.seen]).encode()).decode()

    @staticmethod
    def after_hit(sort: str, last: RankedHit, seen: int) -> "PageKey":
        """The key of a page that ends with this hit."""
        return PageKey(sort, last.order, last.lineage, seen)

    @staticmethod
    def decode(text: str, sort: str) -> "PageKey":
        """The key that ``encode`` made. Raises UsageError for any other text or for another sort's."""
        try:
            made_for, order, lineage, seen = json.loads(base64.urlsafe_b64decode(text.encode()))
            key = PageKey(str(made_for), _UNDATED if order is None else float(order), int(lineage), int(seen))
        except (ValueError, TypeError, binascii.Error):
            raise UsageError(
                f"after_key {text!r} is not one that a search has returned; start from the first page"
            ) from None
        if key.sort != sort:
            raise UsageError(
                f"after_key belongs to a search sorted by {key.sort}, not by {sort}; start from the first page"
            )
        return key


class RankedHits:
    """The hits of a query under one sort, over one searcher.

    Attributes:
        total: how many hits there are; known after the first page.
    """

    def __init__(self, searcher: tantivy.Searcher, query: tantivy.Query, sort: str) -> None:
        self._searcher = searcher
        self._query = query
        self._sort = sort
        self.total = 0

    def page(self, limit: int, after: PageKey | None) -> list[RankedHit]:
        """The next ``limit`` hits after a key."""
        wanted = (after.seen if after else 0) + limit
        while True:
            rows, complete = self._first_rows(wanted)
            if after is not None:
                rows = [row for row in rows if (row[0], row[1]) > (after.order, after.lineage)]
            if complete or len(rows) >= limit:
                return [RankedHit(*row) for row in rows[:limit]]
            wanted += limit  # documents came or went since the page before

    def first(self, limit: int) -> list[tuple[float, int]]:
        """(order, lineage) of the first ``limit`` hits, for callers that do not read the documents."""
        return [row[:2] for row in self._first_rows(limit)[0][:limit]]

    def all(self) -> list[RankedHit]:
        """Every hit, in order."""
        wanted = 100
        while True:
            rows, complete = self._first_rows(wanted)
            if complete:
                return [RankedHit(*row) for row in rows]
            wanted *= 4

    def _first_rows(self, wanted: int) -> tuple[list[_Row], bool]:
        """The first ``wanted`` hits in order, with all that tie with the last; and whether there are no more."""
        limit = wanted + _SPARE
        while True:
            rows = self._search(limit)
            if len(rows) < limit:
                return sorted(rows), True
            if rows[wanted - 1][0] != rows[-1][0]:
                edge = rows[-1][0]
                return sorted(row for row in rows if row[0] != edge), False
            limit *= 4

    def _search(self, limit: int) -> list[_Row]:
        if self._sort == "relevance":
            result: Any = self._searcher.search(self._query, limit, count=True)
            orders = [-score for score, _ in result.hits]
        else:
            newest = self._sort == "newest"
            direction = tantivy.Order.Desc if newest else tantivy.Order.Asc
            result = self._searcher.search(self._query, limit, count=True, order_by_field=_DATE, order=direction)
            orders = [_UNDATED if date is None else -date if newest else date for date, _ in result.hits]
        self.total = result.count
        addresses = [address for _, address in result.hits]
        return list(zip(orders, self._searcher.fast_field_values(ADDRESS, addresses), addresses, strict=True))


class CopyFolding:
    """Keeps one hit per copy group: the group's best by the sort, wherever a page begins."""

    def __init__(self, searcher: tantivy.Searcher, translator: Translator, query: tantivy.Query, sort: str) -> None:
        self._searcher = searcher
        self._translator = translator
        self._query = query
        self._sort = sort

    def unfolded(self, hits: Sequence[RankedHit]) -> Iterator[RankedHit]:
        """The hits among these that are the best of their copy group among all hits of the query."""
        groups = self._copy_groups(hits)
        shared = sorted({group for group in groups if group is not None})
        best = self._best_by_group(shared) if shared else {}
        for hit, group in zip(hits, groups, strict=True):
            if group is None or best[group] == hit.lineage:
                yield hit

    def _best_by_group(self, groups: Sequence[int]) -> dict[int, int]:
        members = self._translator.both(self._query, self._translator.any_of("copy_group", groups))
        best = dict[int, int]()
        member_hits = RankedHits(self._searcher, members, self._sort).all()
        for hit, group in zip(member_hits, self._copy_groups(member_hits), strict=True):
            if group is not None:
                best.setdefault(group, hit.lineage)
        return best

    def _copy_groups(self, hits: Sequence[RankedHit]) -> list[int | None]:
        values = self._searcher.fast_field_values("copy_group", [hit.address for hit in hits])
        return [None if value is None else int(value) for value in values]
