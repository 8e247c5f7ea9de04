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

from sqlalchemy import Connection, delete, update
from sqlalchemy import bindparam as bind

from pipeline.models import Stage, Status, TakeState
from pipeline.store.copies.copy_groups import update_copy_groups
from pipeline.store.db import tables as t
from pipeline.store.db.statements import chunks, insert_new, insert_rows
from pipeline.store.happenings.assign import remove_from_happenings
from pipeline.store.lineage.lineage_state import LineageRow, LineageState
from pipeline.store.lineage.versions import ResolvedLineage, counted_version
from pipeline.store.queue.index_tasks import offer_to_index, raise_revisions
from pipeline.store.queue.tasks import task_row
from pipeline.store.ranking.document_frequencies import recount


def refresh_lineages(
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
    standings = [(state, state.resolve()) for state in states]
    _write_numbers(connection, standings)
    fresh = [(state, now) for state, now in standings if state.row is None]
    stored = [(state, state.row, now) for state, now in standings if state.row is not None]
    insert_rows(connection, t.lineages, [_row(now) | _NEW | {"id": state.id} for state, now in fresh])
    changed = [(state, known, now) for state, known, now in stored if _differs(state, known, now)]
    if changed:
        connection.execute(_UPDATE, [_update_row(state, now) for state, _, now in changed])
    rethreaded = remove_from_happenings(
        connection, [state.id for state, _, now in stored if now.status is not Status.USABLE]
    )
    _open_tagging(connection, standings)
    _close_unseen(connection, [now for _, _, now in stored])
    lost = [(state.id, now) for state, known, now in stored if _is_lost(state, known, now) or joined.get(state.id)]
    _tell_withdrawn(connection, [(lineage, now) for lineage, now in lost if now.status is Status.WITHDRAWN])
    recount(connection, {state.id: (known.counted, counted_version(now)) for state, known, now in stored})
    may_regroup = {state.id for state, known, now in stored if _may_regroup(known, now)} | {*joined, *retied}
    regrouped = update_copy_groups(connection, may_regroup)
    raised = {state.id for state, _, _ in changed} | {*joined, *renamed} | rethreaded | regrouped
    raise_revisions(connection, raised)
    offer_to_index(connection, {state.id for state, _, _ in stored} | raised)


_NEW: dict[str, Any] = {
    "revision": 1, "indexed_revision": 0, "copies": 0, "joined_to": None, "counted": None,
    "copy_group": None, "happening": None, "thread": None, "month": None,
}  # fmt: skip


def _row(now: ResolvedLineage) -> dict[str, Any]:
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


def _update_row(state: LineageState, now: ResolvedLineage) -> dict[str, Any]:
    return {"lineage_id": state.id} | {f"now_{name}": value for name, value in _row(now).items()}


def _differs(state: LineageState, known: LineageRow, now: ResolvedLineage) -> bool:
    return (
        known.status is not now.status
        or known.current != now.current.version_id
        or known.corrected != now.corrected
        or known.published_at != now.published_at
        or known.updated_at != now.updated_at
        or state.numbers.get(known.current) != now.number
    )


def _is_lost(state: LineageState, known: LineageRow, now: ResolvedLineage) -> bool:
    """Whether what readers may have seen has just gone: withdrawn, or killed after it had expired."""
    killed = now.current.state is TakeState.WITHDRAWN
    killed_before = state.takes[known.current].state is TakeState.WITHDRAWN
    return known.status is Status.USABLE or (killed and not killed_before and known.month is not None)


def _may_regroup(known: LineageRow, now: ResolvedLineage) -> bool:
    return known.status is not now.status or known.published_at != now.published_at


def _write_numbers(connection: Connection, standings: Sequence[tuple[LineageState, ResolvedLineage]]) -> None:
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


def _open_tagging(connection: Connection, standings: Iterable[tuple[LineageState, ResolvedLineage]]) -> None:
    rows = [
        task_row(Stage.ENRICH, take.version_id, state.id, take.at)
        for state, now in standings
        if now.status is Status.USABLE
        for take in now.ordered
        if take.state is TakeState.USABLE and not take.tagged and not take.related
    ]
    insert_new(connection, t.tasks, rows)


def _close_unseen(connection: Connection, stored: Iterable[ResolvedLineage]) -> None:
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


def _tell_withdrawn(connection: Connection, withdrawn: Iterable[tuple[int, ResolvedLineage]]) -> None:
    """Lineages that a kill, or their expiry, has just withdrawn: other alerts are off; the kill is told.

    Whoever is writing the document now has the one with the text: the blank does not wait for that claim to end.
    """
    c = t.tasks.c
    for lineage, now in withdrawn:
        connection.execute(delete(t.tasks).where(c.lineage == lineage, c.stage.in_((Stage.ALERT, Stage.INDEX))))
        if now.current.state is TakeState.WITHDRAWN:
            told = task_row(Stage.ALERT, now.current.version_id, lineage, now.current.at)
            insert_rows(connection, t.tasks, [told])
