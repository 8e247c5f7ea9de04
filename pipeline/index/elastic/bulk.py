"""Bulk requests with an answer for every item: none is lost to a busy cluster or to a neighbour's fault.

Items go out in chunks, several at a time. What the cluster has no room for just then (429, 503) is sent again, at ever
longer intervals. Answers that say something about the whole cluster end the write: IndexUnavailable.
"""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

from elasticsearch import ApiError

from pipeline.index.elastic.cluster import Cluster, reason

CHUNK = 500
CHUNK_BYTES = 8_000_000
SENDERS = 4

_TRIES = 8
_FIRST_PAUSE = 0.25  # seconds; doubled each time, to about half a minute in all
_BUSY = (429, 502, 503, 504)
_FOREIGN_MAPPING = "strict_dynamic_mapping_exception"  # no document's fault: ours have the mapping's fields only
_ANSWERS = ["errors", "items.*.status", "items.*.error.type", "items.*.error.reason", "items.*.error.caused_by"]


class Fate(Enum):
    """What became of an item."""

    DONE = "done"
    OUTDATED = "a higher version is there"
    GONE = "its index is not there"
    REFUSED = "never to be taken"


@dataclass(frozen=True, slots=True)
class Answer:
    """An item's fate; reason: the cluster's, where it refused."""

    fate: Fate
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One action: its own line and the document's."""

    index: str
    id: str
    source: bytes
    version: int | None = None

    @property
    def lines(self) -> tuple[bytes, bytes]:
        external = "" if self.version is None else f',"version":{self.version},"version_type":"external"'
        return f'{{"index":{{"_index":"{self.index}","_id":"{self.id}"{external}}}}}'.encode(), self.source


_DONE, _OUTDATED, _GONE = Answer(Fate.DONE), Answer(Fate.OUTDATED), Answer(Fate.GONE)


class Bulk:
    """Sends items."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._client = cluster.bulk_client
        self._senders: ThreadPoolExecutor | None = None

    def send(self, items: Sequence[Item]) -> list[Answer]:
        """One answer each, in order; those for the same document are done in order. Raises IndexUnavailable."""
        chunks = list(_chunks(items))
        if len(chunks) < 2 or len({(item.index, item.id) for item in items}) < len(items):
            return [answer for chunk in chunks for answer in self._send_chunk(chunk)]
        if self._senders is None:
            self._senders = ThreadPoolExecutor(SENDERS, "elasticsearch-bulk")
        return [answer for answers in self._senders.map(self._send_chunk, chunks) for answer in answers]

    def close(self) -> None:
        """End the threads."""
        if self._senders is not None:
            self._senders.shutdown()
            self._senders = None

    def _send_chunk(self, items: Sequence[Item]) -> list[Answer]:
        answers = dict[int, Answer]()
        pending = list(range(len(items)))
        for attempt in range(_TRIES):
            busy = dict[int, tuple[int, str]]()
            found = self._request([items[place] for place in pending])
            for place, answer in zip(pending, found, strict=True):
                if isinstance(answer, Answer):
                    answers[place] = answer
                else:
                    busy[place] = answer
            if not busy:
                return [answers[place] for place in range(len(items))]
            pending = list(busy)
            status, said = busy[pending[0]]
            if attempt + 1 < _TRIES:
                self._cluster.pause(_FIRST_PAUSE * 2**attempt * random.uniform(0.75, 1.25))
        raise self._cluster.unavailable(f"writing {len(pending)} documents, {_TRIES} tries", status, said)

    def _request(self, items: Sequence[Item]) -> list[Answer | tuple[int, str]]:
        """An answer, or status and reason for what may be tried again."""
        lines = [line for item in items for line in item.lines]
        with self._cluster.explained(f"writing {len(items)} documents"):
            try:
                found = self._client.bulk(operations=cast(Any, lines), filter_path=_ANSWERS)
            except ApiError as error:
                if error.status_code == 413 and len(items) > 1:
                    half = len(items) // 2
                    return self._request(items[:half]) + self._request(items[half:])
                if error.status_code == 413:
                    return [Answer(Fate.REFUSED, f"larger than the cluster takes: {len(items[0].source)} bytes")]
                if error.status_code not in _BUSY:
                    raise
                return [(error.status_code, reason(error.body))] * len(items)
        if not found.body["errors"]:
            return [_DONE] * len(items)
        return [self._answer(next(iter(one.values()))) for one in found.body["items"]]

    def _answer(self, item: dict[str, Any]) -> Answer | tuple[int, str]:
        status = int(item["status"])
        if status < 300:
            return _DONE
        if status == 409:
            return _OUTDATED
        said = reason(item)
        if status == 404:
            return _GONE
        if status in _BUSY:
            return status, said
        if status == 400 and not said.startswith(_FOREIGN_MAPPING):
            return Answer(Fate.REFUSED, said)
        raise self._cluster.unavailable("writing documents", status, said)


def _chunks(items: Sequence[Item]) -> Iterator[list[Item]]:
    chunk, size = list[Item](), 0
    for item in items:
        if chunk and (len(chunk) == CHUNK or size + len(item.source) > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += len(item.source)
    if chunk:
        yield chunk
