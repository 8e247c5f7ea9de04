"""What ranking compares of a story, as compact arrays: terms, entities, nations, vector, time.

An outline and the corpus's counts go in. Every weight is calculated here, so that comparing a story with hundreds of
others is a few array operations. The rarity of a label is its inverse document frequency (idf) divided by the largest
possible one, 0..1.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np

from pipeline.models import CorpusCounts, StoryOutline
from pipeline.relate.arrays import Floats, Ints
from pipeline.relate.ranking.nations import NATION_RARITY_FLOOR, UNCOUNTED, Nations, entity_id
from pipeline.shared_formats.sketch import entity_key, label_key, nation_of

_SECONDS_PER_DAY = 86_400.0
HEADLINE_WEIGHT = 2  # a word of the headline counts as two more of the body
LEAD_DECAY = 25.0  # telling words over which the weight of a story's opening falls to 1/e
_LEAST_RARITY = 0.02  # of a label that every story has


@dataclass(frozen=True, slots=True, eq=False)
class Bag:
    """The n labels of one kind that a story has, as a sparse vector of unit length.

    Attributes:
        keys: Hashes of the labels, ascending; (n,) int64.
        weights: Their weights, of unit length; (n,) float32.
        rarities: Their rarities, 0..1; (n,) float32.
        idf_weights: Weights times rarity, of unit length again; (n,) float32. In this second view rare labels count
            more still.
        idf_norm_sq: The sum of the squared rarities.
        labels: The labels themselves, in the order of the keys.
    """

    keys: Ints
    weights: Floats
    rarities: Floats
    idf_weights: Floats
    idf_norm_sq: float
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class StoryFeatures:
    """One story as ranking sees it.

    Attributes:
        lineage: The story.
        day: Time of publication in days since 1970; None if unknown.
        terms: Its words (lemmas) with their counts.
        lead_weights: A second view of the terms, of unit length, in which a word counts less the later it first
            appears: agency copy tells the news first and recalls what went before at the end. (n_terms,) float32.
        entities: Its entities by id.
        nations: The nations that it happens in, by ISO 3166 code.
        vector: Its embedding, of unit length; (width,) float32. None without one.
        event_type: The type of its event; None if unknown.
        log_words: The logarithm of one plus the number of telling words.
        corpus_size: How many stories the labels' rarities were counted over.
        outline: What the features were made of.
    """

    lineage: int
    day: float | None
    terms: Bag
    lead_weights: Floats
    entities: Bag
    nations: Bag
    vector: Floats | None
    event_type: str | None
    log_words: float
    corpus_size: int
    outline: StoryOutline

    @property
    def published_at(self) -> datetime | None:
        """When the story was published; None if unknown."""
        return self.outline.published_at


def rarity(count: int, documents: int) -> float:
    """Return the inverse document frequency over its largest value: 1 for a word of one story, near 0 for one of all.

    Args:
        count: How many stories have the label.
        documents: How many stories there are.
    """
    largest = math.log(documents + 2)
    return min(1.0, max(_LEAST_RARITY, (largest - math.log(count + 0.5)) / largest))


def story_features(outline: StoryOutline, counts: CorpusCounts, nations: Nations) -> StoryFeatures:
    """Calculate the features of one story.

    Args:
        outline: The story.
        counts: Document frequencies; they must hold all of the story's terms and entities that the corpus knows.
        nations: The words by which nations are known.
    """
    enrichment = outline.enrichment
    words = dict(enrichment.terms)
    for term, times in enrichment.headline_terms.items():
        words[term] = words.get(term, 0) + HEADLINE_WEIGHT * times
    documents = counts.documents
    term_rarities = {term: rarity(counts.terms.get(term, 0), documents) for term in words}
    terms = _bag(
        (term, (1 + math.log(times)) * term_rarities[term], term_rarities[term]) for term, times in words.items()
    )
    entity_rarities = {
        entity.entity_id: rarity(counts.entities.get(entity.entity_id, 0), documents) for entity in enrichment.entities
    }
    entities = _bag(
        (
            (entity.entity_id, entity.salience * entity_rarities[entity.entity_id], entity_rarities[entity.entity_id])
            for entity in enrichment.entities
        ),
        entity_key,
    )
    return StoryFeatures(
        lineage=outline.lineage,
        day=_days_since_1970(outline.published_at),
        terms=terms,
        lead_weights=_lead_weights(terms, words, enrichment.headline_terms, term_rarities),
        entities=entities,
        nations=_nation_bag(outline, words, counts, nations),
        vector=_unit_vector(enrichment.vector),
        event_type=enrichment.event_type,
        log_words=math.log1p(sum(words.values())),
        corpus_size=documents,
        outline=outline,
    )


def _lead_weights(
    terms: Bag, words: Mapping[str, int], headline: Mapping[str, int], rarities: Mapping[str, float]
) -> Floats:
    """Return weights for ``terms`` that fade with distance from the opening.

    Args:
        terms: The bag whose order the weights follow.
        words: Term -> count, in order of first appearance.
        headline: Terms of the headline; they stand at the very beginning.
        rarities: Term -> rarity.
    """
    positions = {term: 0 if term in headline else position for position, term in enumerate(words)}
    weights = [
        (1 + math.log(words[term])) * rarities[term] * math.exp(-positions[term] / LEAD_DECAY) for term in terms.labels
    ]
    return _to_unit_length(np.array(weights, dtype=np.float32))


def _nation_bag(outline: StoryOutline, words: Mapping[str, int], counts: CorpusCounts, nations: Nations) -> Bag:
    """Return each nation that the story's words or entities place it in, weighted by how often they do."""
    times = nations.count_in(words)
    for entity in outline.enrichment.entities:
        code = nation_of(entity.entity_id)
        if code:
            times[code] = max(times.get(code, 0), entity.count)
    rarities = {code: _nation_rarity(code, counts) for code in times}
    return _bag(
        (code, (1 + math.log(count)) * (rarities[code] + NATION_RARITY_FLOOR), rarities[code])
        for code, count in times.items()
    )


