"""What follows when a lineage's takes change: its row, tasks, place in the counts and copy groups, and its revision.

Every writer ends here, so that each rule is kept in one place:
- a usable take of a usable lineage is to be tagged once;
- a lineage is offered to the index when its revision is ahead of the indexed one and its winning take is related (or
  was given up on); a withdrawn or joined one only if it may have been indexed before, as a blank; one of a month that
  the index does not keep counts as indexed without being so;
- a withdrawn lineage has no open work but a blank for the index and, if readers saw it, the alert about the kill.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, delete, or_, select, update
from sqlalchemy import bindparam as bind

from pipeline.models import Stage, Status
from pipeline.store.copies.regroup import regroup
from pipeline.store.db import tables as t
from pipeline.store.db.sanitize import at_micros
from pipeline.store.db.statements import chunks, insert_new, insert_rows
from pipeline.store.happenings.assign import leave
from pipeline.store.lineage.lineage_state import Known, LineageState
from pipeline.store.lineage.versions import Standing, TakeState, counted
from pipeline.store.ranking.document_frequencies import recount
from pipeline.store.stories.retention import indexed_from, is_kept

UNDATED = 2**62  # sorts after every date


def settle(
    connection: Connection,
    states: Sequence[LineageState],
    joined: Mapping[int, bool] | None = None,
    renamed: Collection[int] = (),
    retied: Collection[int] = (),
) -> None:
    """Write how these lineages stand now, and all that follows from it.

    joined: those of them that others were joined to, and whether readers may have seen one of these. renamed: lineages
    whose background goes by another name since. retied: those of them with takes that now count as copies, or no more.
    """
    joined = joined or {}
    standings = [(state, state.standing()) for state in states]
    _write_numbers(connection, standings)
    fresh = [(state, now) for state, now in standings if state.known is None]
    stored = [(state, state.known, now) for state, now in standings if state.known is not None]
    insert_rows(connection, t.lineages, [_row(now) | _NEW | {"id": state.id} for state, now in fresh])
    changed = [(state, known, now) for state, known, now in stored if _differs(state, known, now)]
    if changed:
        connection.execute(_UPDATE, [_update_row(state, now) for state, _, now in changed])
    rethreaded = leave(connection, [state.id for state, _, now in stored if now.status is not Status.USABLE])
    _open_tagging(connection, standings)
    _close_unseen(connection, [now for _, _, now in stored])
    lost = [(state.id, now) for state, known, now in stored if _is_lost(state, known, now) or joined.get(state.id)]
    _tell_withdrawn(connection, [(lineage, now) for lineage, now in lost if now.status is Status.WITHDRAWN])
    recount(connection, {state.id: (known.counted, counted(now)) for state, known, now in stored})
    may_regroup = {state.id for state, known, now in stored if _may_regroup(known, now)} | {*joined, *retied}
    raised = {state.id for state, _, _ in changed} | {*joined, *renamed} | rethreaded | regroup(connection, may_regroup)
    raise_revisions(connection, raised)
    offer_to_index(connection, {state.id for state, _, _ in stored} | raised)


_NEW: dict[str, Any] = {
    "revision": 1, "indexed_revision": 0, "copies": 0, "joined_to": None, "counted": None,
    "copy_group": None, "happening": None, "thread": None, "month": None,
}  # fmt: skip


def _row(now: Standing) -> dict[str, Any]:
    return {
        "status": now.status,
        "current": now.current.version_id,
        "corrected": now.corrected,
        "published_at": now.published_at,
        "updated_at": now.updated_at,
        "fetched_at": now.fetched_at,
    }


_ROW = ("status", "current", "corrected", "published_at", "updated_at", "fetched_at")
_UPDATE = (
    update(t.lineages)
    .where(t.lineages.c.id == bind("lineage_id"))
    .values({name: bind(f"now_{name}") for name in _ROW})
)  # fmt: skip


def _update_row(state: LineageState, now: Standing) -> dict[str, Any]:
    return {"lineage_id": state.id} | {f"now_{name}": value for name, value in _row(now).items()}


def _differs(state: LineageState, known: Known, now: Standing) -> bool:
    return (
        known.status is not now.status
        or known.current != now.current.version_id
        or known.corrected != now.corrected
        or known.published_at != now.published_at
        or known.updated_at != now.updated_at
        or state.numbers.get(known.current) != now.number
    )


def _is_lost(state: LineageState, known: Known, now: Standing) -> bool:
    """Whether what readers may have seen has just gone: withdrawn, or killed after it had expired."""
    killed = now.current.state is TakeState.WITHDRAWN
    killed_before = state.takes[known.current].state is TakeState.WITHDRAWN
    return known.status is Status.USABLE or (killed and not killed_before and known.month is not None)


def _may_regroup(known: Known, now: Standing) -> bool:
    return known.status is not now.status or known.published_at != now.published_at


def _write_numbers(connection: Connection, standings: Sequence[tuple[LineageState, Standing]]) -> None:
    rows = [
        {"take_id": take.version_id, "now_number": number}
        for state, now in standings
        for number, take in enumerate(now.ordered, start=1)
        if state.numbers.get(take.version_id) != number
    ]
    if rows:
        connection.execute(
            update(t.versions).where(t.versions.c.id == bind("take_id")).values(number=bind("now_number")), rows
        )


# --------------------------------------------------------------------------- tasks


def _open_tagging(connection: Connection, standings: Iterable[tuple[LineageState, Standing]]) -> None:
    rows = [
        task(Stage.ENRICH, take.version_id, state.id, take.at)
        for state, now in standings
        if now.status is Status.USABLE
        for take in now.ordered
        if take.state is TakeState.USABLE and not take.tagged and not take.related
    ]
    insert_new(connection, t.tasks, rows)


def task(stage: Stage, subject: int, lineage: int, at: int | None, silent: bool = False) -> dict[str, Any]:
    """A row of open work. at: the time of publication that orders claims."""
    return {
        "stage": stage,
        "subject": subject,
        "lineage": lineage,
        "order_at": UNDATED if at is None else at,
        "silent": silent,
    }


def _close_unseen(connection: Connection, stored: Iterable[Standing]) -> None:
    """Nothing is tagged or related that readers may not see: takes that have expired, and all of a withdrawn story."""
    unseen = [
        take.version_id
        for now in stored
        for take in now.ordered
        if now.status is not Status.USABLE or take.state is not TakeState.USABLE
    ]
    c = t.tasks.c
    for some in chunks(sorted(unseen)):
        connection.execute(delete(t.tasks).where(c.stage.in_((Stage.ENRICH, Stage.RELATE)), c.subject.in_(some)))


def _tell_withdrawn(connection: Connection, withdrawn: Iterable[tuple[int, Standing]]) -> None:
    """Lineages that a kill, or their expiry, has just withdrawn: other alerts are off; the kill is told.

    Whoever is writing the document now has the one with the text: the blank does not wait for that claim to end.
    """
    c = t.tasks.c
    for lineage, now in withdrawn:
        connection.execute(delete(t.tasks).where(c.lineage == lineage, c.stage.in_((Stage.ALERT, Stage.INDEX))))
        if now.current.state is TakeState.WITHDRAWN:
            told = task(Stage.ALERT, now.current.version_id, lineage, now.current.at)
            insert_rows(connection, t.tasks, [told])


# --------------------------------------------------------------------------- revisions and the index


def raise_revisions(connection: Connection, lineages: Iterable[int]) -> None:
    """Something indexed has changed in these lineages."""
    for some in chunks(sorted(lineages)):
        statement = update(t.lineages).where(t.lineages.c.id.in_(some)).values(revision=t.lineages.c.revision + 1)
        connection.execute(statement)


_BLANK = or_(t.lineages.c.joined_to.is_not(None), t.lineages.c.status == Status.WITHDRAWN)
_INDEXABLE = and_(
    t.lineages.c.revision > t.lineages.c.indexed_revision,
    or_(
        and_(t.lineages.c.joined_to.is_(None), t.lineages.c.status == Status.USABLE, t.versions.c.related),
        and_(_BLANK, t.lineages.c.month.is_not(None)),
    ),
)


def _month(published_at: int | None) -> str:
    return "" if published_at is None else at_micros(published_at).strftime("%Y.%m")


def offer_to_index(connection: Connection, lineages: Iterable[int]) -> None:
    """Open INDEX for those of these lineages that are to be indexed, close it for the others; fix their month."""
    columns = select(t.lineages.c.id, t.lineages.c.published_at, t.lineages.c.month, _INDEXABLE).select_from(
        t.lineages.join(t.versions, t.versions.c.id == t.lineages.c.current)
    )
    opened: list[dict[str, Any]] = []
    closed: list[int] = []
    months: list[dict[str, Any]] = []
    not_kept: list[int] = []
    first = indexed_from(connection)
    for some in chunks(sorted(lineages)):
        for lineage, published_at, month, indexable in connection.execute(columns.where(t.lineages.c.id.in_(some))):
            if not indexable:
                closed.append(lineage)
                continue
            if month is None:
                months.append({"lineage_id": lineage, "now_month": _month(published_at)})
            if is_kept(_month(published_at) if month is None else month, first):
                opened.append(task(Stage.INDEX, lineage, lineage, published_at))
            else:
                not_kept.append(lineage)
    insert_new(connection, t.tasks, opened)
    for some in chunks(not_kept):
        mine = t.lineages.c.id.in_(some)
        connection.execute(update(t.lineages).where(mine).values(indexed_revision=t.lineages.c.revision))
    for some in chunks(closed + not_kept):
        connection.execute(delete(t.tasks).where(t.tasks.c.stage == Stage.INDEX, t.tasks.c.subject.in_(some)))
    if months:
        connection.execute(
            update(t.lineages).where(t.lineages.c.id == bind("lineage_id")).values(month=bind("now_month")), months
        )
