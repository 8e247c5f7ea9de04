"""Hits in an order that never wavers: by score or date, undated last, equal ones by lineage; and pages of them."""

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
"""Hits asked for beyond those wanted: enough for most ties at the end of a page."""

_UNDATED = float("inf")
_Row: TypeAlias = tuple[float, Any, tantivy.DocAddress]
"""A ``Ranked`` in the making: order, lineage, address. Rows are sorted by the first two, which no two share."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One found document. order: minus its score, or its date so that smaller is earlier; infinite where undated."""

    order: float
    lineage: int
    address: tantivy.DocAddress


@dataclass(frozen=True, slots=True)
class PageKey:
    """Where a page ended: its last hit's rank, and how many hits came before."""

    sort: str
    order: float
    lineage: int
    seen: int

    def encode(self) -> str:
        """An opaque text for SearchResult.next_key."""
        order = None if self.order == _UNDATED else self.order
        return base64.urlsafe_b64encode(json.dumps([self.sort, order, self.lineage, self.seen]).encode()).decode()

    @staticmethod
    def of(sort: str, last: Ranked, seen: int) -> "PageKey":
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


class Ranking:
    """A query's hits under one sort, over one searcher. total: how many there are, known once they were looked for."""

    def __init__(self, searcher: tantivy.Searcher, query: tantivy.Query, sort: str) -> None:
        self._searcher = searcher
        self._query = query
        self._sort = sort
        self.total = 0

    def page(self, limit: int, after: PageKey | None) -> list[Ranked]:
        """The next ``limit`` hits after a key."""
        wanted = (after.seen if after else 0) + limit
        while True:
            found, complete = self._first(wanted)
            if after is not None:
                found = [row for row in found if (row[0], row[1]) > (after.order, after.lineage)]
            if complete or len(found) >= limit:
                return [Ranked(*row) for row in found[:limit]]
            wanted += limit  # documents came or went since the page before

    def first(self, limit: int) -> list[tuple[float, int]]:
        """(order, lineage) of the first ``limit`` hits: all that a caller needs who shows nothing of them."""
        return [row[:2] for row in self._first(limit)[0][:limit]]

    def all(self) -> list[Ranked]:
        """Every hit, in order."""
        wanted = 100
        while True:
            found, complete = self._first(wanted)
            if complete:
                return [Ranked(*row) for row in found]
            wanted *= 4

    def _first(self, wanted: int) -> tuple[list[_Row], bool]:
        """The first ``wanted`` hits in order, with all that tie with the last; and whether there are no more."""
        asked = wanted + _SPARE
        while True:
            found = self._search(asked)
            if len(found) < asked:
                return sorted(found), True
            if found[wanted - 1][0] != found[-1][0]:
                edge = found[-1][0]
                return sorted(row for row in found if row[0] != edge), False
            asked *= 4

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


class Folding:
    """One hit a copy group: the group's best by the sort, wherever a page begins."""

    def __init__(self, searcher: tantivy.Searcher, translator: Translator, query: tantivy.Query, sort: str) -> None:
        self._searcher = searcher
        self._translator = translator
        self._query = query
        self._sort = sort

    def kept(self, hits: Sequence[Ranked]) -> Iterator[Ranked]:
        """Those of consecutive hits that are the first of their group among all finds."""
        groups = self._groups(hits)
        shared = sorted({group for group in groups if group is not None})
        best = self._best(shared) if shared else {}
        for hit, group in zip(hits, groups, strict=True):
            if group is None or best[group] == hit.lineage:
                yield hit

    def _best(self, groups: Sequence[int]) -> dict[int, int]:
        members = self._translator.both(self._query, self._translator.any_of("copy_group", groups))
        best = dict[int, int]()
        found = Ranking(self._searcher, members, self._sort).all()
        for hit, group in zip(found, self._groups(found), strict=True):
            if group is not None:
                best.setdefault(group, hit.lineage)
        return best

    def _groups(self, hits: Sequence[Ranked]) -> list[int | None]:
        values = self._searcher.fast_field_values("copy_group", [hit.address for hit in hits])
        return [None if value is None else int(value) for value in values]
