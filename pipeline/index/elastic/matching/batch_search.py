"""Stories put into a scratch index, so that stored queries can be run on them and on nothing else."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from elasticsearch import NotFoundError

from pipeline.errors import IndexUnavailable
from pipeline.index.elastic.cluster import Cluster, reason
from pipeline.index.elastic.mapping import source, to_json
from pipeline.index.elastic.matching.scratch_index import ScratchIndex
from pipeline.index.elastic.searching.translate import Query
from pipeline.index.elastic.writing.bulk import Bulk, Item, ItemStatus
from pipeline.index.field_values import iso
from pipeline.index.matching.matcher import EngineAnswers
from pipeline.models import StoryDocument

_FIELDS: Mapping[str, Any] = {"batch": {"type": "keyword"}, "put_at": {"type": "date"}}
_QUERIES = 500  # in one request
_STORIES = 1_000  # put in at once
_LEFT_BEHIND = timedelta(days=1)  # after which a batch counts as that of a process that died
_TRIES = 5


class BatchSearch:
    """Runs queries on batches of stories, in one cluster."""

    def __init__(self, cluster: Cluster, bulk: Bulk, now: Callable[[], datetime]) -> None:
        self._cluster = cluster
        self._bulk = bulk
        self._now = now
        self._scratch = ScratchIndex(cluster, cluster.names.batches, _FIELDS)
        self._index: str | None = None

    def find(self, stories: Sequence[StoryDocument], queries: Mapping[int, Query]) -> EngineAnswers:
        """Run queries (by id) on stories; stories that cannot be indexed are left out."""
        answers = EngineAnswers()
        for start in range(0, len(stories), _STORIES):
            part = self._find(stories[start : start + _STORIES], queries)
            answers.failures.update(part.failures)
            for number, lineages in part.matches.items():
                answers.matches.setdefault(number, []).extend(lineages)
        return answers

    def _find(self, stories: Sequence[StoryDocument], queries: Mapping[int, Query]) -> EngineAnswers:
        batch = uuid.uuid4().hex
        for _ in range(_TRIES):
            index = self._index or self._scratch.newest() or self._scratch.make("1")
            self._index = index
            with self._cluster.explained("matching stored queries"):
                try:
                    if self._put(index, batch, stories):
                        return self._ask(index, batch, queries, len(stories))
                except NotFoundError:
                    pass
                finally:
                    self._clear(index, batch)
            self._index = None
        raise self._scratch.vanishes()

    def _put(self, index: str, batch: str, stories: Sequence[StoryDocument]) -> bool:
        """Put stories into the index.

        Returns:
            Whether the index was there to take them.
        """
        tag = {"batch": batch, "put_at": iso(self._now())}
        items = [Item(index, f"{batch}:{story.lineage}", partial(_line, story, tag)) for story in stories]
        if any(answer.status is ItemStatus.GONE for answer in self._bulk.send(items)):
            return False
        self._cluster.client.indices.refresh(index=index)
        return True

    def _ask(self, index: str, batch: str, queries: Mapping[int, Query], size: int) -> EngineAnswers:
        answers = EngineAnswers()
        asked = list(queries)
        for start in range(0, len(asked), _QUERIES):
            chunk = asked[start : start + _QUERIES]
            lines = [line for number in chunk for line in ({"index": index}, _of_batch(batch, queries[number], size))]
            responses = self._cluster.client.msearch(searches=lines).body["responses"]
            for number, response in zip(chunk, responses, strict=True):
                if "error" not in response:
                    answers.matches[number] = [int(hit["_id"].rpartition(":")[2]) for hit in response["hits"]["hits"]]
                elif response["status"] == 400:
                    answers.failures[number] = reason(response)
                else:
                    raise self._cluster.unavailable(
                        "matching stored queries", int(response["status"]), reason(response)
                    )
        return answers

    def _clear(self, index: str, batch: str) -> None:
        old = {"range": {"put_at": {"lt": iso(self._now() - _LEFT_BEHIND)}}}
        done = {"bool": {"should": [{"term": {"batch": batch}}, old]}}
        with suppress(IndexUnavailable), self._cluster.explained("clearing a batch away"):
            self._cluster.client.options(ignore_status=(404, 409)).delete_by_query(
                index=index, query=done, conflicts="proceed"
            )


def _line(story: StoryDocument, tag: Mapping[str, str]) -> bytes:
    return to_json({**source(story, for_candidates=False), **tag})


def _of_batch(batch: str, query: Query, size: int) -> Query:
    return {
        "query": {"bool": {"filter": [{"term": {"batch": batch}}, query]}},
        "size": size,
        "_source": False,
        "track_total_hits": False,
    }
