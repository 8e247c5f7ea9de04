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

# Chosen on the project's own development stories.
_TERMS = 24  # terms asked for
_NATIONS = 2  # the rarest of a story's nations, whose usual words are asked for
_ENTITY_WEIGHT = 1.5  # beside a term's
_NATION_WORD_WEIGHT = 0.7
_COMMON_STORIES = 5_000  # a label that so many stories have makes no candidate by itself ...
_RAREST = 8  # ... unless it is among so many rarest of the story's own


def candidate_query(
    story: StoryFeatures, limit: int = LIMIT, after: datetime | None = None, before: datetime | None = None
) -> CandidateQuery:
    """Ask for stories that share rare terms, salient entities or nations with this one.

    The vector is not asked for: only one of the engines has an index of vectors, and both are to find the same.

    Args:
        story: The story.
        limit: At most so many candidates.
        after: Candidates are published after this.
        before: Candidates are published before this.
    """
    nations = load_nations()
    terms = _weighted_terms(story)
    entities = _weighted_entities(story)
    rarities = _rarities(story, terms)
    rarest = sorted(zip(story.nations.rarities.tolist(), story.nations.labels, strict=True), reverse=True)[:_NATIONS]
    for rarity, code in rarest:
        weight = _NATION_WORD_WEIGHT * rarity**2
        entities.setdefault(entity_id(code), _ENTITY_WEIGHT * rarity**2)
        rarities.setdefault(entity_id(code), rarity)
        for word in nations.usual.get(code, ()):
            terms.setdefault(word, weight)
            rarities.setdefault(word, rarity)
    return CandidateQuery(
        terms=terms,
        entity_ids=entities,
        common=_common_labels(rarities, story.corpus_size),
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
    """Return label -> rarity of the story's entities, and of those of its terms that are asked for."""
    of_entities = dict(zip(story.entities.labels, story.entities.rarities.tolist(), strict=True))
    of_terms = zip(story.terms.labels, story.terms.rarities.tolist(), strict=True)
    return of_entities | {term: rarity for term, rarity in of_terms if term in terms}


def _common_labels(rarities: Mapping[str, float], documents: int) -> frozenset[str]:
    """Return the labels that only add to a candidate's score: what a request costs must not grow with the corpus."""
    bound = 1 - math.log(_COMMON_STORIES) / math.log(documents + 2)
    ordered = sorted(rarities, key=lambda label: (-rarities[label], label))
    return frozenset(label for label in ordered[_RAREST:] if rarities[label] < bound)


def _weighted_terms(story: StoryFeatures) -> dict[str, float]:
    enrichment = story.outline.enrichment
    weighted = []
    for term, rarity in zip(story.terms.labels, story.terms.rarities.tolist(), strict=True):
        times = enrichment.terms.get(term, 0) + 2 * enrichment.headline_terms.get(term, 0)
        weighted.append((-(1 + math.log(times)) * rarity**2, term))
    return {term: -weight for weight, term in sorted(weighted)[:_TERMS]}


def _weighted_entities(story: StoryFeatures) -> dict[str, float]:
    rarities = dict(zip(story.entities.labels, story.entities.rarities.tolist(), strict=True))
    return {
        entity.entity_id: _ENTITY_WEIGHT * (0.5 + 0.5 * entity.salience) * rarities[entity.entity_id] ** 2
        for entity in story.outline.enrichment.entities
    }
