"""Recording what relating came to: links, copies, happenings, and the alerts that are due."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from pipeline.models import CopyEdge, Link, Relations, Stage
from pipeline.store.copies.copy_groups import update_copy_groups
from pipeline.store.db import tables as t
from pipeline.store.db.json_codec import dump_reasons, dump_strings
from pipeline.store.db.statements import chunks, upsert
from pipeline.store.happenings.assign import save_assignments
from pipeline.store.happenings.rulings import drop_overruled
from pipeline.store.outcomes.open_alert_tasks import current_versions, open_alerts
from pipeline.store.queue.index_tasks import offer_changed
from pipeline.store.queue.tasks import OpenTask, close_tasks, load_open_tasks


def record_related(connection: Connection, relations: Sequence[Relations]) -> None:
    """Save the relations whose tasks are open. Links are kept of winning takes only, copies of every take."""
    tasks = load_open_tasks(connection, Stage.RELATE, (related.version_id for related in relations))
    new = {related.version_id: related for related in relations if related.version_id in tasks}
    if not new:
        return
    current = current_versions(connection, {tasks[version_id].lineage for version_id in new})
    winners = [
        new[version_id] for version_id in sorted(new) if current.get(tasks[version_id].lineage) == version_id
    ]  # fmt: skip
    of_winners = {tasks[related.version_id].lineage: related.links for related in winners}
    changed = _save_links(connection, of_winners)
    regrouped = update_copy_groups(connection, _save_copies(connection, new, tasks))
    assignments = dict.fromkeys(assignment for related in winners for assignment in related.assignments)
    # Rulings and marks hold for copies too, and the groups of these are known by now.
    changed |= save_assignments(connection, drop_overruled(connection, list(assignments)), changed)
    for chunk in chunks(sorted(new)):
        connection.execute(update(t.versions).where(t.versions.c.id.in_(chunk)).values(related=True))
    close_tasks(connection, Stage.RELATE, new)
    open_alerts(connection, [tasks[version_id] for version_id in sorted(new)], current)
    offer_changed(connection, changed | of_winners.keys() | regrouped)


# --------------------------------------------------------------------------- links


def _save_links(connection: Connection, links: Mapping[int, Sequence[Link]]) -> set[int]:
    """Replace what lineages decided about their background and about later stories.

    Args:
        connection: The transaction.
        links: Lineage -> the links that it decided.

    Returns:
        The lineages whose background changed.
    """
    columns = t.links.c
    named = {end for decided in links.values() for link in decided for end in (link.earlier, link.later)}
    lineage_of = _canonical(connection, named)
    changed: set[int] = set()
    for chunk in chunks(links):
        is_outdated = or_(columns.later.in_(chunk), columns.decided_by.in_(chunk))
        changed.update(connection.execute(select(columns.later).where(is_outdated)).scalars())
        connection.execute(delete(t.links).where(is_outdated))
    rows: dict[tuple[int, int], dict[str, Any]] = {}
    for lineage, decided in links.items():
        for link in decided:
            earlier, later = lineage_of.get(link.earlier), lineage_of.get(link.later)
            if earlier is None or later is None or earlier == later:
                continue
            rows[earlier, later] = {
                "earlier": earlier,
                "later": later,
                "decided_by": lineage,
                "score": link.score,
                "reasons": dump_reasons(link.reasons),
                "new": dump_strings(link.new),
            }
            changed.add(later)
    upsert(connection, t.links, [rows[pair] for pair in sorted(rows)], ("earlier", "later"))
    return changed


def _canonical(connection: Connection, named: Iterable[int]) -> dict[int, int]:
    """Lineages, which may have been merged since they were named -> the lineages that they are now part of."""
    columns = select(t.items.c.id, t.items.c.lineage)
    canonical: dict[int, int] = {}
    for chunk in chunks(sorted(named)):
        canonical.update((row[0], row[1]) for row in connection.execute(columns.where(t.items.c.id.in_(chunk))))
    return canonical


# --------------------------------------------------------------------------- copies


def _save_copies(connection: Connection, new: Mapping[int, Relations], tasks: Mapping[int, OpenTask]) -> set[int]:
    """Save the pairs of copies. What an earlier relating found for takes that were tagged again goes first.

    Returns:
        The lineages whose copy groups may change.
    """
    changed = _delete_copies(connection, [version_id for version_id in sorted(new) if tasks[version_id].silent])
    edges = {_pair(edge): edge.similarity for related in new.values() for edge in related.copies}
    lineages = _lineages_of(connection, {version_id for pair in edges for version_id in pair})
    rows = [
        {"version_a": a, "version_b": b, "lineage_a": lineages[a], "lineage_b": lineages[b], "similarity": similarity}
        for (a, b), similarity in sorted(edges.items())
        if a in lineages and b in lineages and lineages[a] != lineages[b]
    ]
    upsert(connection, t.copy_edges, rows, ("version_a", "version_b"))
    return changed | {lineages[version_id] for pair in edges for version_id in pair if version_id in lineages}


def _delete_copies(connection: Connection, version_ids: Sequence[int]) -> set[int]:
    """Delete the pairs that these takes are in. Returns the lineages of the pairs."""
    edges = t.copy_edges.c
    lineages: set[int] = set()
    for chunk in chunks(version_ids):
        is_outdated = or_(edges.version_a.in_(chunk), edges.version_b.in_(chunk))
        for pair in connection.execute(select(edges.lineage_a, edges.lineage_b).where(is_outdated)):
            lineages.update(pair)
        connection.execute(delete(t.copy_edges).where(is_outdated))
    return lineages


def _pair(edge: CopyEdge) -> tuple[int, int]:
    return min(edge.version_a, edge.version_b), max(edge.version_a, edge.version_b)


def _lineages_of(connection: Connection, version_ids: Collection[int]) -> dict[int, int]:
    """Take -> its lineage; takes that are not known are absent."""
    columns = select(t.versions.c.id, t.versions.c.lineage)
    lineages: dict[int, int] = {}
    for chunk in chunks(sorted(version_ids)):
        lineages.update((row[0], row[1]) for row in connection.execute(columns.where(t.versions.c.id.in_(chunk))))
    return lineages
