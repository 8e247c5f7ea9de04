"""Writing a batch: each document into its month's index, and into the one that a rebuild is filling for that month.

The aliases are looked at after the write; the look serves for the next batch. Where a rebuild has begun or ended in
between, the batch is written again to what has come since: the version rule makes that harmless.
"""

from collections.abc import Sequence

from elasticsearch import NotFoundError

from pipeline.errors import IndexUnavailable
from pipeline.index.elastic.cluster import Cluster
from pipeline.index.elastic.mapping import month_of, to_line
from pipeline.index.elastic.writing.alias_registry import AliasRegistry, Indices
from pipeline.index.elastic.writing.bulk import Bulk, Item, ItemResult, ItemStatus
from pipeline.models import StoryDocument, WriteOutcome, WriteState

_ROUNDS = 10
_NAMED_AT_ONCE = 40  # indices in one request's address


class PreparedDocument:
    """A document that can be sent to any index of its month; its JSON is made once, when it is first sent."""

    def __init__(self, story: StoryDocument, month: str) -> None:
        self.lineage = story.lineage
        self.revision = story.revision
        self.month = month
        self._story = story
        self._line: bytes | None = None

    def to(self, index: str) -> Item:
        """The item that writes it into an index, by the revision rule."""
        return Item(index, str(self.lineage), self._to_line, self.revision)

    def _to_line(self) -> bytes:
        if self._line is None:
            self._line = to_line(self._story)
        return self._line


def prepare(story: StoryDocument) -> PreparedDocument | WriteOutcome:
    """Prepare a story to be sent; an outcome instead says why it cannot be."""
    try:
        return PreparedDocument(story, month_of(story))
    except ValueError as error:
        return WriteOutcome(story.lineage, story.revision, WriteState.REJECTED, str(error))


def outcome_of(document: PreparedDocument, result: ItemResult) -> WriteOutcome:
    """What a result means to the store."""
    match result.status:
        case ItemStatus.DONE:
            return WriteOutcome(document.lineage, document.revision, WriteState.WRITTEN)
        case ItemStatus.OUTDATED:
            return WriteOutcome(document.lineage, document.revision, WriteState.SUPERSEDED)
        case _:
            return WriteOutcome(document.lineage, document.revision, WriteState.REJECTED, result.reason)


class Writer:
    """Writes batches, one at a time."""

    def __init__(self, cluster: Cluster, registry: AliasRegistry, bulk: Bulk) -> None:
        self._cluster = cluster
        self._registry = registry
        self._bulk = bulk
        self._seen: Indices | None = None

    def write(self, stories: Sequence[StoryDocument]) -> list[WriteOutcome]:
        """Write a batch; it is searchable when this returns.

        Returns:
            One outcome per story, in order.
        """
        prepared = [prepare(story) for story in stories]
        writable = [document for document in prepared if isinstance(document, PreparedDocument)]
        results = iter(self._write(writable) if writable else [])
        return [
            document if isinstance(document, WriteOutcome) else outcome_of(document, next(results))
            for document in prepared
        ]

    def forget(self) -> None:
        """Look at the aliases again before the next write."""
        self._seen = None

    def _write(self, documents: Sequence[PreparedDocument]) -> list[ItemResult]:
        months = {document.month for document in documents}
        results = dict[tuple[int, str], ItemResult]()
        searched = list[str]()  # every index that was searched in one of the rounds
        indices = self._seen or self._registry.look()
        self._seen = None  # whatever goes wrong from here on, the next write looks anew
        for _ in range(_ROUNDS):
            indices = self._with_months(indices, months)
            searched += [index for month in sorted(months) if (index := indices.current[month]) not in searched]
            targets = [
                (position, index)
                for position, document in enumerate(documents)
                for index in indices.targets(document.month)
                if (position, index) not in results
            ]
            answers = self._bulk.send([documents[position].to(index) for position, index in targets])
            results.update(
                (target, answer)
                for target, answer in zip(targets, answers, strict=True)
                if answer.status is not ItemStatus.GONE
            )
            self._refresh({index for _, index in targets if index in searched})
            before, indices = indices, self._registry.look()
            unchanged = indices.rebuild == before.rebuild and all(
                indices.targets(document.month) == before.targets(document.month)
                and all((position, index) in results for index in indices.targets(document.month))
                for position, document in enumerate(documents)
            )
            if unchanged:
                self._seen = indices
                return [
                    _decisive([results[key] for index in searched if (key := (position, index)) in results])
                    for position in range(len(documents))
                ]
        raise IndexUnavailable(f"the indices at {self._cluster.address} change too fast to write to them; try again")

    def _with_months(self, indices: Indices, months: set[str]) -> Indices:
        """The indices, after those that the months lack were made; also for a rebuild."""
        missing = months - indices.current.keys()
        missing_in_rebuild = months - indices.building.keys() if indices.rebuild is not None else set()
        if not missing and not missing_in_rebuild:
            return indices
        for month in sorted(missing):
            self._registry.make(month, indices.newest)
        for month in sorted(missing_in_rebuild):
            self._registry.make_for_rebuild(month, indices.rebuild or 0)
        indices = self._registry.look()
        if lost := sorted(months - indices.current.keys()):
            raise IndexUnavailable(
                f"there is an index for {lost[0]} at {self._cluster.address} that has none of our aliases; "
                "rename or remove it"
            )
        return indices

    def _refresh(self, written: set[str]) -> None:
        """Make what was written searchable."""
        if not written:
            return
        targets = sorted(written) if len(written) <= _NAMED_AT_ONCE else [self._cluster.names.all]
        with self._cluster.explained("making the written documents searchable"):
            try:
                self._cluster.client.indices.refresh(index=targets)
            except NotFoundError:
                return  # swapped out in between: the look that follows shows it


def _decisive(answers: Sequence[ItemResult]) -> ItemResult:
    """The result that counts where a document went to several searched indices in turn: that it was written."""
    return next((answer for answer in answers if answer.status is ItemStatus.DONE), answers[-1])
