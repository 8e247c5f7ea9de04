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

    Of happenings: both tell of one event, or of two. Of threads: the happening of ``one`` follows up that of ``other``,
    or it does not. other: None where a happening is to begin a thread of its own, whatever it seems to follow.
    """

    kind: GroupKind
    one: int
    other: int | None
    same: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Gathered:
    """Lineages that tell of one event. happening: the one that they are of from now on, None for a new one.

    absorbs: happenings that are part of it from now on with all their stories, also those not named here.
    """

    happening: int | None
    lineages: tuple[int, ...]
    absorbs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupChange:
    """A merge or split: ``stories`` lineages left ``left`` for ``joined``; ``merge`` if none stayed behind.

    by, at: who ruled so and when; None where it followed from the stories themselves.
    """

    kind: GroupKind
    left: int
    joined: int
    stories: int
    merge: bool
    by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldStory:
    """A story of a happening, in brief."""

    lineage: int
    uri: str
    headline: str
    source: str | None
    published_at: datetime | None
    status: Status
    copies: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HappeningView:
    """A happening of a thread. follows: the nearest happening that it goes back to of which any story tells; size:
    stories, copies included; stories: some of them, those with most copies first, then in order of publication; new:
    what it adds to the happening that it follows; score: of that link, None where others between were withdrawn."""

    happening: int
    follows: int | None
    score: float | None
    size: int
    first_at: datetime | None
    last_at: datetime | None
    stories: tuple[ToldStory, ...]
    new: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadView:
    """A thread: its happenings in order of time (undated ones last), and what was merged and split in it."""

    thread: int
    happenings: tuple[HappeningView, ...]
    changes: tuple[GroupChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadSummary:
    """A thread in a list of them. happenings, stories: how many; first: the lineage that it begins with."""

    thread: int
    happenings: int
    stories: int
    first_at: datetime | None
    last_at: datetime | None
    first: int
