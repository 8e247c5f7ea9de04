"""The request for candidates: one OR of weighted words and names, which any engine can answer.

Weights fall with the square of how common a word is. A story that says "Ivorians" must find one that says "Abidjan":
the usual words of its nations are asked for beside its own.
"""

import math
from collections.abc import Mapping
from datetime import datetime

from pipeline.models import CandidateQuery
from pipeline.relate.ranking.features import StoryFeatures
from pipeline.relate.ranking.nations import entity_id, load_nations

LIMIT = 300

_TERMS = 24
_NATIONS = 2  # the rarest of a story's nations, whose usual words are asked for
_NAMED = 1.5  # an entity's weight beside a term's
_NATION_WORD = 0.7
_COMMON = 5_000  # stories that have a label, from which on having it alone makes no candidate ...
_ALONE = 8  # ... unless it is among so many rarest of the story's own


def candidate_query(
    story: StoryFeatures, limit: int = LIMIT, after: datetime | None = None, before: datetime | None = None
) -> CandidateQuery:
    """Ask for stories that share rare terms, salient entities or nations with this one, published within the bounds.

    The vector is not asked for: only one of the engines has an index of vectors, and both are to find the same.
    """
    nations = load_nations()
    terms = _terms(story)
    entities = _entities(story)
    rarities = _rarities(story, terms)
    rarest = sorted(zip(story.nations.rarities.tolist(), story.nations.labels, strict=True), reverse=True)[:_NATIONS]
    for rare, code in rarest:
        weight = _NATION_WORD * rare**2
        entities.setdefault(entity_id(code), _NAMED * rare**2)
        rarities.setdefault(entity_id(code), rare)
        for word in nations.usual.get(code, ()):
            terms.setdefault(word, weight)
            rarities.setdefault(word, rare)
    return CandidateQuery(
        terms=terms,
        entity_ids=entities,
        common=_common(rarities, story.documents),
        after=after,
        before=before,
        exclude=frozenset({story.lineage}),
        limit=limit,
    )


def followup_query(story: StoryFeatures, limit: int = LIMIT) -> CandidateQuery:
    """Ask for later stories; for an undated story, for any."""
    return candidate_query(story, limit, after=story.outline.published_at)


def background_query(story: StoryFeatures, limit: int = LIMIT) -> CandidateQuery:
    """Ask for earlier stories; for an undated story, for any."""
    return candidate_query(story, limit, before=story.outline.published_at)


def _rarities(story: StoryFeatures, terms: Mapping[str, float]) -> dict[str, float]:
    found = dict(zip(story.entities.labels, story.entities.rarities.tolist(), strict=True))
    known = zip(story.terms.labels, story.terms.rarities.tolist(), strict=True)
    return found | {term: rare for term, rare in known if term in terms}


def _common(rarities: Mapping[str, float], documents: int) -> frozenset[str]:
    """Labels that only add to a candidate's score: what a request costs must not grow with the corpus."""
    bound = 1 - math.log(_COMMON) / math.log(documents + 2)
    ordered = sorted(rarities, key=lambda label: (-rarities[label], label))
    return frozenset(label for label in ordered[_ALONE:] if rarities[label] < bound)


def _terms(story: StoryFeatures) -> dict[str, float]:
    found = story.outline.enrichment
    weighted = []
    for term, rare in zip(story.terms.labels, story.terms.rarities.tolist(), strict=True):
        times = found.terms.get(term, 0) + 2 * found.headline_terms.get(term, 0)
        weighted.append((-(1 + math.log(times)) * rare**2, term))
    return {term: -weight for weight, term in sorted(weighted)[:_TERMS]}


def _entities(story: StoryFeatures) -> dict[str, float]:
    rare = dict(zip(story.entities.labels, story.entities.rarities.tolist(), strict=True))
    return {
        one.entity_id: _NAMED * (0.5 + 0.5 * one.salience) * rare[one.entity_id] ** 2
        for one in story.outline.enrichment.entities
    }
