"""Recording what relating found: links, copies, and the alert that follows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, delete, or_, select, update

from pipeline.models import CopyEdge, Link, Relations, Stage
from pipeline.store.copies.copy_groups import update_copy_groups
from pipeline.store.db import tables as t
from pipeline.store.db.json_codec import dump_reasons, dump_strings
from pipeline.store.db.statements import chunks, insert_new, upsert
from pipeline.store.happenings.assign import save_assignments
from pipeline.store.happenings.rulings import drop_overruled
from pipeline.store.queue.index_tasks import offer_to_index, raise_revisions
from pipeline.store.queue.tasks import OpenTask, close_tasks, load_open_tasks, task_row


def record_related(connection: Connection, relations: Sequence[Relations]) -> None:
    """Save the relations whose tasks are open. Links are kept of winning takes only, copies of every take."""
    work = load_open_tasks(connection, Stage.RELATE, (one.version_id for one in relations))
    new = {one.version_id: one for one in relations if one.version_id in work}
    if not new:
        return
    wins_in = current_versions(connection, {work[version_id].lineage for version_id in new})
    winners = {
        version_id: one for version_id, one in new.items() if wins_in.get(work[version_id].lineage) == version_id
    }
    raised = _save_links(connection, {work[key].lineage: winners[key].links for key in sorted(winners)})
    regrouped = update_copy_groups(connection, _save_copies(connection, new, work))
    assignments = dict.fromkeys(one for key in sorted(winners) for one in winners[key].assignments)
    # Marks hold for copies, and groups of these are known by now.
    raised |= save_assignments(connection, drop_overruled(connection, list(assignments)), raised)
    for some in chunks(sorted(new)):
        connection.execute(update(t.versions).where(t.versions.c.id.in_(some)).values(related=True))
    close_tasks(connection, Stage.RELATE, new)
    open_alerts(connection, [work[key] for key in sorted(new)], wins_in)
    raised |= {work[key].lineage for key in winners} | regrouped
    raise_revisions(connection, raised)
    offer_to_index(connection, raised)


def current_versions(connection: Connection, lineages: Iterable[int]) -> dict[int, int]:
    """Lineage -> its winning take."""
    l = t.lineages.c  # noqa: E741
    found: dict[int, int] = {}
    for some in chunks(sorted(lineages)):
        found.update(
            (lineage, take) for lineage, take in connection.execute(select(l.id, l.current).where(l.id.in_(some)))
        )
    return found


# --------------------------------------------------------------------------- links


def _save_links(connection: Connection, links: Mapping[int, Sequence[Link]]) -> set[int]:
    """Replace what each lineage decided about its background and about later stories; the lineages changed by it."""
    c = t.links.c
    named = {end for found in links.values() for link in found for end in (link.earlier, link.later)}
    where = _lineage_of(connection, named)
    changed: set[int] = set()
    for some in chunks(links):
        outdated = or_(c.later.in_(some), c.decided_by.in_(some))
        changed.update(connection.execute(select(c.later).where(outdated)).scalars())
        connection.execute(delete(t.links).where(outdated))
    rows: dict[tuple[int, int], dict[str, Any]] = {}
    for lineage, found in links.items():
        for link in found:
            earlier, later = where.get(link.earlier), where.get(link.later)
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


def _lineage_of(connection: Connection, named: Iterable[int]) -> dict[int, int]:
    """Lineages named while they may have been joined to others since -> the lineages that they are now part of."""
    found: dict[int, int] = {}
    for some in chunks(sorted(named)):
        statement = select(t.items.c.id, t.items.c.lineage).where(t.items.c.id.in_(some))
        found.update((name, lineage) for name, lineage in connection.execute(statement))
    return found


# --------------------------------------------------------------------------- copies


def _save_copies(connection: Connection, new: Mapping[int, Relations], work: Mapping[int, OpenTask]) -> set[int]:
    """Save the findings; the lineages whose copy groups may change by them."""
    e = t.copy_edges.c
    again = [version_id for version_id in sorted(new) if work[version_id].silent]
    tied: set[int] = set()
    for some in chunks(again):
        outdated = or_(e.version_a.in_(some), e.version_b.in_(some))
        for pair in connection.execute(select(e.lineage_a, e.lineage_b).where(outdated)):
            tied.update(pair)
        connection.execute(delete(t.copy_edges).where(outdated))
    edges = {_pair(edge): edge.similarity for one in new.values() for edge in one.copies}
    lineages = _lineages(connection, {version_id for pair in edges for version_id in pair})
    rows = [
        {"version_a": a, "version_b": b, "lineage_a": lineages[a], "lineage_b": lineages[b], "similarity": similarity}
        for (a, b), similarity in sorted(edges.items())
        if a in lineages and b in lineages and lineages[a] != lineages[b]
    ]
    upsert(connection, t.copy_edges, rows, ("version_a", "version_b"))
    return tied | {lineages[version_id] for pair in edges for version_id in pair if version_id in lineages}


def _pair(edge: CopyEdge) -> tuple[int, int]:
    return min(edge.version_a, edge.version_b), max(edge.version_a, edge.version_b)


def _lineages(connection: Connection, version_ids: Collection[int]) -> dict[int, int]:
    v = t.versions.c
    found: dict[int, int] = {}
    for some in chunks(sorted(version_ids)):
        found.update(
            (key, lineage) for key, lineage in connection.execute(select(v.id, v.lineage).where(v.id.in_(some)))
        )
    return found


# --------------------------------------------------------------------------- alerts


def open_alerts(connection: Connection, done: Sequence[OpenTask], wins_in: Mapping[int, int]) -> None:
    """Open ALERT for takes that are through relating, unless a re-tag asked for it.

    An older take's alert is the newest one's too, unless that one came by a backfill, which stays silent.
    """
    v = t.versions.c
    loud = [work for work in done if not work.silent]
    ids = sorted({wins_in[work.lineage] for work in loud})
    backfilled: set[int] = set()
    for some in chunks(ids):
        backfilled.update(connection.execute(select(v.id).where(v.id.in_(some), v.backfill)).scalars())
    wins = [work for work in loud if wins_in[work.lineage] == work.subject]
    losers = [work for work in loud if wins_in[work.lineage] != work.subject]
    kept = [work for work in losers if wins_in[work.lineage] in backfilled and not work.backfill]
    speaking = [work.lineage for work in wins if work.subject not in backfilled]
    for some in chunks(speaking):
        superseded = and_(t.tasks.c.stage == Stage.ALERT, t.tasks.c.lineage.in_(some), t.tasks.c.owner.is_(None))
        connection.execute(delete(t.tasks).where(superseded))
    insert_new(
        connection, t.tasks, [task_row(Stage.ALERT, work.subject, work.lineage, work.sent_at) for work in wins + kept]
    )
