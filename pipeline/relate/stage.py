"""Relating a batch of tagged takes: to the stories that are indexed, and to each other.

outlines of the batch -> one candidate request each, and the batch itself -> outlines of the candidates
    -> rank -> the best become links, whichever of the two is later
band collisions -> compare the texts -> copies
"""

from collections.abc import Iterable, Mapping, Sequence

from pipeline.models import CorpusCounts, Link, Relations, StoryOutline
from pipeline.ports import SearchIndex, Store
from pipeline.relate.ranking import Ranked, rank
from pipeline.relate.request import candidate_query

CANDIDATES = 60
LINKS = 12
LEAST_SCORE = 0.08


def relate(version_ids: Sequence[int], store: Store, index: SearchIndex) -> list[Relations]:
    """One answer a take. Takes of stories that nobody may see yet, or any more, have no relations."""
    takes = store.stories.takes(version_ids)
    outlines = {one.lineage: one for one in store.relations.outlines([take.lineage for take in takes])}
    counts = corpus_counts(store, outlines.values())
    linked = _links(store, index, list(outlines.values()), counts)
    return [
        Relations(lineage=take.lineage, version_id=take.version_id, links=linked.get(take.lineage, ()))
        for take in takes
    ]


def corpus_counts(store: Store, outlines: Iterable[StoryOutline]) -> CorpusCounts:
    """The document frequencies that these outlines need."""
    some = list(outlines)
    return store.relations.counts(
        {term for one in some for term in one.enrichment.terms},
        {entity.entity_id for one in some for entity in one.enrichment.entities},
    )


def _links(
    store: Store, index: SearchIndex, outlines: Sequence[StoryOutline], counts: CorpusCounts
) -> Mapping[int, tuple[Link, ...]]:
    queries = [candidate_query(one, counts, CANDIDATES) for one in outlines]
    found = [[candidate.lineage for candidate in answer] for answer in index.candidates(queries)]
    wanted = {lineage for answer in found for lineage in answer}
    known = {one.lineage: one for one in store.relations.outlines(sorted(wanted))}
    known.update((one.lineage, one) for one in outlines)
    links = {}
    for one, answer in zip(outlines, found, strict=True):
        candidates = [known[key] for key in dict.fromkeys([*answer, *(o.lineage for o in outlines)]) if key in known]
        ranked = rank(one, [c for c in candidates if c.lineage != one.lineage], counts)
        links[one.lineage] = tuple(_link(one, known[r.lineage], r) for r in ranked[:LINKS] if r.score >= LEAST_SCORE)
    return links


def _link(one: StoryOutline, other: StoryOutline, ranked: Ranked) -> Link:
    earlier, later = sorted((one, other), key=lambda o: (o.published_at is None, o.published_at, o.lineage))
    return Link(
        earlier=earlier.lineage, later=later.lineage, score=ranked.score, reasons=ranked.reasons, new=ranked.new
    )
