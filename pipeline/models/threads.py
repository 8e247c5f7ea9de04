"""Happenings (stories of one event on the same days) and threads (happenings that follow each other up)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.models.story import Status


class GroupKind(StrEnum):
    """What a ruling or a change is about."""

    HAPPENING = "happening"
    THREAD = "thread"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What an operator ruled on two lineages: they belong together, or apart.

    Attributes:
        kind: A ruling on happenings says that both stories report one event, or two. A ruling on threads says that the
            happening of ``one`` follows up that of ``other``, or does not.
        one: A lineage.
        other: The other lineage. None (threads only) where the happening of ``one`` is to begin a thread of its own.
        same: Whether they belong together.
        by: Who ruled so.
        at: When it was ruled.
    """

    kind: GroupKind
    one: int
    other: int | None
    same: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HappeningAssignment:
    """The decision that some lineages report one event.

    Attributes:
        happening: The happening that they belong to from now on, None for a new one.
        lineages: The lineages.
        absorbs: Happenings that become part of this one with all their stories, also those not named here.
    """

    happening: int | None
    lineages: tuple[int, ...]
    absorbs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupChange:
    """A merge or a split of happenings or threads.

    Attributes:
        kind: Whether happenings or threads changed.
        left: The group that stories left.
        joined: The group that they went to.
        stories: How many lineages went.
        merge: Whether no story stayed behind.
        by: Who ruled so, None where it followed from the stories themselves.
        at: When it was ruled, None where it followed from the stories themselves.
    """

    kind: GroupKind
    left: int
    joined: int
    stories: int
    merge: bool
    by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HappeningStory:
    """A story of a happening, in brief. ``copies`` counts the other lineages that carry its text."""

    lineage: int
    uri: str
    headline: str
    source: str | None
    published_at: datetime | None
    status: Status
    copies: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HappeningView:
    """A happening of a thread.

    Attributes:
        happening: Its id.
        follows: The nearest happening before it in the thread that still has stories.
        score: Of the link to that happening; None where happenings between them were withdrawn.
        size: How many stories report it, copies included.
        first_at: When the first of them was published.
        last_at: When the last of them was published.
        stories: Some of them: those with most copies first, then in order of publication.
        new: What it adds to the happening that it follows.
    """

    happening: int
    follows: int | None
    score: float | None
    size: int
    first_at: datetime | None
    last_at: datetime | None
    stories: tuple[HappeningStory, ...]
    new: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadView:
    """A thread: its happenings in order of time (undated ones last), and what was merged and split in it."""

    thread: int
    happenings: tuple[HappeningView, ...]
    changes: tuple[GroupChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadSummary:
    """A thread in a list of threads.

    Attributes:
        thread: Its id.
        happenings: How many happenings it has.
        stories: How many stories report them.
        first_at: When the first of them was published.
        last_at: When the last of them was published.
        first: The lineage that it begins with.
    """

    thread: int
    happenings: int
    stories: int
    first_at: datetime | None
    last_at: datetime | None
    first: int
