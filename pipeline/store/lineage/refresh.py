"""What follows when a lineage's takes change: its row, its tasks, the corpus counts, copy groups and its revision.

Every change of takes ends here, so that each rule stands in one place:
- A usable take of a usable lineage is to be tagged once.
- A withdrawn lineage has no open work but a blank for the index and, if readers saw it, the alert about the kill.
- What the index is to hold: ``queue/index_tasks.py``.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, update
from sqlalchemy import bindparam as bind

from pipeline.models import Stage, Status, TakeState
from pipeline.store.copies.copy_groups import update_copy_groups
from pipeline.store.db import tables as t
from pipeline.store.db.statements import chunks, insert_new, insert_rows
from pipeline.store.happenings.assign import remove_from_happenings
from pipeline.store.lineage.lineage_state import LineageRow, LineageState
from pipeline.store.lineage.merge import MergeEffects
from pipeline.store.lineage.winning_take import ResolvedLineage
from pipeline.store.queue.index_tasks import offer_to_index, raise_revisions
from pipeline.store.queue.tasks import task_row
from pipeline.store.ranking.document_frequencies import recount


@dataclass(frozen=True, slots=True)
class _StoredLineage:
    """A lineage that had a row before, with that row and what its takes come to now."""

    state: LineageState
    row: LineageRow
    resolved: ResolvedLineage

    @property
    def id(self) -> int:
        """The lineage."""
        return self.state.id

    @property
    def is_changed(self) -> bool:
        """Whether its document changes."""
        row, resolved = self.row, self.resolved
        return (
            row.status is not resolved.status
            or row.current_version_id != resolved.current.version_id
            or row.corrected != resolved.corrected
            or row.published_at != resolved.published_at
            or row.updated_at != resolved.updated_at
            or self.state.numbers.get(row.current_version_id) != resolved.number
        )

    @property
    def is_lost(self) -> bool:
        """Whether what readers may have seen has just gone: withdrawn, or killed after it had expired."""
        is_killed = self.resolved.current.state is TakeState.WITHDRAWN
        was_killed = self.state.takes[self.row.current_version_id].state is TakeState.WITHDRAWN
        was_offered = self.row.month is not None
        return self.row.status is Status.USABLE or (is_killed and not was_killed and was_offered)

    @property
    def may_regroup(self) -> bool:
        """Whether the copy groups that it is or was in may change."""
        return self.row.status is not self.resolved.status or self.row.published_at != self.resolved.published_at


def refresh_lineages(
    connection: Connection,
    states: Sequence[LineageState],
    merged: MergeEffects | None = None,
    recompared: Collection[int] = (),
) -> None:
    """Write what the takes of these lineages come to, and all that follows from it.

    Args:
        connection: The transaction in which the takes were written.
        states: The lineages.
        merged: Effects of merges; the lineages that others became part of are among ``states``.
        recompared: Those of them with takes that now count as copies of others, or no longer do.
    """
    merged = merged or MergeEffects()
    resolved = [(state, state.resolve()) for state in states]
    stored = [_StoredLineage(state, state.row, resolution) for state, resolution in resolved if state.row is not None]
    _update_numbers(connection, resolved)
    insert_rows(
        connection, t.lineages, [_new_row(state, resolution) for state, resolution in resolved if state.row is None]
    )
    changed = [lineage for lineage in stored if lineage.is_changed]
    if changed:
        connection.execute(_UPDATE, [_update_row(lineage) for lineage in changed])
    hidden = [lineage.id for lineage in stored if lineage.resolved.status is not Status.USABLE]
    rethreaded = remove_from_happenings(connection, hidden)
    _refresh_tasks(connection, resolved, stored, merged)
    recount(
        connection,
        {lineage.id: (lineage.row.counted_version_id, lineage.resolved.counted_version_id) for lineage in stored},
    )
    taken_over = {state.id for state in states} & merged.seen.keys()
    may_regroup = {lineage.id for lineage in stored if lineage.may_regroup} | taken_over | set(recompared)
    regrouped = update_copy_groups(connection, may_regroup)
    raised = {lineage.id for lineage in changed} | taken_over | merged.renamed | rethreaded | regrouped
    raise_revisions(connection, raised)
    offer_to_index(connection, {lineage.id for lineage in stored} | raised)


# --------------------------------------------------------------------------- rows


_COLUMNS = ("status", "current_version_id", "corrected", "published_at", "updated_at", "fetched_at")
_UPDATE = (
    update(t.lineages)
    .where(t.lineages.c.id == bind("lineage_id"))
    .values({name: bind(f"new_{name}") for name in _COLUMNS})
)
_FRESH: dict[str, Any] = {
    "revision": 1, "indexed_revision": 0, "copies": 0, "merged_into": None, "counted_version_id": None,
    "copy_group": None, "happening": None, "thread": None, "month": None,
}  # fmt: skip


def _columns(resolved: ResolvedLineage) -> dict[str, Any]:
    return {
        "status": resolved.status,
        "current_version_id": resolved.current.version_id,
        "corrected": resolved.corrected,
        "published_at": resolved.published_at,
        "updated_at": resolved.updated_at,
        "fetched_at": resolved.fetched_at,
    }


def _new_row(state: LineageState, resolved: ResolvedLineage) -> dict[str, Any]:
    return _columns(resolved) | _FRESH | {"id": state.id}


def _update_row(lineage: _StoredLineage) -> dict[str, Any]:
    columns = {f"new_{name}": value for name, value in _columns(lineage.resolved).items()}
    return {"lineage_id": lineage.id} | columns


def _update_numbers(connection: Connection, resolved: Sequence[tuple[LineageState, ResolvedLineage]]) -> None:
    """Write the number of every take that stands elsewhere in its lineage than before."""
    rows = [
        {"take_id": take.version_id, "new_number": number}
        for state, lineage in resolved
        for number, take in enumerate(lineage.ordered, start=1)
        if state.numbers.get(take.version_id) != number
    ]
    if rows:
        statement = update(t.versions).where(t.versions.c.id == bind("take_id")).values(number=bind("new_number"))
        connection.execute(statement, rows)


# --------------------------------------------------------------------------- tasks


def _refresh_tasks(
    connection: Connection,
    resolved: Sequence[tuple[LineageState, ResolvedLineage]],
    stored: Sequence[_StoredLineage],
    merged: MergeEffects,
) -> None:
    """Open tagging of takes that may be shown, close work on those that may not, and open alerts about kills."""
    rows = [
        task_row(Stage.ENRICH, take.version_id, state.id, take.sent_at)
        for state, lineage in resolved
        if lineage.status is Status.USABLE
        for take in lineage.ordered
        if take.state is TakeState.USABLE and not take.tagged and not take.related
    ]
    insert_new(connection, t.tasks, rows)
    _close_hidden(connection, stored)
    _withdraw(
        connection,
        [
            lineage
            for lineage in stored
            if lineage.resolved.status is Status.WITHDRAWN and (lineage.is_lost or merged.seen.get(lineage.id))
        ],
    )


def _close_hidden(connection: Connection, stored: Sequence[_StoredLineage]) -> None:
    """Close tagging and relating of what readers may not see: expired takes, and all takes of a withdrawn story."""
    hidden = [
        take.version_id
        for lineage in stored
        for take in lineage.resolved.ordered
        if lineage.resolved.status is not Status.USABLE or take.state is not TakeState.USABLE
    ]
    tasks = t.tasks.c
    for chunk in chunks(sorted(hidden)):
        is_hidden = tasks.stage.in_((Stage.ENRICH, Stage.RELATE)) & tasks.subject.in_(chunk)
        connection.execute(delete(t.tasks).where(is_hidden))


def _withdraw(connection: Connection, withdrawn: Sequence[_StoredLineage]) -> None:
    """Close all alerts of stories that were just withdrawn, and open the one about the kill.

    Whoever is writing the document now has the one with the text. INDEX is closed as well, so that the blank is opened
    anew and does not wait for that claim to end.
    """
    tasks = t.tasks.c
    for lineage in withdrawn:
        is_outdated = (tasks.lineage == lineage.id) & tasks.stage.in_((Stage.ALERT, Stage.INDEX))
        connection.execute(delete(t.tasks).where(is_outdated))
        current = lineage.resolved.current
        if current.state is TakeState.WITHDRAWN:
            alert = task_row(Stage.ALERT, current.version_id, lineage.id, current.sent_at)
            insert_rows(connection, t.tasks, [alert])
