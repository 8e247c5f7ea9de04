"""Stored queries in the cluster's percolator, which runs all of them on stories at once.

A query is stored under the digest of its text, whoever asks it. So it never changes, and one that nobody asks any more
only costs time. Each process knows which queries an index holds, by that index's own name: when too many are stale, a
new index takes its place, and every other process notices by the old one's absence.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from elasticsearch import BadRequestError, NotFoundError

from pipeline.index.elastic.cluster import Cluster
from pipeline.index.elastic.mapping import source, to_json
from pipeline.index.elastic.matching.scratch_index import ScratchIndex, Unsupported
from pipeline.index.elastic.searching.translate import to_query
from pipeline.index.elastic.writing.bulk import Bulk, Item, ItemStatus
from pipeline.index.matching.matcher import EngineAnswers
from pipeline.models import StoryDocument
from pipeline.query.tree import Node

_FIELDS: Mapping[str, Any] = {"asked": {"type": "percolator"}, "digest": {"type": "keyword"}}
_STORIES = 100  # held against the queries at once
_PAGE = 50_000  # queries that match; each further page runs all of them anew
_SHARDS = 2
_NAMED = 60_000  # queries that a search can be limited to; with more, all are run
_STALE = 1_000  # queries nobody asks any more, before they are dropped
_TRIES = 5


@dataclass(frozen=True, slots=True)
class PercolatorQuery:
    """A query as the percolator stores it.

    Attributes:
        digest: its id.
        line: the JSON of its document.
    """

    digest: str
    line: bytes


def percolator_query(tree: Node) -> PercolatorQuery:
    """Make the document of a query."""
    asked = to_json(to_query(tree))
    digest = hashlib.sha256(asked).hexdigest()[:32]
    return PercolatorQuery(digest, b'{"asked":%b,"digest":"%b"}' % (asked, digest.encode()))


class Percolator:
    """The stored queries of one cluster, if it can hold them."""

    def __init__(self, cluster: Cluster, bulk: Bulk, now: Callable[[], datetime]) -> None:
        self._cluster = cluster
        self._bulk = bulk
        self._now = now
        self._scratch = ScratchIndex(cluster, cluster.names.queries, _FIELDS, _SHARDS, _PAGE)
        self._missing = False
        self._index: str | None = None
        self._stored_digests = set[str]()
        self._refused = dict[str, str]()

    def find(
        self, stories: Sequence[StoryDocument], queries: Mapping[int, PercolatorQuery], possible: Collection[int]
    ) -> EngineAnswers | None:
        """Run queries on stories.

        Args:
            stories: the batch.
            queries: query id -> query: all that are to be stored.
            possible: the ids of those to run now.

        Returns:
            What matched; None where the cluster has no percolator, or will not run it.
        """
        if self._missing:
            return None
        documents = [source(story, for_candidates=False) for story in stories]
        wanted = {query.digest: query.line for query in queries.values()}
        asked = sorted({queries[number].digest for number in possible if number in queries})
        for _ in range(_TRIES):
            with self._cluster.explained("matching stored queries"):
                try:
                    index = self._index_with(wanted)
                    lineages = self._percolate(index, documents, asked) if asked else {}
                except Unsupported:
                    self._missing = True
                    return None
                except BadRequestError:
                    return None
                except NotFoundError:
                    self._index = None  # another process has replaced it
                    continue
            return EngineAnswers(
                matches={n: lineages[query.digest] for n, query in queries.items() if query.digest in lineages},
                failures={
                    n: self._refused[query.digest] for n, query in queries.items() if query.digest in self._refused
                },
            )
        raise self._scratch.vanishes()

    # ------------------------------------------------------------------ storing

    def _index_with(self, wanted: Mapping[str, bytes]) -> str:
        """The name of the index, after these queries were stored in it, except those that the cluster refuses."""
        if self._index is None:
            self._index = self._scratch.newest()
            self._stored_digests = set(self._listed(self._index)) if self._index else set()
            self._refused = {}
        if self._index is None or len(self._stored_digests - wanted.keys()) > max(_STALE, len(wanted)):
            self._index = self._scratch.make(f"{int(self._now().timestamp() * 1000):014d}")
            self._stored_digests = set(self._listed(self._index))
        missing = [digest for digest in wanted if digest not in self._stored_digests and digest not in self._refused]
        if missing:
            self._store(self._index, {digest: wanted[digest] for digest in missing})
        return self._index

    def _store(self, index: str, queries: Mapping[str, bytes]) -> None:
        items = [Item(index, digest, partial(bytes, line)) for digest, line in queries.items()]
        for item, answer in zip(items, self._bulk.send(items), strict=True):
            match answer.status:
                case ItemStatus.DONE:
                    self._stored_digests.add(item.id)
                case ItemStatus.REFUSED:
                    self._refused[item.id] = answer.reason or "no reason given"
        self._cluster.client.indices.refresh(index=index)

    def _listed(self, index: str) -> Iterator[str]:
        """The digests of the queries that an index holds."""
        body: dict[str, Any] = {"size": _PAGE, "_source": False, "sort": [{"digest": "asc"}]}
        yield from (hit["_id"] for hit in self._pages(index, body))

    # ------------------------------------------------------------------ running

    def _percolate(
        self, index: str, documents: Sequence[Mapping[str, Any]], asked: Sequence[str]
    ) -> dict[str, list[int]]:
        """Digest -> lineages of the documents that match, of the queries that are asked."""
        among = [{"terms": {"digest": asked}}] if len(asked) <= _NAMED else []
        lineages = dict[str, list[int]]()
        for start in range(0, len(documents), _STORIES):
            chunk = documents[start : start + _STORIES]
            percolate = {"percolate": {"field": "asked", "documents": chunk}}
            both = {"bool": {"filter": [*among, percolate]}}
            body = {
                "size": _PAGE,
                "_source": False,
                "sort": [{"digest": "asc"}],
                "query": {"constant_score": {"filter": both}},
            }
            for hit in self._pages(index, body):
                slots = hit["fields"]["_percolator_document_slot"]
                lineages.setdefault(hit["_id"], []).extend(chunk[slot]["lineage"] for slot in slots)
        return lineages

    def _pages(self, index: str, body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """All hits of a search that is sorted by digest."""
        after: dict[str, Any] = {}
        while True:
            answer = self._cluster.client.search(
                index=index, allow_partial_search_results=False, track_total_hits=False, **body, **after
            )
            hits = answer.body["hits"]["hits"]
            yield from hits
            if len(hits) < body["size"]:
                return
            after = {"search_after": hits[-1]["sort"]}
