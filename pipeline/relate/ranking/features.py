"""What ranking compares of a story, as compact arrays: terms, entities, nations, vector, time.

An outline and the corpus's counts go in; every weight is fixed here, so that comparing a story with hundreds of others
is a few array operations. Rarity is inverse document frequency divided by its largest value, 0..1.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt

from pipeline.models import CorpusCounts, StoryOutline
from pipeline.relate.ranking.nations import NATION_RARITY_FLOOR, UNCOUNTED, Nations, entity_id
from pipeline.shared_formats.sketch import entity_key, label_key, nation_of

Floats = npt.NDArray[np.float32]

_SECONDS = 86_400.0
HEADLINE = 2  # a word of the headline counts as two more of the body
LEAD = 25.0  # telling words over which what opens a story fades into its background


@dataclass(frozen=True, slots=True, eq=False)
class Bag:
    """A sparse vector of unit length.

    keys: hashes of the labels, ascending. weights: of unit length. rarities: of each label, 0..1. squares: weights
    times rarity, of unit length: a second view in which rare labels count more still. mass: sum of squared rarities.
    """

    keys: npt.NDArray[np.int64]
    weights: Floats
    rarities: Floats
    squares: Floats
    mass: float
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class StoryFeatures:
    """One story as ranking sees it. day: publication in days since 1970, None if unknown. vector: unit length.

    documents: how many stories the labels' rarities were counted over.
    leads: a second view of the terms, of unit length, in which a word counts less the later it first appears: agency
    copy tells the news first and recalls what went before at the end.
    """

    lineage: int
    day: float | None
    terms: Bag
    leads: Floats
    entities: Bag
    nations: Bag
    vector: Floats | None
    event_type: str | None
    length: float
    documents: int
    outline: StoryOutline

    @property
    def published_at(self) -> datetime | None:
        return self.outline.published_at


def rarity(count: int, documents: int) -> float:
    """Inverse document frequency over its largest value: 1 for a word of one story, near 0 for a word of all."""
    most = math.log(documents + 2)
    return min(1.0, max(0.02, (most - math.log(count + 0.5)) / most))


def story_features(outline: StoryOutline, counts: CorpusCounts, nations: Nations) -> StoryFeatures:
    """Features of one story; ``counts`` must hold all its terms and entities that the corpus knows."""
    found = outline.enrichment
    words = dict(found.terms)
    for term, times in found.headline_terms.items():
        words[term] = words.get(term, 0) + HEADLINE * times
    documents = counts.documents
    rare = {term: rarity(counts.terms.get(term, 0), documents) for term in words}
    terms = _bag((term, (1 + math.log(times)) * rare[term], rare[term]) for term, times in words.items())
    scarce = {one.entity_id: rarity(counts.entities.get(one.entity_id, 0), documents) for one in found.entities}
    entities = _bag(
        ((one.entity_id, one.salience * scarce[one.entity_id], scarce[one.entity_id]) for one in found.entities),
        entity_key,
    )
    return StoryFeatures(
        lineage=outline.lineage,
        day=_day(outline.published_at),
        terms=terms,
        leads=_leads(terms, words, found.headline_terms, rare),
        entities=entities,
        nations=_nations(outline, words, counts, nations),
        vector=_vector(found.vector),
        event_type=found.event_type,
        length=math.log1p(sum(words.values())),
        documents=documents,
        outline=outline,
    )


def _leads(terms: Bag, words: Mapping[str, int], headline: Mapping[str, int], rare: Mapping[str, float]) -> Floats:
    """words: in order of first appearance."""
    places = {term: 0 if term in headline else place for place, term in enumerate(words)}
    found = [(1 + math.log(words[term])) * rare[term] * math.exp(-places[term] / LEAD) for term in terms.labels]
    return _unit(np.array(found, dtype=np.float32))


def _nations(outline: StoryOutline, words: Mapping[str, int], counts: CorpusCounts, nations: Nations) -> Bag:
    """Each nation that the story's words or entities place it in, weighted by how often."""
    times = nations.of(words)
    for one in outline.enrichment.entities:
        code = nation_of(one.entity_id)
        if code:
            times[code] = max(times.get(code, 0), one.count)
    rare = {code: _nation_rarity(code, counts) for code in times}
    return _bag((code, (1 + math.log(n)) * (rare[code] + NATION_RARITY_FLOOR), rare[code]) for code, n in times.items())


def _nation_rarity(code: str, counts: CorpusCounts) -> float:
    count = counts.entities.get(entity_id(code))
    return UNCOUNTED if count is None else rarity(count, counts.documents)


def _bag(parts: Iterable[tuple[str, float, float]], key_of: Callable[[str], int] = label_key) -> Bag:
    rows = sorted((key_of(label), weight, rare, label) for label, weight, rare in parts)
    keys = np.array([row[0] for row in rows], dtype=np.int64)
    weights = np.array([row[1] for row in rows], dtype=np.float32)
    rarities = np.array([row[2] for row in rows], dtype=np.float32)
    return Bag(
        keys=keys,
        weights=_unit(weights),
        rarities=rarities,
        squares=_unit(weights * rarities),
        mass=float((rarities**2).sum()),
        labels=tuple(row[3] for row in rows),
    )


def _unit(values: Floats) -> Floats:
    length = float(np.sqrt((values * values).sum()))
    return values / np.float32(length) if length else values


def _vector(raw: bytes | None) -> Floats | None:
    return _unit(np.frombuffer(raw, dtype="<f2").astype(np.float32)) if raw else None


def _day(moment: datetime | None) -> float | None:
    return moment.timestamp() / _SECONDS if moment else None


class Dated(Protocol):
    """What stands somewhere in time."""

    @property
    def lineage(self) -> int: ...
    @property
    def published_at(self) -> datetime | None: ...


def is_later(one: Dated, other: Dated) -> bool:
    """Whether ``one`` was published after ``other``; undated stories come last, ties go by lineage."""
    return _place(one) > _place(other)


def _place(one: Dated) -> tuple[float, int]:
    return (math.inf if one.published_at is None else one.published_at.timestamp(), one.lineage)
