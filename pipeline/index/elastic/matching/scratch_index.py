"""Scratch indices, in which matching works: the analysis of the stories' indices, without vectors."""

from collections.abc import Mapping
from typing import Any

from elasticsearch import BadRequestError

from pipeline.errors import IndexUnavailable
from pipeline.index.elastic.cluster import Cluster, kind, reason
from pipeline.index.elastic.mapping import analysis, layout, properties


class Unsupported(Exception):
    """The cluster has no such type of field."""


class ScratchIndex:
    """The scratch index of one purpose; when it is replaced, it gets another name.

    Args:
        cluster: where it is.
        purpose: the beginning of its names.
        fields: its fields beside those of a story.
        shards: each is searched on a thread of its own.
        window: the most hits that one search gives.
    """

    def __init__(
        self, cluster: Cluster, purpose: str, fields: Mapping[str, Any], shards: int = 1, window: int = 10_000
    ) -> None:
        self._cluster = cluster
        self._client = cluster.client
        self._purpose = purpose
        self._fields = fields
        self._shards = shards
        self._window = window

    def newest(self) -> str | None:
        """The index in use; None where there is none."""
        with self._cluster.explained(f"looking for {self._purpose}"):
            response = self._client.indices.get_alias(index=f"{self._purpose}-{layout()}-*")
        return max(response.body, default=None)

    def make(self, suffix: str) -> str:
        """Make an index to use from now on, and remove the others.

        Args:
            suffix: of its name; it sorts after earlier ones.

        Returns:
            The name of the index.

        Raises:
            Unsupported: the cluster lacks the type of a field.
        """
        index, names = f"{self._purpose}-{layout()}-{suffix}", self._cluster.names
        with self._cluster.explained(f"making the index {index}"):
            # A write to one that was removed must fail: made by the write, it would have no mapping.
            self._client.indices.put_index_template(
                name=names.matching,
                index_patterns=[f"{names.queries}-*", f"{names.batches}-*"],
                priority=500,
                allow_auto_create=False,
            )
            try:
                self._client.indices.create(index=index, settings=self._settings(), mappings=self._mappings())
            except BadRequestError as error:
                cause = reason(error.body)
                if "No handler for type" in cause:
                    raise Unsupported(cause) from error
                if kind(error.body) != "resource_already_exists_exception":
                    raise
            existing = self._client.indices.get_alias(index=f"{self._purpose}-*")
            for other in sorted(set(existing.body) - {index}):
                self._client.options(ignore_status=404).indices.delete(index=other)
        return index

    def _settings(self) -> dict[str, Any]:
        return {
            "index": {
                "number_of_shards": self._shards,
                "auto_expand_replicas": "0-1",
                "max_result_window": self._window,
                "analysis": analysis(),
            }
        }

    def _mappings(self) -> dict[str, Any]:
        return {"dynamic": "strict", "properties": {**properties(for_candidates=False), **self._fields}}

    def vanishes(self) -> IndexUnavailable:
        """The error for an index that is removed again and again."""
        return IndexUnavailable(f"{self._purpose} at {self._cluster.address} is removed again and again; try again")
