"""Which happening or thread a number means: its own id, that of a story, or that of a group that was merged since."""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, select

from pipeline.errors import NotFoundError
from pipeline.models import GroupKind
from pipeline.store.db import happening_tables
from pipeline.store.db import tables as t
from pipeline.store.happenings.group_changes import merged_into
from pipeline.store.happenings.happening_rows import has_members, thread_has_members
from pipeline.store.stories.load import canonical_lineages

_LINEAGES, _HAPPENINGS, _ITEMS = t.lineages.c, happening_tables.happenings.c, t.items.c


def find_lineage(connection: Connection, number: int) -> int:
    """The lineage that a story's number means.

    Raises:
        NotFoundError: No story has this number.
    """
    lineage: int | None = connection.execute(select(_ITEMS.lineage).where(_ITEMS.id == number)).scalar()
    if lineage is None:
        raise NotFoundError(f"{number} names no story")
    return lineage


def find_happening(connection: Connection, number: int) -> int:
    """The happening that a happening's or a story's number means; of a merged one, the one that took it in.

    Raises:
        NotFoundError: The number names neither, or no story of the happening may be shown any more.
    """
    of_story = (
        select(_LINEAGES.happening)
        .join(t.items, _ITEMS.lineage == _LINEAGES.id)
        .where(_ITEMS.id == number, _LINEAGES.happening.is_not(None))
    )
    happening: int | None = connection.execute(of_story).scalar()
    if happening is None:
        happening = _with_members(connection, number)
    if happening is None:
        raise NotFoundError(f"{number} names no happening, and no story that is in one")
    return happening


def find_thread(connection: Connection, number: int) -> int:
    """The thread that a thread's, a happening's or a story's number means; of a merged one, the one that took it in.

    Raises:
        NotFoundError: The number names none of these, or no story of the thread may be shown any more.
    """
    for thread in _possible_threads(connection, number):
        if thread_has_members(connection, thread):
            return thread
    raise NotFoundError(f"{number} names no thread, no happening, and no story that is in one")


def _possible_threads(connection: Connection, number: int) -> Iterator[int]:
    """The threads that a number may mean: as a story, then as a happening, then as a thread."""
    lineage = canonical_lineages(connection, [number]).get(number, number)
    has_thread = select(_LINEAGES.thread).where(_LINEAGES.thread.is_not(None))
    yield from connection.execute(has_thread.where(_LINEAGES.id == lineage)).scalars()
    of_item = has_thread.join(t.items, _ITEMS.lineage == _LINEAGES.id).where(_ITEMS.id == number)
    yield from connection.execute(of_item).scalars()
    yield from _threads_of(connection, [_with_members(connection, number), number])
    for thread in _merge_path(connection, GroupKind.THREAD, number):
        yield thread
        of_thread = select(_HAPPENINGS.id).where(_HAPPENINGS.thread == thread)
        happenings = connection.execute(of_thread.order_by(_HAPPENINGS.first_at, _HAPPENINGS.id)).scalars().all()
        yield from _threads_of(connection, [_with_members(connection, happening) for happening in happenings])


def _threads_of(connection: Connection, happenings: Iterable[int | None]) -> Iterator[int]:
    for happening in happenings:
        yield from connection.execute(select(_HAPPENINGS.thread).where(_HAPPENINGS.id == happening)).scalars()


def _with_members(connection: Connection, happening: int) -> int | None:
    """The happening itself if any story belongs to it, else the one that it became part of, if any."""
    for number in _merge_path(connection, GroupKind.HAPPENING, happening):
        if has_members(connection, number):
            return number
    return None


def _merge_path(connection: Connection, kind: GroupKind, number: int) -> Iterator[int]:
    """A happening or thread and those that it became part of, merge after merge."""
    seen: set[int] = set()
    group: int | None = number
    while group is not None and group not in seen:
        yield group
        seen.add(group)
        group = merged_into(connection, kind, group)
