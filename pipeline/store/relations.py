"""What ranking compares, and what relating found: the port ``RelationStore``."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Table, and_, select

from pipeline.models import CopyEdge, CorpusCounts, Link, Status, StoredTake, StoryOutline
from pipeline.store import tables as t
from pipeline.store.clean import from_micros
from pipeline.store.codec import load_enrichment, load_reasons, load_strings
from pipeline.store.database import Database
from pipeline.store.marks import honoured, marks_from, marks_to
from pipeline.store.reading import canonical_lineages, load_takes
from pipeline.store.rows import chunks
from pipeline.store.similar import find_similar

OUTLINES_KEPT = 20_000  # decoded outlines in memory, about 5 KB each

_l, _v, _e = t.lineages.c, t.versions.c, t.enrichments.c
_HEAD = (
    select(_l.id, _l.current, _e.stamp, _l.published_at, _l.updated_at)
    .select_from(t.lineages.join(t.enrichments, _e.version_id == _l.current))
    .where(_l.status == Status.USABLE, _l.joined_to.is_(None))
)
_OUTLINE = (
    select(_l.id, _v.headline, _v.agency, _v.source, _e.revision, _e.data, _e.vector, _e.signature)
    .select_from(
        t.lineages.join(t.versions, _v.id == _l.current).join(t.enrichments, _e.version_id == _l.current)
    )
)  # fmt: skip


class SqlRelationStore:
    """See ``pipeline.ports.RelationStore``. Decoded outlines are kept until their row changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[int, tuple[tuple[Any, ...], StoryOutline]] = OrderedDict()

    def outlines(self, lineages: Sequence[int]) -> list[StoryOutline]:
        """Outlines of the tagged, usable lineages among these, in the order asked."""
        found: dict[int, StoryOutline] = {}
        with self._database.reading() as connection:
            stale: dict[int, tuple[Any, ...]] = {}
            for some in chunks(set(lineages)):
                for row in connection.execute(_HEAD.where(_l.id.in_(some))):
                    kept = self._kept.get(row[0])
                    if kept is not None and kept[0] == tuple(row):
                        found[row[0]] = kept[1]
                    else:
                        stale[row[0]] = tuple(row)
            for some in chunks(stale):
                for text in connection.execute(_OUTLINE.where(_l.id.in_(some))).mappings():
                    found[text["id"]] = _outline(stale[text["id"]], text)
        self._keep(found, stale)
        return [found[lineage] for lineage in lineages if lineage in found]

    def _keep(self, found: dict[int, StoryOutline], heads: dict[int, tuple[Any, ...]]) -> None:
        for lineage, head in heads.items():
            self._kept[lineage] = (head, found[lineage])
        for lineage in found:
            self._kept.move_to_end(lineage)
        while len(self._kept) > OUTLINES_KEPT:
            self._kept.popitem(last=False)

    def counts(self, terms: Iterable[str], entity_ids: Iterable[str]) -> CorpusCounts:
        """Document frequencies of these; unseen ones are absent."""
        with self._database.reading() as connection:
            documents = select(t.counters.c.value).where(t.counters.c.name == "documents")

            def frequencies(table: Table, column: ColumnElement[str], values: Iterable[str]) -> dict[str, int]:
                found: dict[str, int] = {}
                for some in chunks(sorted(set(values))):
                    statement = select(column, table.c.documents).where(column.in_(some), table.c.documents > 0)
                    found.update((value, count) for value, count in connection.execute(statement))
                return found

            return CorpusCounts(
                documents=connection.execute(documents).scalar_one(),
                terms=frequencies(t.term_counts, t.term_counts.c.term, terms),
                entities=frequencies(t.entity_counts, t.entity_counts.c.entity_id, entity_ids),
            )

    # ----------------------------------------------------------------------- copies

    def copy_candidates(self, version_ids: Sequence[int], window: timedelta) -> dict[int, list[StoredTake]]:
        """Takes of other lineages that share signature bands within the window, those that share most first."""
        with self._database.reading() as connection:
            nearest = find_similar(connection, version_ids, window // timedelta(microseconds=1))
            takes = load_takes(connection, {other for found in nearest.values() for other in found})
        return {version_id: [takes[other] for other in nearest.get(version_id, ())] for version_id in version_ids}

    def signature(self, version_id: int) -> bytes | None:
        """A take's MinHash signature."""
        with self._database.reading() as connection:
            found: bytes | None = connection.execute(select(_e.signature).where(_e.version_id == version_id)).scalar()
        return found

    def copies(self, lineage: int) -> list[int]:
        """The other lineages of its copy group, in order of publication."""
        with self._database.reading() as connection:
            own = canonical_lineages(connection, [lineage]).get(lineage, lineage)
            group = select(_l.copy_group).where(_l.id == own).scalar_subquery()
            members = select(_l.id).where(_l.copy_group == group, _l.id != own)
            ordered = members.order_by(_l.published_at.is_(None), _l.published_at, _l.id)
            return list(connection.execute(ordered).scalars())

    def copy_edges(self, lineage: int) -> list[CopyEdge]:
        """The edges that hold its copy group together."""
        c = t.copy_edges.c
        with self._database.reading() as connection:
            own = canonical_lineages(connection, [lineage]).get(lineage, lineage)
            group = select(_l.copy_group).where(_l.id == own).scalar_subquery()
            members = select(_l.id).where(_l.copy_group == group)
            inside = and_(c.lineage_a.in_(members), c.lineage_b.in_(members))
            columns = select(c.version_a, c.version_b, c.similarity)
            rows = connection.execute(columns.where(inside).order_by(c.version_a, c.version_b))
            return [CopyEdge(a, b, similarity) for a, b, similarity in rows]

    # ----------------------------------------------------------------------- links

    def links_from(self, lineage: int) -> list[Link]:
        """Links in which this lineage is the earlier story: its follow-ups, best first."""
        return self._links(t.links.c.earlier, lineage)

    def links_to(self, lineage: int) -> list[Link]:
        """Links in which this lineage is the later story: its background, best first."""
        return self._links(t.links.c.later, lineage)

    def _links(self, end: ColumnElement[int], lineage: int) -> list[Link]:
        c = t.links.c
        columns = select(c.earlier, c.later, c.score, c.reasons, c.new)
        with self._database.reading() as connection:
            own = canonical_lineages(connection, [lineage]).get(lineage, lineage)
            rows = connection.execute(columns.where(end == own).order_by(c.score.desc(), c.earlier, c.later)).all()
            marks = marks_from(connection, [own]) if end is c.earlier else marks_to(connection, [own])
        links = [
            Link(earlier=earlier, later=later, score=score, reasons=load_reasons(reasons), new=load_strings(new))
            for earlier, later, score, reasons, new in rows
        ]
        return honoured(links, marks)


def _outline(head: tuple[Any, ...], text: RowMapping) -> StoryOutline:
    lineage, version_id, _, published_at, updated_at = head
    return StoryOutline(
        lineage=lineage,
        version_id=version_id,
        headline=text["headline"],
        agency=text["agency"],
        source=text["source"],
        published_at=from_micros(published_at),
        updated_at=from_micros(updated_at),
        enrichment=load_enrichment(version_id, text["revision"], text["data"], text["vector"], text["signature"]),
    )
