"""What ranking compares, and what relating found: the port ``RelationStore``."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, select

from pipeline.models import CopyEdge, CorpusCounts, Link, Sketched, StoredTake, StoryHead, StoryOutline
from pipeline.models.sketch import entity_key, label_key
from pipeline.store.copies.candidates import find_similar
from pipeline.store.db import tables as t
from pipeline.store.db.database import Database
from pipeline.store.db.json_codec import load_reasons, load_strings
from pipeline.store.marks.resolve import honoured, load_standing
from pipeline.store.ranking.outlines import Outlines
from pipeline.store.stories.load import canonical_lineages, load_takes

_l, _e = t.lineages.c, t.enrichments.c


class SqlRelationStore:
    """See ``pipeline.ports.RelationStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._outlines = Outlines(database)

    def mark(self) -> str:
        """See ``Database.mark``."""
        return self._database.mark()

    def outlines(self, lineages: Sequence[int]) -> list[StoryOutline]:
        """Outlines of the tagged, usable lineages among these, in the order asked."""
        return self._outlines.outlines(lineages)

    def heads(self, lineages: Collection[int]) -> list[StoryHead]:
        """Heads of the tagged, usable lineages among these."""
        return self._outlines.heads(lineages)

    def sketches(self, lineages: Collection[int]) -> list[Sketched]:
        """Heads with sketches and vectors."""
        return self._outlines.sketches(lineages)

    def uris(self, lineages: Collection[int]) -> dict[int, str]:
        """Lineage -> the uri of its winning take."""
        return self._outlines.uris(lineages)

    def frequencies(self, keys: Collection[int]) -> tuple[int, dict[int, int]]:
        """How many lineages are counted, and in how many of them each label occurs."""
        return self._outlines.frequencies(keys)

    def counts(self, terms: Iterable[str], entity_ids: Iterable[str]) -> CorpusCounts:
        """Document frequencies of these; unseen ones are absent."""
        by_term = {label_key(term): term for term in terms}
        by_entity = {entity_key(entity_id): entity_id for entity_id in entity_ids}
        documents, found = self.frequencies(by_term.keys() | by_entity.keys())
        return CorpusCounts(
            documents=documents,
            terms={term: found[key] for key, term in by_term.items() if key in found},
            entities={entity_id: found[key] for key, entity_id in by_entity.items() if key in found},
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
            standing = load_standing(connection, [own])
        links = [
            Link(earlier=earlier, later=later, score=score, reasons=load_reasons(reasons), new=load_strings(new))
            for earlier, later, score, reasons, new in rows
        ]
        return honoured(links, standing, lambda earlier, later: own == (earlier if end is c.earlier else later))
