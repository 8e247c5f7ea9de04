"""Happenings and threads as readers and operators see them: the port ``ThreadStore``."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection

from pipeline.errors import UsageError
from pipeline.models import GroupChange, GroupKind, HappeningAssignment, Ruling, ThreadSummary, ThreadView
from pipeline.ports import Clock
from pipeline.store.db.database import Database
from pipeline.store.db.epoch import to_epoch_us
from pipeline.store.happenings.assign import save_assignments
from pipeline.store.happenings.group_changes import latest_change_number, load_latest_changes
from pipeline.store.happenings.group_numbers import find_happening, find_lineage, find_thread
from pipeline.store.happenings.happening_rows import first_members, first_story_of_thread, happenings_of
from pipeline.store.happenings.ruling_rules import MAX_RULED, assignments_by_rulings, merge_rulings, split_rulings
from pipeline.store.happenings.rulings import (
    insert_rulings,
    load_all_rulings,
    load_rulings_between,
    take_out_due_rulings,
)
from pipeline.store.happenings.thread_views import load_active_threads, load_thread
from pipeline.store.queue.index_tasks import offer_changed

_ALL = 2**31 - 1  # more stories than a happening has, and more changes than a command brings about


class SqlThreadStore:
    """See ``pipeline.ports.ThreadStore``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def happenings(self, lineages: Collection[int]) -> dict[int, int]:
        """See ``pipeline.ports.ThreadStore.happenings``."""
        with self._database.reading() as connection:
            return happenings_of(connection, lineages)

    def members(self, happenings: Collection[int], most: int) -> dict[int, list[int]]:
        """See ``pipeline.ports.ThreadStore.members``."""
        with self._database.reading() as connection:
            return first_members(connection, sorted(happenings), most)

    def thread(self, number: int, most: int = 5) -> ThreadView:
        """See ``pipeline.ports.ThreadStore.thread``."""
        with self._database.reading() as connection:
            return load_thread(connection, number, most)

    def active_threads(self, limit: int) -> list[ThreadSummary]:
        """See ``pipeline.ports.ThreadStore.active_threads``."""
        with self._database.reading() as connection:
            return load_active_threads(connection, limit)

    def changes(self, limit: int = 50) -> list[GroupChange]:
        """See ``pipeline.ports.ThreadStore.changes``."""
        with self._database.reading() as connection:
            return load_latest_changes(connection, limit)

    def rulings_between(self, lineages: Collection[int]) -> list[Ruling]:
        """See ``pipeline.ports.ThreadStore.rulings_between``."""
        with self._database.reading() as connection:
            return load_rulings_between(connection, lineages)

    def all_rulings(self) -> list[Ruling]:
        """See ``pipeline.ports.ThreadStore.all_rulings``."""
        with self._database.reading() as connection:
            return load_all_rulings(connection)

    # ----------------------------------------------------------------------- ruling

    def merge(self, kind: GroupKind, first: int, second: int, by: str) -> list[GroupChange]:
        """See ``pipeline.ports.ThreadStore.merge``."""
        merge = _merge_happenings if kind is GroupKind.HAPPENING else _merge_threads
        now = self._clock.now()
        return self._database.write(lambda connection: merge(connection, first, second, by, now))

    def split(self, kind: GroupKind, numbers: Sequence[int], by: str) -> list[GroupChange]:
        """See ``pipeline.ports.ThreadStore.split``."""
        split = _split_happening if kind is GroupKind.HAPPENING else _split_threads
        now = self._clock.now()
        return self._database.write(lambda connection: split(connection, numbers, by, now))

    def apply_rulings(self, rulings: Sequence[Ruling]) -> list[GroupChange]:
        """See ``pipeline.ports.ThreadStore.apply_rulings``."""

        def apply(connection: Connection) -> list[GroupChange]:
            changes: list[GroupChange] = []
            due = take_out_due_rulings(connection, rulings)
            for _, command in groupby(due, key=lambda ruling: (ruling.by, ruling.at)):
                changes = _save_and_apply(connection, list(command)) + changes
            return changes

        return self._database.write(apply)


def _merge_happenings(connection: Connection, first: int, second: int, by: str, now: datetime) -> list[GroupChange]:
    kept, absorbed = find_happening(connection, first), find_happening(connection, second)
    if kept == absorbed:
        raise UsageError(f"{first} and {second} are of one happening already")
    members = first_members(connection, (kept, absorbed), MAX_RULED)
    rulings = merge_rulings(members[kept], members[absorbed], by, now)
    # Rulings name the first stories only; all the others go with them.
    return _save_and_apply(connection, rulings, [HappeningAssignment(kept, (), absorbs=(absorbed,))])


def _merge_threads(connection: Connection, first: int, second: int, by: str, now: datetime) -> list[GroupChange]:
    first_thread, second_thread = find_thread(connection, first), find_thread(connection, second)
    if first_thread == second_thread:
        raise UsageError(f"{first} and {second} are of one thread already")
    first_story = first_story_of_thread(connection, first_thread)
    second_story = first_story_of_thread(connection, second_thread)
    return _save_and_apply(connection, [Ruling(GroupKind.THREAD, second_story, first_story, True, by, now)])


def _split_happening(connection: Connection, numbers: Sequence[int], by: str, now: datetime) -> list[GroupChange]:
    leaving = list(dict.fromkeys(find_lineage(connection, number) for number in numbers))
    happening_of = happenings_of(connection, leaving)
    if len(happening_of) < len(leaving) or len(set(happening_of.values())) > 1:
        raise UsageError("these stories are not of one happening")
    members = first_members(connection, set(happening_of.values()), _ALL)
    staying = [lineage for lineages in members.values() for lineage in lineages if lineage not in leaving]
    if not staying:
        raise UsageError("these are all the stories of their happening")
    return _save_and_apply(connection, split_rulings(leaving, staying, by, now))


def _split_threads(connection: Connection, numbers: Sequence[int], by: str, now: datetime) -> list[GroupChange]:
    members = first_members(connection, [find_happening(connection, number) for number in numbers], 1)
    rulings = [Ruling(GroupKind.THREAD, first, None, False, by, now) for (first,) in members.values()]
    return _save_and_apply(connection, rulings)


def _save_and_apply(
    connection: Connection, rulings: Sequence[Ruling], assignments: Sequence[HappeningAssignment] | None = None
) -> list[GroupChange]:
    """Save the rulings of one command and apply them.

    Args:
        connection: The transaction.
        rulings: At least one ruling.
        assignments: What the rulings mean for happenings, where they do not name all stories that are concerned. By
            default it is worked out from the rulings.

    Returns:
        The merges and splits that follow, newest first.
    """
    last_before = latest_change_number(connection)
    insert_rulings(connection, rulings)
    if assignments is None:
        on_happenings = [ruling for ruling in rulings if ruling.kind is GroupKind.HAPPENING]
        assignments = assignments_by_rulings(on_happenings, happenings_of(connection, _lineages_in(rulings)))
    relinked = _lineages_in(ruling for ruling in rulings if ruling.kind is GroupKind.THREAD)
    command = rulings[-1]
    changed = save_assignments(connection, assignments, relinked, command.by, to_epoch_us(command.at))
    offer_changed(connection, changed)
    return load_latest_changes(connection, _ALL, last_before)


def _lineages_in(rulings: Iterable[Ruling]) -> set[int]:
    return {lineage for ruling in rulings for lineage in (ruling.one, ruling.other) if lineage is not None}
