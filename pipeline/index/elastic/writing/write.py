"""Writing a batch: each document into its month's index, and into the one that a rebuild is filling for that month.

The aliases are looked at after the write; the look serves for the next batch. Where a rebuild has begun or ended in
between, the batch is written again to what has come since: the version rule makes that harmless.
"""

from collections.abc import Sequence

from elasticsearch import NotFoundError

from pipeline.errors import IndexUnavailable
from pipeline.index.elastic.cluster import Cluster
from pipeline.index.elastic.mapping import month_of, to_line
from pipeline.index.elastic.writing.bulk import Answer, Bulk, Fate, Item
from pipeline.index.elastic.writing.index_registry import Catalogue, Indices
from pipeline.models import StoryDocument, WriteOutcome, WriteState

_ROUNDS = 10
_NAMED_AT_ONCE = 40  # indices in one request's address


class Prepared:
    """A document that can be sent to any index of its month; its JSON is made once, when it is first sent."""

    def __init__(self, story: StoryDocument, month: str) -> None:
        self.lineage = story.lineage
        self.revision = story.revision
        self.month = month
        self._story = story
        self._line: bytes | None = None

    def to(self, index: str) -> Item:
        """The action that writes it, by the revision rule."""
        return Item(index, str(self.lineage), self._made, self.revision)

    def _made(self) -> bytes:
        if self._line is None:
            self._line = to_line(self._story)
        return self._line


def prepared(story: StoryDocument) -> Prepared | WriteOutcome:
    """A story ready to be sent, or the outcome that says why it can't be."""
    try:
        return Prepared(story, month_of(story))
    except ValueError as error:
        return WriteOutcome(story.lineage, story.revision, WriteState.REJECTED, str(error))


def outcome(one: Prepared, answer: Answer) -> WriteOutcome:
    """What the cluster's answer means to the store."""
    match answer.fate:
        case Fate.DONE:
            return WriteOutcome(one.lineage, one.revision, WriteState.WRITTEN)
        case Fate.OUTDATED:
            return WriteOutcome(one.lineage, one.revision, WriteState.SUPERSEDED)
        case _:
            return WriteOutcome(one.lineage, one.revision, WriteState.REJECTED, answer.reason)


class Writer:
    """Writes batches, one at a time."""

    def __init__(self, cluster: Cluster, catalogue: Catalogue, bulk: Bulk) -> None:
        self._cluster = cluster
        self._catalogue = catalogue
        self._bulk = bulk
        self._seen: Indices | None = None

    def write(self, stories: Sequence[StoryDocument]) -> list[WriteOutcome]:
        """One outcome each, in order; searchable when this returns."""
        ready = [prepared(story) for story in stories]
        sound = [one for one in ready if isinstance(one, Prepared)]
        answers = iter(self._write(sound) if sound else [])
        return [one if isinstance(one, WriteOutcome) else outcome(one, next(answers)) for one in ready]

    def forget(self) -> None:
        """Look at the aliases anew before the next write."""
        self._seen = None

    def _write(self, sound: Sequence[Prepared]) -> list[Answer]:
        months = {one.month for one in sound}
        given = dict[tuple[int, str], Answer]()
        searched = list[str]()  # every index that was searched in one of the rounds
        indices = self._seen or self._catalogue.look()
        self._seen = None  # whatever goes wrong from here on, the next write looks anew
        for _ in range(_ROUNDS):
            indices = self._with_months(indices, months)
            searched += [index for month in sorted(months) if (index := indices.current[month]) not in searched]
            targets = [
                (place, index)
                for place, one in enumerate(sound)
                for index in indices.targets(one.month)
                if (place, index) not in given
            ]
            answers = self._bulk.send([sound[place].to(index) for place, index in targets])
            given.update(
                (target, answer)
                for target, answer in zip(targets, answers, strict=True)
                if answer.fate is not Fate.GONE
            )
            self._refresh({index for _, index in targets if index in searched})
            before, indices = indices, self._catalogue.look()
            if (
                all(
                    indices.targets(one.month) == before.targets(one.month)
                    and all((place, index) in given for index in indices.targets(one.month))
                    for place, one in enumerate(sound)
                )
                and indices.rebuild == before.rebuild
            ):
                self._seen = indices
                return [
                    _ruling([given[key] for index in searched if (key := (place, index)) in given])
                    for place in range(len(sound))
                ]
        raise IndexUnavailable(f"the indices at {self._cluster.address} change too fast to write to them; try again")

    def _with_months(self, indices: Indices, months: set[str]) -> Indices:
        """The same with an index for each of the months, also in a rebuild."""
        missing = months - indices.current.keys()
        missing_in_rebuild = months - indices.building.keys() if indices.rebuild is not None else set()
        if not missing and not missing_in_rebuild:
            return indices
        for month in sorted(missing):
            self._catalogue.make(month, indices.newest)
        for month in sorted(missing_in_rebuild):
            self._catalogue.make_for_rebuild(month, indices.rebuild or 0)
        indices = self._catalogue.look()
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
        named = sorted(written) if len(written) <= _NAMED_AT_ONCE else [self._cluster.names.all]
        with self._cluster.explained("making the written documents searchable"):
            try:
                self._cluster.client.indices.refresh(index=named)
            except NotFoundError:
                return  # swapped out in between: the look that follows shows it


def _ruling(answers: Sequence[Answer]) -> Answer:
    """What counts where a document went to several searched indices in turn: that it was written, else the last."""
    return next((answer for answer in answers if answer.fate is Fate.DONE), answers[-1])
