"""Bulk requests with an outcome for every item: none is lost to a busy cluster or to another item's fault.

Items go out in chunks, several at a time, so that one chunk is made while others are on their way. What the cluster has
no room for (429, 503) is sent again, at ever longer intervals. An answer about the whole cluster ends the write with
IndexUnavailable.
"""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from math import ceil
from typing import Any, TypeAlias, cast

from elasticsearch import ApiError

from pipeline.index.elastic.cluster import Cluster, reason

SENDERS = 4
LEAST_AT_ONCE, MOST_AT_ONCE = 50, 500  # items in a request
MOST_BYTES = 8_000_000

_TRIES = 8
_FIRST_PAUSE = 0.25  # seconds; doubled each time, to about half a minute in all
_BUSY = (429, 502, 503, 504)
_FOREIGN_MAPPING = "strict_dynamic_mapping_exception"  # no document's fault: ours have the mapping's fields only
_ANSWERS = ["errors", "items.*.status", "items.*.error.type", "items.*.error.reason", "items.*.error.caused_by"]


class ItemStatus(Enum):
    """What became of an item."""

    DONE = "done"
    OUTDATED = "a higher version is there"
    GONE = "its index is not there"
    REFUSED = "never to be taken"


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of an item.

    Attributes:
        status: whether it was written.
        reason: the cluster's, where it refused.
    """

    status: ItemStatus
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One document to write.

    Attributes:
        index: where.
        id: of the document.
        source: makes its JSON; it raises ValueError if there can be none.
        version: the external version; None to overwrite whatever is there.
    """

    index: str
    id: str
    source: Callable[[], bytes]
    version: int | None = None

    def line(self) -> bytes:
        """The two lines of the item in a bulk request, without the last line break."""
        external = "" if self.version is None else f',"version":{self.version},"version_type":"external"'
        action = f'{{"index":{{"_index":"{self.index}","_id":"{self.id}"{external}}}}}\n'
        return action.encode() + self.source()


_Busy: TypeAlias = tuple[int, str]
"""Status and reason of an item that the cluster has no room for yet."""

_DONE, _OUTDATED, _GONE = ItemResult(ItemStatus.DONE), ItemResult(ItemStatus.OUTDATED), ItemResult(ItemStatus.GONE)


class Bulk:
    """Sends items to one cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._client = cluster.bulk_client
        self._senders: ThreadPoolExecutor | None = None

    def send(self, items: Sequence[Item]) -> list[ItemResult]:
        """Send items; those for the same document are written in order.

        Returns:
            One result per item, in order.

        Raises:
            IndexUnavailable: the cluster takes none of them.
        """
        size = min(MOST_AT_ONCE, max(LEAST_AT_ONCE, ceil(len(items) / SENDERS)))
        chunks = [items[start : start + size] for start in range(0, len(items), size)]
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

    def _send_chunk(self, items: Sequence[Item]) -> list[ItemResult]:
        answers, lines = dict[int, ItemResult](), dict[int, bytes]()
        for position, item in enumerate(items):
            try:
                lines[position] = item.line()
            except (ValueError, OverflowError, TypeError) as error:
                answers[position] = ItemResult(ItemStatus.REFUSED, str(error))
        for attempt in range(_TRIES):
            if not lines:
                return [answers[position] for position in range(len(items))]
            if attempt:
                self._cluster.pause(_FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(0.75, 1.25))
            busy = dict[int, bytes]()
            for (position, line), answer in zip(lines.items(), self._request(list(lines.values())), strict=True):
                if isinstance(answer, ItemResult):
                    answers[position] = answer
                else:
                    busy[position] = line
                    status, cause = answer
            lines = busy
        if not lines:
            return [answers[position] for position in range(len(items))]
        raise self._cluster.unavailable(f"writing {len(lines)} documents, {_TRIES} tries", status, cause)

    def _request(self, lines: Sequence[bytes]) -> list[ItemResult | _Busy]:
        """The result of each line, or status and reason for what may be tried again."""
        if len(lines) > 1 and sum(map(len, lines)) > MOST_BYTES:
            return self._in_halves(lines)
        with self._cluster.explained(f"writing {len(lines)} documents"):
            try:
                response = self._client.bulk(operations=cast(Any, lines), filter_path=_ANSWERS)
            except ApiError as error:
                if error.status_code == 413 and len(lines) > 1:
                    return self._in_halves(lines)
                if error.status_code == 413:
                    return [ItemResult(ItemStatus.REFUSED, f"larger than the cluster takes: {len(lines[0])} bytes")]
                if error.status_code not in _BUSY:
                    raise
                return [(error.status_code, reason(error.body))] * len(lines)
        if not response.body["errors"]:
            return [_DONE] * len(lines)
        return [self._result(next(iter(item.values()))) for item in response.body["items"]]

    def _in_halves(self, lines: Sequence[bytes]) -> list[ItemResult | _Busy]:
        half = len(lines) // 2
        return self._request(lines[:half]) + self._request(lines[half:])

    def _result(self, item: dict[str, Any]) -> ItemResult | _Busy:
        status = int(item["status"])
        if status < 300:
            return _DONE
        if status == 409:
            return _OUTDATED
        cause = reason(item)
        if status == 404:
            return _GONE
        if status in _BUSY:
            return status, cause
        if status == 400 and not cause.startswith(_FOREIGN_MAPPING):
            return ItemResult(ItemStatus.REFUSED, cause)
        raise self._cluster.unavailable("writing documents", status, cause)
