"""Reading takes and lineage records, many at a time."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, select

from pipeline.models import Enrichment, LineageRecord, Status, StoredTake
from pipeline.store.db import tables as t
from pipeline.store.db.epoch import from_epoch_us
from pipeline.store.db.json_codec import load_enrichment, load_origin, load_story
from pipeline.store.db.statements import chunks
from pipeline.store.marks.resolve import apply_marks_to_scores, load_resolved_marks

# Built once: a statement costs more to build than to run.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_l, _v, _e, _k = t.lineages.c, t.versions.c, t.enrichments.c, t.links.c
_ALIASES = select(_l.id, _l.joined_to).where(_l.joined_to.is_not(None), _l.id.in_(_IDS))
_TAKES = (
    select(_v.id, _v.lineage, _v.number, _v.story, _v.origin, t.items.c.uri, _v.headline, t.bodies.c.body)
    .select_from(t.versions.join(t.items, t.items.c.id == _v.item_id).join(t.bodies, t.bodies.c.version_id == _v.id))
    .where(_v.id.in_(_IDS))
)
_ENRICHMENTS = select(_e.version_id, _e.revision, _e.data, _e.vector, _e.signature).where(_e.version_id.in_(_IDS))
_LINEAGES = select(t.lineages).where(_l.id.in_(_IDS))
_FOLLOWS = select(_k.later, _k.earlier, _k.score).where(_k.later.in_(_IDS))


def _rows(connection: Connection, statement: Select[Any], ids: Iterable[int]) -> Iterator[Any]:
    for some in chunks(ids):
        yield from connection.execute(statement, {"ids": some})


def canonical_lineages(connection: Connection, lineages: Iterable[int]) -> dict[int, int]:
    """Aliases among these -> the lineages that they were joined to."""
    return dict(_rows(connection, _ALIASES, lineages))


def load_takes(connection: Connection, version_ids: Iterable[int]) -> dict[int, StoredTake]:
    """Takes with their texts, by version id."""
    return {
        version_id: StoredTake(
            version_id=version_id,
            lineage=lineage,
            version=number,
            story=load_story(story, uri, headline, body),
            origin=load_origin(origin),
        )
        for version_id, lineage, number, story, origin, uri, headline, body in _rows(
            connection, _TAKES, set(version_ids)
        )
    }


def load_enrichments(connection: Connection, version_ids: Iterable[int]) -> dict[int, Enrichment]:
    """Enrichments without mentions, by version id."""
    return {row[0]: load_enrichment(*row) for row in _rows(connection, _ENRICHMENTS, version_ids)}


def load_records(connection: Connection, lineages: Collection[int]) -> dict[int, LineageRecord]:
    """Lineage records by id. A withdrawn one, and an alias of a joined one, comes as a blank: no body, no tags."""
    rows = list(_rows(connection, _LINEAGES, set(lineages)))
    takes = load_takes(connection, [row.current for row in rows])
    shown = [row for row in rows if row.status != Status.WITHDRAWN]
    enrichments = load_enrichments(connection, [row.current for row in shown])
    follows: dict[int, list[tuple[int, float]]] = {}
    for later, earlier, score in _rows(connection, _FOLLOWS, [row.id for row in shown]):
        follows.setdefault(later, []).append((earlier, score))
    follows = apply_marks_to_scores(follows, load_resolved_marks(connection, [row.id for row in shown]))
    return {
        row.id: LineageRecord(
            lineage=row.id,
            revision=row.revision,
            status=Status(row.status),
            corrected=row.corrected,
            published_at=from_epoch_us(row.published_at),
            updated_at=from_epoch_us(row.updated_at),
            fetched_at=from_epoch_us(row.fetched_at),
            current=_blank(takes[row.current], row.joined_to) if row.status == Status.WITHDRAWN else takes[row.current],
            enrichment=enrichments.get(row.current),
            copy_group=row.copy_group,
            copies=row.copies,
            happening=row.happening,
            thread=row.thread,
            follows=tuple(sorted(follows.get(row.id, ()), key=lambda link: (-link[1], link[0]))),
            month=row.month or None,
            merged_into=row.joined_to,
        )
        for row in rows
    }


def _blank(take: StoredTake, joined_to: int | None) -> StoredTake:
    story = replace(take.story, status=Status.WITHDRAWN, body="", dateline=None, trailer=None)
    return replace(take, story=story if joined_to is None else replace(story, headline="", slugline=None, byline=None))
