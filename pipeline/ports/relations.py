"""What ranking compares and relating finds, and what people say of it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from pipeline.models import (
    CopyEdge,
    CorpusCounts,
    EntityDecision,
    GroupChange,
    GroupKind,
    Link,
    Mark,
    Ruling,
    Sketched,
    Standing,
    StoredTake,
    StoryHead,
    StoryOutline,
    ThreadSummary,
    ThreadView,
)


class RelationStore(Protocol):
    """What ranking compares, and what relating found."""

    def outlines(self, lineages: Sequence[int]) -> list[StoryOutline]:
        """Outlines of the tagged, usable lineages among these, in the order asked."""

    def mark(self) -> str:
        """A mark of all that is committed: while it stays the same, what was read before still holds."""

    def heads(self, lineages: Collection[int]) -> list[StoryHead]:
        """Heads of the tagged, usable lineages among these, in any order."""

    def sketches(self, lineages: Collection[int]) -> list[Sketched]:
        """The same with what ranking counts of them."""

    def uris(self, lineages: Collection[int]) -> dict[int, str]:
        """Lineage -> the uri of its winning take; unknown lineages are left out."""

    def frequencies(self, keys: Collection[int]) -> tuple[int, dict[int, int]]:
        """How many lineages are counted, and in how many of them each label (a key of ``pipeline.models.sketch``)
        occurs; unseen ones are absent."""

    def counts(self, terms: Iterable[str], entity_ids: Iterable[str]) -> CorpusCounts:
        """Document frequencies of these; unseen ones are absent."""

    def copy_candidates(self, version_ids: Sequence[int], window: timedelta) -> dict[int, list[StoredTake]]:
        """Takes of other lineages that share signature bands within the window; at most 50 each: those that share most
        bands, then the nearest in time, and of more than fifty the first published. Every id asked for has a list."""

    def signature(self, version_id: int) -> bytes | None:
        """A take's MinHash signature."""

    def links_from(self, lineage: int) -> list[Link]:
        """Links in which this lineage is the earlier story: its follow-ups, best first."""

    def links_to(self, lineage: int) -> list[Link]:
        """Links in which this lineage is the later story: its background, best first."""

    def copies(self, lineage: int) -> list[int]:
        """The other lineages of its copy group, in order of publication."""

    def copy_edges(self, lineage: int) -> list[CopyEdge]:
        """The edges that hold its copy group together."""


class MarkStore(Protocol):
    """What readers say of follow-ups. Links and records honour it, for copies as well: wrong ones are left out, right
    ones score 1."""

    def mark(self, mark: Mark) -> None:
        """Save a mark in place of what was said of the pair before; the later story and its copies are to be indexed
        again."""

    def unmark(self, earlier: int, later: int) -> None:
        """Take back what was said of a pair. Raises NotFoundError if nothing was: then nothing changes."""

    def marks(self, lineages: Sequence[int] | None = None) -> list[Mark]:
        """Every mark, or those in which one of these lineages is an end; oldest first."""

    def standing(self, lineages: Iterable[int]) -> Standing:
        """What holds between these stories and others, by marks on them or on their copies."""


class ThreadStore(Protocol):
    """Happenings and threads. They are written with what relating found (``WorkQueue.record_related``); what an
    operator rules is honoured from then on. Ids share their numbers with stories, and none is given twice."""

    def happenings(self, lineages: Collection[int]) -> dict[int, int]:
        """Lineage -> the happening that it is of; those of none are absent."""

    def told(self, happenings: Collection[int], most: int) -> dict[int, list[int]]:
        """Happening -> its first lineages in order of publication, at most ``most`` each."""

    def rulings(self, lineages: Collection[int]) -> list[Ruling]:
        """What stands as ruled on happenings between two of these lineages, also by way of a third story."""

    def thread(self, number: int, most: int = 5) -> ThreadView:
        """The thread of this id, or of this happening or lineage, with ``most`` stories a happening; of what was
        merged, the one that it became part of. Raises NotFoundError."""

    def going_on(self, limit: int) -> list[ThreadSummary]:
        """Threads of two happenings and more, those first whose latest story is the newest."""

    def merge(self, kind: GroupKind, one: int, other: int, by: str) -> list[GroupChange]:
        """Rule that two belong together (lineages, happenings or threads), for good. What changed by it."""

    def split(self, kind: GroupKind, numbers: Sequence[int], by: str) -> list[GroupChange]:
        """Rule that these lineages tell of a happening of their own, or that their happening begins a thread of its
        own, for good. What changed by it."""

    def rule(self, rulings: Sequence[Ruling]) -> list[GroupChange]:
        """Save these rulings, and apply them in this order; those that stand already, from the first one on, are left
        as they are. What changed by it, newest first."""

    def ruled(self) -> list[Ruling]:
        """Every ruling, in order: applied again in that order to the same stories, they give the same."""

    def changes(self, limit: int = 50) -> list[GroupChange]:
        """The latest merges and splits, newest first."""


class EntityStore(Protocol):
    """Entities across stories, and what operators decided about them: applied to all that tagging records."""

    def decide(self, decision: EntityDecision) -> EntityDecision:
        """Save a decision and open the takes that carry its entities for tagging, silently: one transaction. A decision
        that stands already is given back as it is."""

    def undo(self, decision_id: int, now: datetime) -> EntityDecision:
        """Take a decision back and open its takes for tagging, silently. Raises NotFoundError for none that stands."""

    def decisions(self) -> list[EntityDecision]:
        """Every decision in the order made, those taken back included."""