def _nation_rarity(code: str, counts: CorpusCounts) -> float:
    count = counts.entities.get(entity_id(code))
    return UNCOUNTED if count is None else rarity(count, counts.documents)


def _bag(parts: Iterable[tuple[str, float, float]], key_of: Callable[[str], int] = label_key) -> Bag:
    """Make a bag of (label, weight, rarity)."""
    rows = sorted((key_of(label), weight, label_rarity, label) for label, weight, label_rarity in parts)
    keys = np.array([row[0] for row in rows], dtype=np.int64)
    weights = np.array([row[1] for row in rows], dtype=np.float32)
    rarities = np.array([row[2] for row in rows], dtype=np.float32)
    return Bag(
        keys=keys,
        weights=_to_unit_length(weights),
        rarities=rarities,
        idf_weights=_to_unit_length(weights * rarities),
        idf_norm_sq=float((rarities**2).sum()),
        labels=tuple(row[3] for row in rows),
    )


def _to_unit_length(values: Floats) -> Floats:
    length = float(np.sqrt((values * values).sum()))
    return values / np.float32(length) if length else values


def _unit_vector(raw: bytes | None) -> Floats | None:
    """Read little-endian float16 bytes as a vector of unit length."""
    return _to_unit_length(np.frombuffer(raw, dtype="<f2").astype(np.float32)) if raw else None


def _days_since_1970(moment: datetime | None) -> float | None:
    return moment.timestamp() / _SECONDS_PER_DAY if moment else None


class Dated(Protocol):
    """A story with a time: features and outlines alike."""

    @property
    def lineage(self) -> int:
        """The story."""
        ...

    @property
    def published_at(self) -> datetime | None:
        """When it was published; None if unknown."""
        ...


def is_later(story: Dated, other: Dated) -> bool:
    """Return whether ``story`` was published after ``other``; undated stories come last, ties go by lineage."""
    return _publication_key(story) > _publication_key(other)


def _publication_key(story: Dated) -> tuple[float, int]:
    return (math.inf if story.published_at is None else story.published_at.timestamp(), story.lineage)
