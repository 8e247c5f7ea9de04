"""Hits in an order that never wavers: by score or date, undated last, equal ones by lineage; and pages of them."""

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import tantivy

from pipeline.errors import UsageError
from pipeline.index.embedded.layout import ADDRESS
from pipeline.index.embedded.translate import Translator

_DATE = "published_at"
_FIRST_TIES = 64

Rank: TypeAlias = tuple[float, int]
"""What hits are ordered by: smaller is earlier in the result; then the lineage."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One found document. order: minus its score, or its date so that smaller is earlier; inf where undated."""

    order: float
    lineage: int
    score: float
    address: tantivy.DocAddress

    @property
    def rank(self) -> Rank:
        return self.order, self.lineage


@dataclass(frozen=True, slots=True)
class PageKey:
    """Where a page ended: its last hit's rank, and how many hits came before."""

    sort: str
    order: float
    lineage: int
    seen: int

    def encode(self) -> str:
        """An opaque text for SearchResult.next_key."""
        order = None if self.order == float("inf") else self.order
        return base64.urlsafe_b64encode(json.dumps([self.sort, order, self.lineage, self.seen]).encode()).decode()

    @staticmethod
    def decode(text: str, sort: str) -> "PageKey":
        """The key that ``encode`` made. Raises UsageError for any other text or for another sort's."""
        try:
            made_for, order, lineage, seen = json.loads(base64.urlsafe_b64decode(text.encode()))
            key = PageKey(str(made_for), float("inf") if order is None else float(order), int(lineage), int(seen))
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
    """A query's hits under one sort, over one searcher."""

    def __init__(self, searcher: tantivy.Searcher, query: tantivy.Query, sort: str) -> None:
        self._searcher = searcher
        self._query = query
        self._sort = sort

    def page(self, limit: int, after: PageKey | None) -> list[Ranked]:
        """The next ``limit`` hits after a key."""
        seen = after.seen if after else 0
        wanted = seen + limit
        while True:
            hits, complete = self._first(wanted)
            following = [hit for hit in hits if after is None or hit.rank > (after.order, after.lineage)]
            if complete or len(following) >= limit:
                return following[:limit]
            wanted += limit  # documents came or went since the page before

    def all(self) -> list[Ranked]:
        """Every hit, in order."""
        wanted = _FIRST_TIES
        while True:
            hits, complete = self._first(wanted)
            if complete:
                return hits
            wanted *= 4

    def _first(self, wanted: int) -> tuple[list[Ranked], bool]:
        """The first ``wanted`` hits in order, with all that tie with the last; and whether there are no more."""
        asked = wanted + 1
        while True:
            found = self._search(asked)
            if len(found) < asked:
                return sorted(found, key=_rank), True
            if found[wanted - 1].order != found[-1].order:
                edge = found[-1].order
                return sorted((hit for hit in found if hit.order != edge), key=_rank), False
            asked = max(asked * 2, _FIRST_TIES)

    def _search(self, limit: int) -> list[Ranked]:
        if self._sort == "relevance":
            result = self._searcher.search(self._query, limit, count=False)
            return [
                Ranked(-score, lineage, score, address)
                for (score, address), lineage in zip(result.hits, self._lineages(result), strict=True)
            ]
        newest = self._sort == "newest"
        order = tantivy.Order.Desc if newest else tantivy.Order.Asc
        result = self._searcher.search(self._query, limit, count=False, order_by_field=_DATE, order=order)
        return [
            Ranked(float("inf") if date is None else -date if newest else date, lineage, 0.0, address)
            for (date, address), lineage in zip(result.hits, self._lineages(result), strict=True)
        ]

    def _lineages(self, result: tantivy.SearchResult) -> list[int]:
        addresses = [address for _, address in result.hits]
        return [int(lineage or 0) for lineage in self._searcher.fast_field_values(ADDRESS, addresses)]


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


def _rank(hit: Ranked) -> Rank:
    return hit.rank
