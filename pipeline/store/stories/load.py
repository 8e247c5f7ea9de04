"""Reading takes, enrichments and lineage records, many at a time."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, select

from pipeline.models import Enrichment, LineageRecord, Status, StoredTake
from pipeline.store.db import tables as t
from pipeline.store.db.epoch import from_epoch_us
from pipeline.store.db.json_codec import load_enrichment, load_origin, load_story
from pipeline.store.db.statements import chunks
from pipeline.store.marks.resolve import apply_marks_to_scores, load_resolved_marks

# Built once: a statement costs more to build than to run.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_ALIASES = select(t.lineages.c.id, t.lineages.c.merged_into).where(
    t.lineages.c.merged_into.is_not(None), t.lineages.c.id.in_(_IDS)
)
_TAKES = (
    select(
        t.versions.c.id,
        t.versions.c.lineage,
        t.versions.c.number,
        t.versions.c.story,
        t.versions.c.origin,
        t.items.c.uri,
        t.versions.c.headline,
        t.bodies.c.body,
    )
    .select_from(
        t.versions.join(t.items, t.items.c.id == t.versions.c.item_id).join(
            t.bodies, t.bodies.c.version_id == t.versions.c.id
        )
    )
    .where(t.versions.c.id.in_(_IDS))
)
_ENRICHMENT_COLUMNS = (
    t.enrichments.c.version_id,
    t.enrichments.c.revision,
    t.enrichments.c.data,
    t.enrichments.c.vector,
    t.enrichments.c.signature,
)
_ENRICHMENTS = select(*_ENRICHMENT_COLUMNS).where(t.enrichments.c.version_id.in_(_IDS))
_TAGGING = (
    select(*_ENRICHMENT_COLUMNS, t.mentions.c.data)
    .select_from(t.enrichments.join(t.mentions, t.mentions.c.version_id == t.enrichments.c.version_id))
    .where(t.enrichments.c.version_id == bindparam("version_id"))
)
_LINEAGES = select(t.lineages).where(t.lineages.c.id.in_(_IDS))
_BACKGROUND = select(t.links.c.later, t.links.c.earlier, t.links.c.score).where(t.links.c.later.in_(_IDS))


def canonical_lineages(connection: Connection, lineages: Iterable[int]) -> dict[int, int]:
    """Aliases among these lineages -> the lineages that they were merged into."""
    return dict(_rows(connection, _ALIASES, lineages))


def load_takes(connection: Connection, version_ids: Iterable[int]) -> dict[int, StoredTake]:
    """Takes with their texts, by version id."""
    rows = _rows(connection, _TAKES, set(version_ids))
    return {
        version_id: StoredTake(
            version_id=version_id,
            lineage=lineage,
            version=number,
            story=load_story(story, uri, headline, body),
            origin=load_origin(origin),
        )
        for version_id, lineage, number, story, origin, uri, headline, body in rows
    }


def load_enrichments(connection: Connection, version_ids: Iterable[int]) -> dict[int, Enrichment]:
    """Enrichments without mentions, by version id."""
    return {row[0]: load_enrichment(*row) for row in _rows(connection, _ENRICHMENTS, version_ids)}


def load_tagging(connection: Connection, version_id: int) -> Enrichment | None:
    """One take's enrichment with its mentions, or None while it is not tagged."""
    row = connection.execute(_TAGGING, {"version_id": version_id}).one_or_none()
    return None if row is None else load_enrichment(*row)


def load_records(connection: Connection, lineages: Collection[int]) -> dict[int, LineageRecord]:
    """Lineage records by id. A withdrawn or merged lineage comes as a blank: without body and tags."""
    rows = list(_rows(connection, _LINEAGES, set(lineages)))
    takes = load_takes(connection, [row.current_version_id for row in rows])
    shown = [row for row in rows if row.status != Status.WITHDRAWN]
    enrichments = load_enrichments(connection, [row.current_version_id for row in shown])
    background: dict[int, list[tuple[int, float]]] = {}
    for later, earlier, score in _rows(connection, _BACKGROUND, [row.id for row in shown]):
        background.setdefault(later, []).append((earlier, score))
    background = apply_marks_to_scores(background, load_resolved_marks(connection, [row.id for row in shown]))
    return {
        row.id: _record(
            row,
            takes[row.current_version_id],
            enrichments.get(row.current_version_id),
            background.get(row.id, []),
        )
        for row in rows
    }


def _record(
    row: Row[Any], take: StoredTake, enrichment: Enrichment | None, background: list[tuple[int, float]]
) -> LineageRecord:
    return LineageRecord(
        lineage=row.id,
        revision=row.revision,
        status=Status(row.status),
        corrected=row.corrected,
        published_at=from_epoch_us(row.published_at),
        updated_at=from_epoch_us(row.updated_at),
        fetched_at=from_epoch_us(row.fetched_at),
        current=_blank(take, row.merged_into) if row.status == Status.WITHDRAWN else take,
        enrichment=enrichment,
        copy_group=row.copy_group,
        copies=row.copies,
        happening=row.happening,
        thread=row.thread,
        follows=tuple(sorted(background, key=lambda link: (-link[1], link[0]))),
        month=row.month or None,
        merged_into=row.merged_into,
    )


def _blank(take: StoredTake, merged_into: int | None) -> StoredTake:
    """The take without its body; that of a merged lineage without its headline too."""
    story = replace(take.story, status=Status.WITHDRAWN, body="", dateline=None, trailer=None)
    if merged_into is not None:
        story = replace(story, headline="", slugline=None, byline=None)
    return replace(take, story=story)


def _rows(connection: Connection, statement: Select[Any], ids: Iterable[int]) -> Iterator[Any]:
    for chunk in chunks(ids):
        yield from connection.execute(statement, {"ids": chunk})
