"""What ranking reads of stories, and the links and copies that were found: the port ``RelationStore``."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, ScalarSelect, and_, select

from pipeline.models import CopyEdge, CorpusCounts, Link, StoredTake, StoryHead, StoryOutline, StorySketch
from pipeline.shared_formats.sketch import entity_key, label_key
from pipeline.store.copies.copy_candidates import find_copy_candidates
from pipeline.store.db import tables as t
from pipeline.store.db.database import Database
from pipeline.store.db.json_codec import load_reasons, load_strings
from pipeline.store.marks.resolve import apply_marks, load_resolved_marks
from pipeline.store.ranking.ranking_rows import (
    Fingerprint,
    read_fingerprints,
    read_frequencies,
    read_heads,
    read_outlines,
    read_sketches,
    read_uris,
)
from pipeline.store.stories.load import canonical_lineages, load_takes

OUTLINES_KEPT = 20_000  # decoded outlines in memory, about 5 KB each


class SqlRelationStore:
    """See ``pipeline.ports.RelationStore``. Decoded outlines are kept in memory until their rows change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._outlines: OrderedDict[int, tuple[Fingerprint, StoryOutline]] = OrderedDict()  # the last used at the end
        self._checked: set[int] = set()  # lineages whose outlines, or their absence, are known at the change token
        self._token = ""

    def change_token(self) -> str:
        """See ``pipeline.ports.RelationStore.change_token``."""
        return self._database.change_token()

    # ----------------------------------------------------------------------- stories

    def heads(self, lineages: Collection[int]) -> list[StoryHead]:
        """See ``pipeline.ports.RelationStore.heads``."""
        with self._database.reading() as connection:
            return read_heads(connection, lineages)

    def sketches(self, lineages: Collection[int]) -> list[StorySketch]:
        """See ``pipeline.ports.RelationStore.sketches``."""
        with self._database.reading() as connection:
            return read_sketches(connection, lineages)

    def outlines(self, lineages: Sequence[int]) -> list[StoryOutline]:
        """See ``pipeline.ports.RelationStore.outlines``."""
        token = self._database.change_token()
        if token != self._token:
            self._checked.clear()
            self._token = token
        unchecked = set(lineages) - self._checked
        if unchecked:
            self._check_outlines(unchecked)
        outlines = {
            lineage: self._outlines[lineage][1] for lineage in dict.fromkeys(lineages) if lineage in self._outlines
        }
        self._drop_oldest_outlines(outlines)
        return [outlines[lineage] for lineage in lineages if lineage in outlines]

    def _check_outlines(self, lineages: set[int]) -> None:
        """Drop outlines of these lineages that are out of date, and read those that are missing."""
        known = lineages & self._outlines.keys()
        with self._database.reading() as connection:
            fingerprints = read_fingerprints(connection, known)
            for lineage in known:
                if self._outlines[lineage][0] != fingerprints.get(lineage):
                    del self._outlines[lineage]
            for fingerprint, outline in read_outlines(connection, lineages - self._outlines.keys()):
                self._outlines[outline.lineage] = fingerprint, outline
        self._checked |= lineages

    def _drop_oldest_outlines(self, used: Iterable[int]) -> None:
        for lineage in used:
            self._outlines.move_to_end(lineage)
        while len(self._outlines) > OUTLINES_KEPT:
            lineage, _ = self._outlines.popitem(last=False)
            self._checked.discard(lineage)

    def uris(self, lineages: Collection[int]) -> dict[int, str]:
        """See ``pipeline.ports.RelationStore.uris``."""
        with self._database.reading() as connection:
            return read_uris(connection, lineages)

    # ----------------------------------------------------------------------- document frequencies

    def frequencies(self, keys: Collection[int]) -> tuple[int, dict[int, int]]:
        """See ``pipeline.ports.RelationStore.frequencies``."""
        with self._database.reading() as connection:
            return read_frequencies(connection, keys)

    def counts(self, terms: Iterable[str], entity_ids: Iterable[str]) -> CorpusCounts:
        """See ``pipeline.ports.RelationStore.counts``."""
        by_term = {label_key(term): term for term in terms}
        by_entity = {entity_key(entity_id): entity_id for entity_id in entity_ids}
        documents, frequencies = self.frequencies(by_term.keys() | by_entity.keys())
        return CorpusCounts(
            documents=documents,
            terms={term: frequencies[key] for key, term in by_term.items() if key in frequencies},
            entities={entity_id: frequencies[key] for key, entity_id in by_entity.items() if key in frequencies},
        )

    # ----------------------------------------------------------------------- copies

    def copy_candidates(self, version_ids: Sequence[int], window: timedelta) -> dict[int, list[StoredTake]]:
        """See ``pipeline.ports.RelationStore.copy_candidates``."""
        with self._database.reading() as connection:
            candidates = find_copy_candidates(connection, version_ids, window // timedelta(microseconds=1))
            takes = load_takes(connection, {other for others in candidates.values() for other in others})
        return {version_id: [takes[other] for other in candidates.get(version_id, ())] for version_id in version_ids}

    def signature(self, version_id: int) -> bytes | None:
        """See ``pipeline.ports.RelationStore.signature``."""
        enrichments = t.enrichments.c
        with self._database.reading() as connection:
            signature: bytes | None = connection.execute(
                select(enrichments.signature).where(enrichments.version_id == version_id)
            ).scalar()
        return signature

    def copies(self, lineage: int) -> list[int]:
        """See ``pipeline.ports.RelationStore.copies``."""
        lineages = t.lineages.c
        with self._database.reading() as connection:
            canonical = _canonical(connection, lineage)
            others = select(lineages.id).where(
                lineages.copy_group == _copy_group_of(canonical), lineages.id != canonical
            )
            ordered = others.order_by(lineages.published_at.is_(None), lineages.published_at, lineages.id)
            return list(connection.execute(ordered).scalars())

    def copy_edges(self, lineage: int) -> list[CopyEdge]:
        """See ``pipeline.ports.RelationStore.copy_edges``."""
        lineages, edges = t.lineages.c, t.copy_edges.c
        with self._database.reading() as connection:
            group = _copy_group_of(_canonical(connection, lineage))
            members = select(lineages.id).where(lineages.copy_group == group)
            inside = and_(edges.lineage_a.in_(members), edges.lineage_b.in_(members))
            columns = select(edges.version_a, edges.version_b, edges.similarity)
            rows = connection.execute(columns.where(inside).order_by(edges.version_a, edges.version_b))
            return [CopyEdge(a, b, similarity) for a, b, similarity in rows]

    # ----------------------------------------------------------------------- links

    def links_from(self, lineage: int) -> list[Link]:
        """See ``pipeline.ports.RelationStore.links_from``."""
        return self._links_with_end(t.links.c.earlier, lineage)

    def links_to(self, lineage: int) -> list[Link]:
        """See ``pipeline.ports.RelationStore.links_to``."""
        return self._links_with_end(t.links.c.later, lineage)

    def _links_with_end(self, end: ColumnElement[int], lineage: int) -> list[Link]:
        """Links whose ``end`` (one of the table's columns ``earlier`` and ``later``) is this lineage."""
        links = t.links.c
        columns = select(links.earlier, links.later, links.score, links.reasons, links.new)
        with self._database.reading() as connection:
            canonical = _canonical(connection, lineage)
            at_end = columns.where(end == canonical).order_by(links.score.desc(), links.earlier, links.later)
            rows = connection.execute(at_end).all()
            resolved = load_resolved_marks(connection, [canonical])
        stored = [
            Link(earlier=earlier, later=later, score=score, reasons=load_reasons(reasons), new=load_strings(new))
            for earlier, later, score, reasons, new in rows
        ]
        is_earlier = end is links.earlier
        return apply_marks(stored, resolved, lambda earlier, later: canonical == (earlier if is_earlier else later))


def _canonical(connection: Connection, lineage: int) -> int:
    """The lineage that an id names, also where it was merged into another; an unknown id as it is."""
    return canonical_lineages(connection, [lineage]).get(lineage, lineage)


def _copy_group_of(lineage: int) -> ScalarSelect[int | None]:
    return select(t.lineages.c.copy_group).where(t.lineages.c.id == lineage).scalar_subquery()
