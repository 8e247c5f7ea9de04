"""Feed health for Kibana: the index wire-feeds, one document per feed under its name."""

import json
import time
import zlib
from collections.abc import Callable, Sequence
from functools import cache, partial
from importlib.resources import files
from typing import Any

from elasticsearch import BadRequestError, NotFoundError

from pipeline.index.elastic.cluster import Cluster, kind
from pipeline.index.elastic.mapping import to_json
from pipeline.index.elastic.names import Names
from pipeline.index.elastic.writing.bulk import Bulk, Item
from pipeline.index.field_values import iso
from pipeline.models import FeedHealth
from pipeline.settings import ElasticsearchSettings

_LONGEST_REASON = 300  # characters


@cache
def mapping() -> dict[str, Any]:
    """The mapping of the index."""
    content: dict[str, Any] = json.loads((files(__package__) / "feed_board_mapping.json").read_text(encoding="utf-8"))
    return content


@cache
def layout() -> str:
    """The fingerprint of the mapping. An index with another one is made again: nothing in it is older than an hour."""
    return f"{zlib.crc32(json.dumps(mapping(), sort_keys=True).encode()):08x}"


class ElasticFeedBoard:
    """See ``FeedBoard``; the arguments are those of ``ElasticIndex``."""

    def __init__(
        self,
        settings: ElasticsearchSettings,
        prefix: str = "wire",
        pause: Callable[[float], None] = time.sleep,
        patience: float = 20.0,
    ) -> None:
        self._cluster = Cluster(settings, Names(prefix), patience, pause)
        self._client = self._cluster.client
        self._bulk = Bulk(self._cluster)
        self._name = self._cluster.names.feeds
        self._seen = False

    def show(self, feeds: Sequence[FeedHealth], *, all_there_are: bool = False) -> None:
        """See ``FeedBoard.show``."""
        self._prepare()
        self._bulk.send([Item(self._name, feed.name, partial(_line, feed), _version(feed)) for feed in feeds])
        with self._cluster.explained("showing how the feeds are doing"):
            try:
                self._client.indices.refresh(index=self._name)
                if all_there_are:
                    others = {"bool": {"must_not": [{"terms": {"name": [feed.name for feed in feeds]}}]}}
                    self._client.delete_by_query(index=self._name, query=others, conflicts="proceed", refresh=True)
            except NotFoundError:
                self._seen = False  # removed by somebody: made again, and filled, the next time

    def close(self) -> None:
        """Give the connections back."""
        self._bulk.close()
        self._cluster.close()

    def _prepare(self) -> None:
        """Make the index, unless it is there as it should be."""
        if self._seen:
            return
        with self._cluster.explained(f"making the index {self._name}"):
            try:
                stored = self._client.indices.get_mapping(index=self._name).body[self._name]["mappings"]
                made_with = stored.get("_meta", {}).get("layout")
            except NotFoundError:
                made_with = None
            if made_with != layout():
                self._make_again()
        self._seen = True

    def _make_again(self) -> None:
        # A write to an index that was removed must fail: made by the write, it would have no mapping.
        self._client.indices.put_index_template(
            name=self._name, index_patterns=[self._name], priority=500, allow_auto_create=False
        )
        self._client.options(ignore_status=404).indices.delete(index=self._name)
        mappings = {**mapping(), "_meta": {**mapping()["_meta"], "layout": layout()}}
        settings = {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}}
        try:
            self._client.indices.create(index=self._name, mappings=mappings, settings=settings)
        except BadRequestError as error:
            if kind(error.body) != "resource_already_exists_exception":
                raise


def _version(feed: FeedHealth) -> int:
    """Microseconds since 1970: what was seen later replaces what was seen earlier."""
    return int(feed.checked_at.timestamp() * 1_000_000)


def _line(feed: FeedHealth) -> bytes:
    document = {
        "name": feed.name,
        "publisher": feed.publisher,
        "url": feed.url,
        "condition": feed.condition,
        "outcome": feed.outcome,
        "reason": feed.reason and feed.reason[:_LONGEST_REASON],
        "failures": feed.failures,
        "lag_seconds": feed.lag and feed.lag.total_seconds(),
        "silent": feed.silent,
        "entries": feed.entries,
        "new": feed.new,
        "seconds": feed.seconds,
        "checked_at": iso(feed.checked_at),
    }
    for name in ("last_fetched_at", "last_ok_at", "last_new_at", "next_due_at"):
        moment = getattr(feed, name)
        document[name] = moment and iso(moment)
    return to_json({name: value for name, value in document.items() if value is not None})
