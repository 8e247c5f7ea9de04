"""Bulk requests with an answer for every item: none is lost to a busy cluster or to a neighbour's fault.

Items go out in chunks, several at a time, so that one is made while others are on their way. What the cluster has no
room for just then (429, 503) is sent again, at ever longer intervals. Answers about the whole cluster end the write:
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
    """One action. source: makes the document's JSON; ValueError says that there can be none."""

    index: str
    id: str
    source: Callable[[], bytes]
    version: int | None = None

    def line(self) -> bytes:
        """Both lines of it, without the last end of line."""
        external = "" if self.version is None else f',"version":{self.version},"version_type":"external"'
        action = f'{{"index":{{"_index":"{self.index}","_id":"{self.id}"{external}}}}}\n'
        return action.encode() + self.source()


_Busy: TypeAlias = tuple[int, str]
"""Status and reason of what the cluster has no room for just then."""

_DONE, _OUTDATED, _GONE = Answer(Fate.DONE), Answer(Fate.OUTDATED), Answer(Fate.GONE)


class Bulk:
    """Sends items."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._client = cluster.bulk_client
        self._senders: ThreadPoolExecutor | None = None

    def send(self, items: Sequence[Item]) -> list[Answer]:
        """One answer each, in order; those for the same document are done in order. Raises IndexUnavailable."""
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

    def _send_chunk(self, items: Sequence[Item]) -> list[Answer]:
        answers, lines = dict[int, Answer](), dict[int, bytes]()
        for place, item in enumerate(items):
            try:
                lines[place] = item.line()
            except (ValueError, OverflowError, TypeError) as error:
                answers[place] = Answer(Fate.REFUSED, str(error))
        for attempt in range(_TRIES):
            if not lines:
                return [answers[place] for place in range(len(items))]
            if attempt:
                self._cluster.pause(_FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(0.75, 1.25))
            busy = dict[int, bytes]()
            for (place, line), answer in zip(lines.items(), self._request(list(lines.values())), strict=True):
                if isinstance(answer, Answer):
                    answers[place] = answer
                else:
                    busy[place] = line
                    status, said = answer
            lines = busy
        if not lines:
            return [answers[place] for place in range(len(items))]
        raise self._cluster.unavailable(f"writing {len(lines)} documents, {_TRIES} tries", status, said)

    def _request(self, lines: Sequence[bytes]) -> list[Answer | _Busy]:
        """An answer for each, or status and reason for what may be tried again."""
        if len(lines) > 1 and sum(map(len, lines)) > MOST_BYTES:
            return self._in_halves(lines)
        with self._cluster.explained(f"writing {len(lines)} documents"):
            try:
                found = self._client.bulk(operations=cast(Any, lines), filter_path=_ANSWERS)
            except ApiError as error:
                if error.status_code == 413 and len(lines) > 1:
                    return self._in_halves(lines)
                if error.status_code == 413:
                    return [Answer(Fate.REFUSED, f"larger than the cluster takes: {len(lines[0])} bytes")]
                if error.status_code not in _BUSY:
                    raise
                return [(error.status_code, reason(error.body))] * len(lines)
        if not found.body["errors"]:
            return [_DONE] * len(lines)
        return [self._answer(next(iter(one.values()))) for one in found.body["items"]]

    def _in_halves(self, lines: Sequence[bytes]) -> list[Answer | _Busy]:
        half = len(lines) // 2
        return self._request(lines[:half]) + self._request(lines[half:])

    def _answer(self, item: dict[str, Any]) -> Answer | _Busy:
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
