"""One engine request for candidates: the story's most telling terms and entities, an OR of weighted clauses."""

from pipeline.models import CandidateQuery, CorpusCounts, StoryOutline
from pipeline.relate.ranking import rarity

_TERMS = 24


def candidate_query(outline: StoryOutline, counts: CorpusCounts, limit: int) -> CandidateQuery:
    """Ask for stories that share rare terms and salient entities with this one, whenever they were published."""
    weighted = {
        t: n**0.5 * rarity(counts.terms.get(t, 0), counts.documents) for t, n in outline.enrichment.terms.items()
    }
    best = sorted(weighted, key=lambda term: (-weighted[term], term))[:_TERMS]
    return CandidateQuery(
        terms={term: weighted[term] for term in best},
        entity_ids={
            e.entity_id: e.salience * rarity(counts.entities.get(e.entity_id, 0), counts.documents)
            for e in outline.enrichment.entities
        },
        exclude=frozenset({outline.lineage}),
        limit=limit,
    )
