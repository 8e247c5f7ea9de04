"""The plain ranking: squared-rarity overlap of terms and entities, vectors, and a power-law decay over time.

It needs no training and stays as the fallback; the weights are round numbers, not fitted to anything.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.models import CorpusCounts, Reason, StoryOutline

_TERMS, _ENTITIES, _VECTOR = 0.45, 0.35, 0.20
_DECAY = 0.3


@dataclass(frozen=True, slots=True)
class Ranked:
    """One candidate with its score in 0..1; the reasons' weights add up to it."""

    lineage: int
    score: float
    reasons: tuple[Reason, ...]
    new: tuple[str, ...]


def rarity(count: int, documents: int) -> float:
    """Inverse document frequency, smoothed: never negative."""
    return math.log(1 + (documents + 1) / (count + 1))


def rank(query: StoryOutline, candidates: Sequence[StoryOutline], counts: CorpusCounts) -> list[Ranked]:
    """The candidates, best first."""
    ranked = [_compare(query, candidate, counts) for candidate in candidates]
    return sorted(ranked, key=lambda one: (-one.score, one.lineage))


def _compare(query: StoryOutline, other: StoryOutline, counts: CorpusCounts) -> Ranked:
    terms = _weights(query.enrichment.terms, counts.terms, counts.documents)
    theirs = _weights(other.enrichment.terms, counts.terms, counts.documents)
    entities = {
        e.entity_id: e.salience * rarity(counts.entities.get(e.entity_id, 0), counts.documents)
        for e in query.enrichment.entities
    }
    others = {
        e.entity_id: e.salience * rarity(counts.entities.get(e.entity_id, 0), counts.documents)
        for e in other.enrichment.entities
    }
    names = {e.entity_id: e.name for e in other.enrichment.entities}
    decay = _decay(query, other)
    reasons = [Reason("term", term, weight * decay * _TERMS) for term, weight in _overlap(terms, theirs).items()]
    reasons += [
        Reason("entity", names[key], weight * decay * _ENTITIES) for key, weight in _overlap(entities, others).items()
    ]
    reasons.append(Reason("vector", "alike in wording", _cosine(query, other) * decay * _VECTOR))
    reasons.sort(key=lambda reason: -reason.weight)
    later, earlier = (other, query) if _time(other) >= _time(query) else (query, other)
    known = {e.entity_id for e in earlier.enrichment.entities}
    new = tuple(e.name for e in later.enrichment.entities if e.entity_id not in known)[:6]
    return Ranked(other.lineage, sum(reason.weight for reason in reasons), tuple(reasons[:8]), new)


def _weights(terms: Mapping[str, int], counts: Mapping[str, int], documents: int) -> dict[str, float]:
    return {term: math.sqrt(count) * rarity(counts.get(term, 0), documents) ** 2 for term, count in terms.items()}


def _overlap(left: Mapping[str, float], right: Mapping[str, float]) -> dict[str, float]:
    norm = math.sqrt(sum(v * v for v in left.values()) * sum(v * v for v in right.values()))
    return {key: left[key] * right[key] / norm for key in left.keys() & right.keys()} if norm else {}


def _cosine(query: StoryOutline, other: StoryOutline) -> float:
    if query.enrichment.vector is None or other.enrichment.vector is None:
        return 0.0
    a, b = (np.frombuffer(o.enrichment.vector or b"", "<f2").astype(np.float32) for o in (query, other))
    return max(0.0, float(a @ b))


def _time(outline: StoryOutline) -> float:
    return outline.published_at.timestamp() if outline.published_at else math.inf


def _decay(query: StoryOutline, other: StoryOutline) -> float:
    if query.published_at is None or other.published_at is None:
        return 0.5
    days = abs((query.published_at - other.published_at).total_seconds()) / 86_400
    return float((1 + days) ** -_DECAY)
