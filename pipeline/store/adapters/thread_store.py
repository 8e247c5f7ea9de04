"""Happenings and threads as readers and operators see them: the port ``ThreadStore``."""

from collections.abc import Collection, Sequence
from itertools import groupby

from sqlalchemy import Connection, select

from pipeline.errors import NotFoundError, UsageError
from pipeline.models import GroupChange, GroupKind, HappeningAssignment, Ruling, ThreadSummary, ThreadView
from pipeline.ports import Clock
from pipeline.store.db import happening_tables as tt
from pipeline.store.db import tables as t
from pipeline.store.db.database import Database
from pipeline.store.db.epoch import to_epoch_us
from pipeline.store.db.statements import insert_rows
from pipeline.store.happenings.assign import save_assignments
from pipeline.store.happenings.forest import first_members, happenings_of
from pipeline.store.happenings.rulings import MOST, all_rulings, applied, due, merging, rulings_between, splitting
from pipeline.store.happenings.thread_reader import (
    happening_of,
    last_change,
    latest_changes,
    latest_threads,
    read_thread,
    thread_of,
)
from pipeline.store.queue.index_tasks import offer_to_index, raise_revisions

_ALL = 2**31  # merges and splits that one command may have brought about

_l, _h = t.lineages.c, tt.happenings.c


class SqlThreadStore:
    """See ``pipeline.ports.ThreadStore``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def happenings(self, lineages: Collection[int]) -> dict[int, int]:
        """Lineage -> the happening that it is of; those of none are absent."""
        with self._database.reading() as connection:
            return happenings_of(connection, lineages)

    def members(self, happenings: Collection[int], most: int) -> dict[int, list[int]]:
        """Happening -> its first lineages in order of publication, at most ``most`` each."""
        with self._database.reading() as connection:
            return first_members(connection, sorted(happenings), most)

    def rulings_between(self, lineages: Collection[int]) -> list[Ruling]:
        """What stands as ruled on happenings between two of these lineages."""
        with self._database.reading() as connection:
            return rulings_between(connection, lineages)

    def thread(self, number: int, most: int = 5) -> ThreadView:
        """The thread of this id, or of this happening or lineage. Raises NotFoundError."""
        with self._database.reading() as connection:
            return read_thread(connection, number, most)

    def active_threads(self, limit: int) -> list[ThreadSummary]:
        """Threads of two happenings and more, the latest first."""
        with self._database.reading() as connection:
            return latest_threads(connection, limit)

    def changes(self, limit: int = 50) -> list[GroupChange]:
        """The latest merges and splits, newest first."""
        with self._database.reading() as connection:
            return latest_changes(connection, limit)

    def all_rulings(self) -> list[Ruling]:
        """Every ruling, oldest first."""
        with self._database.reading() as connection:
            return all_rulings(connection)

    # ----------------------------------------------------------------------- rulings

    def merge(self, kind: GroupKind, one: int, other: int, by: str) -> list[GroupChange]:
        """Rule that two belong together, for good. What changed by it. Raises NotFoundError; UsageError if they do."""
        now = self._clock.now()

        def work(connection: Connection) -> list[GroupChange]:
            if kind is GroupKind.HAPPENING:
                first, second = happening_of(connection, one), happening_of(connection, other)
                _refuse(first == second, f"{one} and {other} are of one happening already")
                told = first_members(connection, (first, second), MOST)
                whole = HappeningAssignment(first, (), absorbs=(second,))
                return _rule(connection, merging(told[first], told[second], by, now), [whole])
            first, second = thread_of(connection, one), thread_of(connection, other)
            _refuse(first == second, f"{one} and {other} are of one thread already")
            heads = [_head(connection, thread) for thread in (first, second)]
            return _rule(connection, [Ruling(kind, heads[1], heads[0], True, by, now)])

        return self._database.write(work)

    def split(self, kind: GroupKind, numbers: Sequence[int], by: str) -> list[GroupChange]:
        """Rule that these lineages tell of a happening of their own, or that theirs begins a thread of its own. What
        changed by it. Raises NotFoundError; UsageError if nothing would be left to split from."""
        now = self._clock.now()

        def work(connection: Connection) -> list[GroupChange]:
            if kind is GroupKind.THREAD:
                heads = first_members(connection, [happening_of(connection, number) for number in numbers], 1)
                return _rule(connection, [Ruling(kind, head, None, False, by, now) for (head,) in heads.values()])
            leaving = list(dict.fromkeys(_lineage(connection, number) for number in numbers))
            of = happenings_of(connection, leaving)
            _refuse(len(of) < len(leaving) or len(set(of.values())) > 1, "these stories are not of one happening")
            whole = first_members(connection, set(of.values()), 2**31 - 1)
            staying = [one for told in whole.values() for one in told if one not in leaving]
            _refuse(not staying, "these are all the stories of their happening")
            return _rule(connection, splitting(leaving, staying, by, now))

        return self._database.write(work)

    def apply_rulings(self, rulings: Sequence[Ruling]) -> list[GroupChange]:
        """Save rulings and apply them in this order, those of a command together. Those that stand already are left
        until one does not. What changed by it, newest first."""

        def work(connection: Connection) -> list[GroupChange]:
            changed: list[GroupChange] = []
            for _, command in groupby(due(connection, rulings), key=lambda ruling: (ruling.by, ruling.at)):
                changed = _rule(connection, list(command)) + changed
            return changed

        return self._database.write(work)


def _rule(
    connection: Connection, rulings: Sequence[Ruling], gathered: Sequence[HappeningAssignment] | None = None
) -> list[GroupChange]:
    """Save and apply what one command rules; what changed by it. gathered: what follows for happenings, where the
    rulings do not name all stories that are concerned."""
    before = last_change(connection)
    rows = [
        {
            "kind": ruling.kind,
            "one": ruling.one,
            "other": ruling.other,
            "same": ruling.same,
            "by": ruling.by,
            "at": to_epoch_us(ruling.at),
        }
        for ruling in rulings
    ]
    insert_rows(connection, tt.rulings, rows)
    named = {one for ruling in rulings for one in (ruling.one, ruling.other) if one is not None}
    told = [ruling for ruling in rulings if ruling.kind is GroupKind.HAPPENING]
    threaded = {
        one
        for ruling in rulings
        if ruling.kind is GroupKind.THREAD
        for one in (ruling.one, ruling.other)
        if one is not None
    }
    if gathered is None:
        gathered = applied(told, happenings_of(connection, named))
    last = rulings[-1]
    changed = save_assignments(connection, gathered, threaded, last.by, to_epoch_us(last.at))
    raise_revisions(connection, changed)
    offer_to_index(connection, changed)
    return latest_changes(connection, _ALL, before)


def _lineage(connection: Connection, number: int) -> int:
    lineage: int | None = connection.execute(select(t.items.c.lineage).where(t.items.c.id == number)).scalar()
    if lineage is None:
        raise NotFoundError(f"{number} names no story")
    return lineage


def _head(connection: Connection, thread: int) -> int:
    """The first story of a thread's first happening that anything tells of."""
    told = select(_l.id).join(tt.happenings, _h.id == _l.happening).where(_h.thread == thread)
    first = told.order_by(_h.first_at.is_(None), _h.first_at, _h.id, _l.published_at, _l.id).limit(1)
    head: int = connection.execute(first).scalar_one()
    return head


def _refuse(when: bool, reason: str) -> None:
    if when:
        raise UsageError(reason)
