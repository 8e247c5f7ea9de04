"""Rows of happenings, and which stories belong to them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from pipeline.store.db import happening_tables
from pipeline.store.db import tables as t
from pipeline.store.db.statements import chunks

_UNDATED = 2**62  # after every date
_LINEAGES, _HAPPENINGS = t.lineages.c, happening_tables.happenings.c


@dataclass(slots=True)
class HappeningRow:
    """A row of the table.

    Attributes:
        id: The happening.
        thread: Its thread.
        parent: The happening that it follows up, None for one that begins its thread.
        score: Score of the best link to its parent.
        first_at: When it begins: publication of its first dated story, microseconds. None if no story is dated.
    """

    id: int
    thread: int
    parent: int | None
    score: float | None
    first_at: int | None

    @property
    def order(self) -> tuple[int, int]:
        """Sort key in time; undated ones come last."""
        return (_UNDATED if self.first_at is None else self.first_at, self.id)


_ROWS = select(
    _HAPPENINGS.id, _HAPPENINGS.thread, _HAPPENINGS.parent, _HAPPENINGS.score, _HAPPENINGS.first_at
)  # as HappeningRow has them


def load_happenings(connection: Connection, happenings: Collection[int]) -> dict[int, HappeningRow]:
    """Happening -> its row. Unknown ones are absent."""
    rows: dict[int, HappeningRow] = {}
    for chunk in chunks(sorted(happenings)):
        for row in connection.execute(_ROWS.where(_HAPPENINGS.id.in_(chunk))):
            rows[row.id] = HappeningRow(*row)
    return rows


def load_happenings_of_thread(connection: Connection, thread: int) -> list[HappeningRow]:
    """The happenings of a thread in order of time, also those without stories."""
    rows = [HappeningRow(*row) for row in connection.execute(_ROWS.where(_HAPPENINGS.thread == thread))]
    return sorted(rows, key=lambda row: row.order)


def load_followers(connection: Connection, happenings: Collection[int]) -> list[int]:
    """The happenings whose parent is one of these."""
    followers: list[int] = []
    for chunk in chunks(sorted(happenings)):
        followers += connection.execute(select(_HAPPENINGS.id).where(_HAPPENINGS.parent.in_(chunk))).scalars()
    return followers


def happenings_of(connection: Connection, lineages: Collection[int]) -> dict[int, int]:
    """Lineage -> its happening. Lineages without one are absent."""
    happening_of: dict[int, int] = {}
    for chunk in chunks(sorted(lineages)):
        assigned = select(_LINEAGES.id, _LINEAGES.happening).where(
            _LINEAGES.id.in_(chunk), _LINEAGES.happening.is_not(None)
        )
        happening_of.update((lineage, happening) for lineage, happening in connection.execute(assigned))
    return happening_of


def first_members(connection: Connection, happenings: Iterable[int], most: int) -> dict[int, list[int]]:
    """Happening -> its first lineages in order of publication (undated last), at most ``most``."""
    members: dict[int, list[int]] = {}
    for happening in happenings:
        stories = select(_LINEAGES.id).where(_LINEAGES.happening == happening)
        ordered = stories.order_by(_LINEAGES.published_at.is_(None), _LINEAGES.published_at, _LINEAGES.id)
        members[happening] = list(connection.execute(ordered.limit(most)).scalars())
    return members


def has_members(connection: Connection, happening: int) -> bool:
    """Whether any story belongs to this happening."""
    stories = select(_LINEAGES.id).where(_LINEAGES.happening == happening)
    return connection.execute(stories.limit(1)).scalar() is not None


def thread_has_members(connection: Connection, thread: int) -> bool:
    """Whether any story belongs to a happening of this thread."""
    stories = (
        select(_LINEAGES.id)
        .join(happening_tables.happenings, _HAPPENINGS.id == _LINEAGES.happening)
        .where(_HAPPENINGS.thread == thread)
    )
    return connection.execute(stories.limit(1)).scalar() is not None


def first_story_of_thread(connection: Connection, thread: int) -> int:
    """The first story of the first happening in a thread that has stories. The thread has at least one."""
    stories = (
        select(_LINEAGES.id)
        .join(happening_tables.happenings, _HAPPENINGS.id == _LINEAGES.happening)
        .where(_HAPPENINGS.thread == thread)
        .order_by(
            _HAPPENINGS.first_at.is_(None),
            _HAPPENINGS.first_at,
            _HAPPENINGS.id,
            _LINEAGES.published_at,
            _LINEAGES.id,
        )
    )
    lineage: int = connection.execute(stories.limit(1)).scalar_one()
    return lineage
