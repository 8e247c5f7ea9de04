"""What ranking compares and the relate stage decides, and what readers and operators say of it."""

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
    ResolvedMarks,
    Ruling,
    StoredTake,
    StoryHead,
    StoryOutline,
    StorySketch,
    ThreadSummary,
    ThreadView,
)


class RelationStore(Protocol):
    """What ranking reads of stories, and the links and copies that were found."""

    def change_token(self) -> str:
        """A token of everything that is committed. While it stays the same, what was read before still holds."""

    def heads(self, lineages: Collection[int]) -> list[StoryHead]:
        """Heads of the tagged, usable lineages among these, in any order."""

    def sketches(self, lineages: Collection[int]) -> list[StorySketch]:
        """Heads, sketches and vectors of the tagged, usable lineages among these, in any order."""

    def outlines(self, lineages: Sequence[int]) -> list[StoryOutline]:
        """Outlines of the tagged, usable lineages among these, in the order asked."""

    def uris(self, lineages: Collection[int]) -> dict[int, str]:
        """Lineage -> the uri of its winning take. Unknown lineages are left out."""

    def frequencies(self, keys: Collection[int]) -> tuple[int, dict[int, int]]:
        """Document frequencies of labels that are given as keys.

        Args:
            keys: Keys of terms and entities (``pipeline.shared_formats.sketch``).

        Returns:
            How many lineages are counted, and key -> in how many of them it occurs. Unseen keys are absent.
        """

    def counts(self, terms: Iterable[str], entity_ids: Iterable[str]) -> CorpusCounts:
        """Document frequencies of these terms and entities. Unseen ones are absent."""

    def copy_candidates(self, version_ids: Sequence[int], window: timedelta) -> dict[int, list[StoredTake]]:
        """Find takes of other lineages that share signature bands with these takes.

        Args:
            version_ids: The takes.
            window: How far apart two dated takes may be.

        Returns:
            Version id -> at most 50 takes: those that share most bands, then the nearest in time. Of more than fifty,
            the last ten make room for the first published. Every id that was asked for has a list.
        """

    def signature(self, version_id: int) -> bytes | None:
        """A take's MinHash signature; None for a short or untagged one."""

    def links_from(self, lineage: int) -> list[Link]:
        """Links in which this lineage is the earlier story: its follow-ups, best first. Marks are applied."""

    def links_to(self, lineage: int) -> list[Link]:
        """Links in which this lineage is the later story: its background, best first. Marks are applied."""

    def copies(self, lineage: int) -> list[int]:
        """The other lineages of its copy group, in order of publication."""

    def copy_edges(self, lineage: int) -> list[CopyEdge]:
        """The edges that hold its copy group together."""


class MarkStore(Protocol):
    """Readers' marks on follow-ups.

    Links and records apply them, for copies as well: a follow-up that is marked wrong is left out, one that is marked
    right scores 1. A mark keeps the ids under which its stories were marked, and goes with a story that is merged into
    another.
    """

    def mark(self, mark: Mark) -> None:
        """Save a mark in place of an earlier one on the pair. The later story and its copies are indexed again."""

    def unmark(self, earlier: int, later: int) -> None:
        """Take back the mark on a pair.

        Raises:
            NotFoundError: The pair is not marked; nothing changes.
        """

    def marks(self, lineages: Sequence[int] | None = None) -> list[Mark]:
        """Every mark, or those in which one of these lineages is an end; oldest first."""

    def resolved(self, lineages: Iterable[int]) -> ResolvedMarks:
        """The marks that hold between these stories and others, whether they or their copies were marked."""


class ThreadStore(Protocol):
    """Happenings and threads, and operators' rulings on them.

    Happenings are written with the outcome of the relate stage (``WorkQueue.record_related``), which keeps to the
    rulings. Happenings and threads take their ids from the numbers of stories: no number names two things.
    """

    def happenings(self, lineages: Collection[int]) -> dict[int, int]:
        """Lineage -> its happening. Lineages without one are absent."""

    def members(self, happenings: Collection[int], most: int) -> dict[int, list[int]]:
        """Happening -> its first lineages in order of publication, at most ``most`` of each."""

    def thread(self, number: int, most: int = 5) -> ThreadView:
        """Read a thread.

        Args:
            number: A thread, a happening or a lineage. Where a group was merged, its number means the group that took
                it in.
            most: How many stories of each happening are wanted.

        Raises:
            NotFoundError: The number names none of these, or nothing of the thread may be shown any more.
        """

    def active_threads(self, limit: int) -> list[ThreadSummary]:
        """Threads of two happenings or more, those first whose latest story is the newest."""

    def changes(self, limit: int = 50) -> list[GroupChange]:
        """The latest merges and splits, newest first."""

    def rulings_between(self, lineages: Collection[int]) -> list[Ruling]:
        """The rulings on happenings that hold between two of these lineages, also those that hold by a third story."""

    def all_rulings(self) -> list[Ruling]:
        """Every ruling, oldest first. Applied in that order to the same stories, they give the same groups."""

    def merge(self, kind: GroupKind, first: int, second: int, by: str) -> list[GroupChange]:
        """Rule that two groups belong together, and apply it.

        Args:
            kind: Whether happenings or threads are merged.
            first: A lineage, a happening or (of threads) a thread.
            second: The other group.
            by: Who rules so.

        Returns:
            The merges and splits that follow, newest first.

        Raises:
            NotFoundError: A number names no group.
            UsageError: They are one group already.
        """

    def split(self, kind: GroupKind, numbers: Sequence[int], by: str) -> list[GroupChange]:
        """Rule that stories belong apart from their happening, or a happening from what it follows, and apply it.

        Args:
            kind: Happenings: these stories report an event of their own. Threads: their happenings begin threads.
            numbers: Lineages; of threads also happenings.
            by: Who rules so.

        Returns:
            The merges and splits that follow, newest first.

        Raises:
            NotFoundError: A number names no story (or happening).
            UsageError: The stories are not of one happening, or are all that it has.
        """

    def apply_rulings(self, rulings: Sequence[Ruling]) -> list[GroupChange]:
        """Save rulings and apply them in this order, those of one command (same ``by`` and ``at``) together.

        Rulings that hold already are skipped, up to the first one that does not.

        Returns:
            The merges and splits that follow, newest first.
        """


class EntityStore(Protocol):
    """Operators' decisions about entities. They are applied to everything that tagging records."""

    def decide(self, decision: EntityDecision) -> EntityDecision:
        """Save a decision and open the takes that carry its entities for tagging, silently, in one transaction.

        Returns:
            The decision with its number; where the same decision holds already, that one.
        """

    def undo(self, decision_id: int, now: datetime) -> EntityDecision:
        """Take a decision back and open the takes that carry its entities for tagging, silently.

        Raises:
            NotFoundError: No decision of this number holds.
        """

    def decisions(self) -> list[EntityDecision]:
        """Every decision in the order in which they were made, those taken back included."""
