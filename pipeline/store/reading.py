"""Reading takes and lineage records, many at a time."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from sqlalchemy import Connection, select

from pipeline.models import Enrichment, LineageRecord, Status, StoredTake
from pipeline.store import tables as t
from pipeline.store.clean import at_micros, from_micros
from pipeline.store.codec import load_enrichment, load_origin, load_story
from pipeline.store.marks import honoured_scores, marks_to
from pipeline.store.rows import chunks


def canonical_lineages(connection: Connection, lineages: Iterable[int]) -> dict[int, int]:
    """Aliases among these -> the lineages that they were joined to."""
    l = t.lineages.c  # noqa: E741
    joined = select(l.id, l.joined_to).where(l.joined_to.is_not(None))
    found: dict[int, int] = {}
    for some in chunks(lineages):
        found.update((alias, lineage) for alias, lineage in connection.execute(joined.where(l.id.in_(some))))
    return found


def load_takes(connection: Connection, version_ids: Iterable[int]) -> dict[int, StoredTake]:
    """Takes with their texts, by version id."""
    v = t.versions.c
    joined = t.versions.join(t.items, t.items.c.id == v.item_id).join(t.bodies, t.bodies.c.version_id == v.id)
    columns = select(v.id, v.lineage, v.number, v.story, v.origin, t.items.c.uri, v.headline, t.bodies.c.body)
    found: dict[int, StoredTake] = {}
    for some in chunks(set(version_ids)):
        rows = connection.execute(columns.select_from(joined).where(v.id.in_(some)))
        for version_id, lineage, number, story, origin, uri, headline, body in rows:
            found[version_id] = StoredTake(
                version_id=version_id,
                lineage=lineage,
                version=number,
                story=load_story(story, uri, headline, body),
                origin=load_origin(origin),
            )
    return found


def load_enrichments(connection: Connection, version_ids: Iterable[int]) -> dict[int, Enrichment]:
    """Enrichments without mentions, by version id."""
    e = t.enrichments.c
    found: dict[int, Enrichment] = {}
    for some in chunks(version_ids):
        rows = connection.execute(
            select(e.version_id, e.revision, e.data, e.vector, e.signature).where(e.version_id.in_(some))
        )
        found |= {row[0]: load_enrichment(*row) for row in rows}
    return found


def load_records(connection: Connection, lineages: Collection[int]) -> dict[int, LineageRecord]:
    """Lineage records by id. A withdrawn one, and an alias of a joined one, comes as a blank: no body, no tags."""
    l = t.lineages.c  # noqa: E741
    rows = [
        row for some in chunks(set(lineages)) for row in connection.execute(select(t.lineages).where(l.id.in_(some)))
    ]
    takes = load_takes(connection, [row.current for row in rows])
    shown = [row for row in rows if row.status != Status.WITHDRAWN]
    enrichments = load_enrichments(connection, [row.current for row in shown])
    follows: dict[int, list[tuple[int, float]]] = {}
    for some in chunks(row.id for row in shown):
        statement = select(t.links.c.later, t.links.c.earlier, t.links.c.score).where(t.links.c.later.in_(some))
        for later, earlier, score in connection.execute(statement):
            follows.setdefault(later, []).append((earlier, score))
    follows = honoured_scores(follows, marks_to(connection, [row.id for row in shown]))
    return {
        row.id: LineageRecord(
            lineage=row.id,
            revision=row.revision,
            status=Status(row.status),
            corrected=row.corrected,
            published_at=from_micros(row.published_at),
            updated_at=from_micros(row.updated_at),
            fetched_at=at_micros(row.fetched_at),
            current=_blank(takes[row.current], row.joined_to) if row.status == Status.WITHDRAWN else takes[row.current],
            enrichment=enrichments.get(row.current),
            copy_group=row.copy_group,
            copies=row.copies,
            happening=row.happening,
            thread=row.thread,
            follows=tuple(sorted(follows.get(row.id, ()), key=lambda link: (-link[1], link[0]))),
            month=row.month or None,
            joined_to=row.joined_to,
        )
        for row in rows
    }


def _blank(take: StoredTake, joined_to: int | None) -> StoredTake:
    story = replace(take.story, status=Status.WITHDRAWN, body="", dateline=None, trailer=None)
    return replace(take, story=story if joined_to is None else replace(story, headline="", slugline=None, byline=None))
