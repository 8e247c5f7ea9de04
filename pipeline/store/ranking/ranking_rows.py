"""The rows that ranking reads of many stories at once: heads, sketches, outlines, uris, document frequencies.

The statements are written out, with all ids in one parameter: building and binding a list of hundreds would cost more
than the reading. All but ``read_uris`` and ``read_frequencies`` leave out lineages that are untagged, not usable or
merged into another.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Connection, TextClause, text

from pipeline.models import Span, StoryHead, StoryOutline, StorySketch, first_words
from pipeline.store.db.epoch import from_epoch_us
from pipeline.store.db.json_codec import load_enrichment

Fingerprint: TypeAlias = tuple[int, int, int | None, int | None]
"""Lineage, tagging version, published_at, updated_at: while these are the same, so is the outline."""

_OPENING = 800  # characters of the body that stand for a headline where there is none

_IN_IDS = {"sqlite": "IN (SELECT value FROM json_each(:ids))", "postgresql": "= ANY(CAST(:ids AS bigint[]))"}
_TAGGED = "FROM lineages JOIN enrichments ON enrichments.version_id = lineages.current_version_id"
_USABLE = "WHERE lineages.id {in_ids} AND lineages.status = 'usable' AND lineages.merged_into IS NULL"
_FINGERPRINT = "lineages.id, enrichments.tagging_version, lineages.published_at, lineages.updated_at"
_HEAD = "lineages.id, enrichments.tagging_version, lineages.published_at, lineages.copy_group, lineages.happening"


def _per_dialect(statement: str) -> dict[str, TextClause]:
    """The statement for each database, with its way to ask for a list of ids in place of ``{in_ids}``."""
    return {dialect: text(statement.format(in_ids=in_ids)) for dialect, in_ids in _IN_IDS.items()}


_HEADS = _per_dialect(f"SELECT {_HEAD} {_TAGGED} {_USABLE}")
_SKETCHES = _per_dialect(f"SELECT {_HEAD}, enrichments.sketch, enrichments.vector {_TAGGED} {_USABLE}")
_FINGERPRINTS = _per_dialect(f"SELECT {_FINGERPRINT} {_TAGGED} {_USABLE}")
_OUTLINES = _per_dialect(f"""
    SELECT {_FINGERPRINT}, lineages.current_version_id, items.uri, versions.headline, versions.agency, versions.source,
        CASE WHEN versions.headline = '' THEN substr(bodies.body, 1, {_OPENING}) ELSE '' END,
        CASE WHEN versions.headline = '' THEN versions.story ELSE '' END,
        enrichments.revision, enrichments.data, enrichments.vector, enrichments.signature
    {_TAGGED}
        JOIN versions ON versions.id = lineages.current_version_id
        JOIN items ON items.id = versions.item_id
        JOIN bodies ON bodies.version_id = lineages.current_version_id
    {_USABLE}
""")
_URIS = _per_dialect("""
    SELECT lineages.id, items.uri
    FROM lineages JOIN versions ON versions.id = lineages.current_version_id JOIN items ON items.id = versions.item_id
    WHERE lineages.id {in_ids}
""")
_FREQUENCIES = _per_dialect("SELECT key, documents FROM label_counts WHERE key {in_ids} AND documents > 0")
_DOCUMENTS = text("SELECT value FROM counters WHERE name = 'documents'")


def read_heads(connection: Connection, lineages: Collection[int]) -> list[StoryHead]:
    """Heads, in any order."""
    return [StoryHead(*row) for row in _read_rows(connection, _HEADS, lineages)]


def read_sketches(connection: Connection, lineages: Collection[int]) -> list[StorySketch]:
    """Heads, sketches and vectors, in any order."""
    rows = _read_rows(connection, _SKETCHES, lineages)
    return [StorySketch(StoryHead(*head), sketch, vector) for *head, sketch, vector in rows]


def read_fingerprints(connection: Connection, lineages: Collection[int]) -> dict[int, Fingerprint]:
    """Lineage -> fingerprint of its outline."""
    return {row[0]: tuple(row) for row in _read_rows(connection, _FINGERPRINTS, lineages)}


def read_outlines(connection: Connection, lineages: Collection[int]) -> Iterator[tuple[Fingerprint, StoryOutline]]:
    """Outlines with their fingerprints, in any order."""
    for row in _read_rows(connection, _OUTLINES, lineages):
        yield tuple(row[:4]), _decode_outline(row)


def read_uris(connection: Connection, lineages: Collection[int]) -> dict[int, str]:
    """Lineage -> the uri of its winning take."""
    return dict(_read_rows(connection, _URIS, lineages))


def read_frequencies(connection: Connection, keys: Collection[int]) -> tuple[int, dict[int, int]]:
    """How many lineages are counted, and key of a label -> in how many of them it occurs."""
    documents: int = connection.execute(_DOCUMENTS).scalar_one()
    return documents, dict(_read_rows(connection, _FREQUENCIES, keys))


def _read_rows(connection: Connection, statements: Mapping[str, TextClause], ids: Collection[int]) -> Sequence[Any]:
    if not ids:
        return ()
    dialect = connection.dialect.name
    parameter = list(ids) if dialect == "postgresql" else json.dumps(list(ids))
    rows: Sequence[Any] = connection.execute(statements[dialect], {"ids": parameter}).fetchall()
    return rows


def _decode_outline(row: Sequence[Any]) -> StoryOutline:
    lineage, _, published_at, updated_at, version_id, uri, headline, agency, source, body, story = row[:11]
    return StoryOutline(
        lineage=lineage,
        version_id=version_id,
        headline=headline,
        agency=agency,
        source=source,
        published_at=from_epoch_us(published_at),
        updated_at=from_epoch_us(updated_at),
        enrichment=load_enrichment(version_id, *row[11:]),
        uri=uri,
        title=headline or _opening_words(body, story),
    )


def _opening_words(body: str, story: str) -> str:
    """The first words of a story without a headline, after its dateline. story: its fields as JSON."""
    dateline = json.loads(story).get("dateline")
    return first_words(body, Span(*dateline) if dateline else None)
