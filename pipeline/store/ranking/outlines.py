"""What ranking reads of stories, many at once: heads, sketches, outlines, and how common labels are.

A head says whether what was read before still holds. Statements are written out, with all ids in one parameter:
building and binding a list of hundreds would cost more than the reading.
"""

import json
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, text

from pipeline.models import Sketched, Span, StoryHead, StoryOutline, first_words
from pipeline.store.db.database import Database
from pipeline.store.db.json_codec import load_enrichment
from pipeline.store.db.sanitize import from_micros

OUTLINES_KEPT = 20_000  # decoded outlines in memory, about 5 KB each

_OPENING = 800  # characters of the body that stand for a headline where there is none
_WITHIN = {"sqlite": "IN (SELECT value FROM json_each(:ids))", "postgresql": "= ANY(CAST(:ids AS bigint[]))"}
_RANKED = (
    "FROM lineages l JOIN enrichments e ON e.version_id = l.current {more} "
    "WHERE l.id {within} AND l.status = 'usable' AND l.joined_to IS NULL"
)
_HEAD = "l.id, e.stamp, l.published_at, l.copy_group, l.happening"
_HEADS = {name: text(f"SELECT {_HEAD} {_RANKED.format(more='', within=within)}") for name, within in _WITHIN.items()}
_SKETCHES = {
    name: text(f"SELECT {_HEAD}, e.sketch, e.vector {_RANKED.format(more='', within=within)}")
    for name, within in _WITHIN.items()
}
_OUTLINES = {
    name: text(
        "SELECT l.id, e.stamp, l.published_at, l.updated_at, l.current, i.uri, v.headline, v.agency, v.source, "
        f"CASE WHEN v.headline = '' THEN substr(b.body, 1, {_OPENING}) ELSE '' END, "
        "CASE WHEN v.headline = '' THEN v.story ELSE '' END, "
        "e.revision, e.data, e.vector, e.signature "
        + _RANKED.format(
            more="JOIN versions v ON v.id = l.current JOIN items i ON i.id = v.item_id "
            "JOIN bodies b ON b.version_id = l.current",
            within=within,
        )
    )
    for name, within in _WITHIN.items()
}
_URIS = {
    name: text(
        "SELECT l.id, i.uri FROM lineages l JOIN versions v ON v.id = l.current JOIN items i ON i.id = v.item_id "
        f"WHERE l.id {within}"
    )
    for name, within in _WITHIN.items()
}
_STAMPS = {
    name: text(f"SELECT l.id, e.stamp, l.published_at, l.updated_at {_RANKED.format(more='', within=within)}")
    for name, within in _WITHIN.items()
}
_COUNTS = {
    name: text(f"SELECT key, documents FROM label_counts WHERE key {within} AND documents > 0")
    for name, within in _WITHIN.items()
}
_DOCUMENTS = text("SELECT value FROM counters WHERE name = 'documents'")


class Outlines:
    """Reads for ranking over one database. Decoded outlines are kept until their rows change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[int, tuple[tuple[Any, ...], StoryOutline]] = OrderedDict()
        self._checked: set[int] = set()  # kept ones, and ids without an outline, known to be so at this mark
        self._mark = ""

    def heads(self, lineages: Collection[int]) -> list[StoryHead]:
        """Heads of the tagged, usable lineages among these, in any order."""
        with self._database.reading() as connection:
            return [StoryHead(*row) for row in _read(connection, _HEADS, lineages)]

    def sketches(self, lineages: Collection[int]) -> list[Sketched]:
        """The same with their sketches and vectors."""
        with self._database.reading() as connection:
            rows = _read(connection, _SKETCHES, lineages)
            return [Sketched(StoryHead(*row[:5]), row[5], row[6]) for row in rows]

    def outlines(self, lineages: Sequence[int]) -> list[StoryOutline]:
        """Outlines of the tagged, usable lineages among these, in the order asked."""
        mark = self._database.mark()
        if mark != self._mark:
            self._checked.clear()
            self._mark = mark
        unchecked = set(lineages) - self._checked
        if unchecked:
            self._check(unchecked)
        found = {lineage: self._kept[lineage][1] for lineage in dict.fromkeys(lineages) if lineage in self._kept}
        self._drop_oldest(found)
        return [found[lineage] for lineage in lineages if lineage in found]

    def _check(self, lineages: set[int]) -> None:
        known = lineages & self._kept.keys()
        with self._database.reading() as connection:
            stamps = {row[0]: tuple(row) for row in _read(connection, _STAMPS, known)}
            for lineage in known:
                if self._kept[lineage][0] != stamps.get(lineage):
                    del self._kept[lineage]
            for row in _read(connection, _OUTLINES, lineages - self._kept.keys()):
                self._kept[row[0]] = (tuple(row[:4]), _outline(row))
        self._checked |= lineages

    def _drop_oldest(self, used: Iterable[int]) -> None:
        for lineage in used:
            self._kept.move_to_end(lineage)
        while len(self._kept) > OUTLINES_KEPT:
            lineage, _ = self._kept.popitem(last=False)
            self._checked.discard(lineage)

    def uris(self, lineages: Collection[int]) -> dict[int, str]:
        """The uris of the winning takes."""
        with self._database.reading() as connection:
            return dict(_read(connection, _URIS, lineages))

    def frequencies(self, keys: Collection[int]) -> tuple[int, dict[int, int]]:
        """How many lineages are counted, and in how many of them each label occurs; unseen ones are absent."""
        with self._database.reading() as connection:
            documents: int = connection.execute(_DOCUMENTS).scalar_one()
            return documents, dict(_read(connection, _COUNTS, keys))


def _read(connection: Connection, statements: dict[str, Any], ids: Collection[int]) -> Sequence[Any]:
    if not ids:
        return ()
    name = connection.dialect.name
    given = list(ids) if name == "postgresql" else json.dumps(list(ids))
    rows: Sequence[Any] = connection.execute(statements[name], {"ids": given}).fetchall()
    return rows


def _outline(row: Sequence[Any]) -> StoryOutline:
    lineage, _, published_at, updated_at, version_id, uri, headline, agency, source, body, story = row[:11]
    return StoryOutline(
        lineage=lineage,
        version_id=version_id,
        headline=headline,
        agency=agency,
        source=source,
        published_at=from_micros(published_at),
        updated_at=from_micros(updated_at),
        enrichment=load_enrichment(version_id, *row[11:]),
        uri=uri,
        title=headline or _first_words(body, story),
    )


def _first_words(body: str, story: str) -> str:
    dateline = json.loads(story).get("dateline")
    return first_words(body, Span(*dateline) if dateline else None)
