"""What a story tells of its event, by kind of evidence: its names, its numbers, its other words, and when it was.

Two stories of one event share its names and numbers. Two stories of look-alike events (two summits, two fires) share
little but the other words: kept apart, these can count for less, or against.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.models import CorpusCounts, StoryOutline
from pipeline.models.sketch import label_key

Floats = npt.NDArray[np.float32]

HEADLINE = 2  # a word of the headline counts as two more of the body
UNSPOKEN_SALIENCE = 0.1  # of a word that is part of a name elsewhere only
_IMAGINED = 1_000
_RARE = 80.0
_LEAST_RARITY = 0.02
_DAY = 86_400.0
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One kind of evidence as a sparse vector. keys: hashes of labels, none twice; weights: of any length."""

    keys: npt.NDArray[np.int64]
    weights: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """One story as the grouping into happenings sees it.

    day: publication in days since 1970, None if unknown. year: of publication, else the latest one that its text names,
    else 0. terms: all words, weighted by how often and how rare; names, numbers and words: the same by kind, years in
    none of them; subjects: names weighted by the salience of who bears them.
    """

    lineage: int
    uri: str
    day: float | None
    year: int
    terms: Side
    names: Side
    subjects: Side
    numbers: Side
    words: Side
    keyterms: Side

    def place(self) -> tuple[float, str, int]:
        """Where it stands in order of publication; undated stories come last. Nothing depends on order of arrival."""
        return (math.inf if self.day is None else self.day, self.uri, self.lineage)


def account_of(outline: StoryOutline, counts: CorpusCounts) -> Account:
    """The evidence of one story; ``counts`` must hold all its terms that the corpus knows."""
    found, published = outline.enrichment, outline.published_at
    times = dict(found.terms)
    for term, count in found.headline_terms.items():
        times[term] = times.get(term, 0) + HEADLINE * count
    weights = {
        term: (1 + math.log(count)) * _rarity(counts.terms.get(term, 0), counts.documents)
        for term, count in times.items()
    }
    borne: dict[str, float] = {}
    for entity in found.entities:
        for word in _WORD.findall(entity.name.lower()):
            borne[word] = max(entity.salience, borne.get(word, UNSPOKEN_SALIENCE))
    numbers = {term for term in weights if _DIGIT.search(term)}
    years = {term for term in numbers if _YEAR.fullmatch(term)}
    names = [term for term in weights if term in borne and term not in numbers]
    return Account(
        lineage=outline.lineage,
        uri=outline.uri,
        day=published.timestamp() / _DAY if published else None,
        year=published.year if published else max(map(int, years), default=0),
        terms=_side(weights.items()),
        names=_side((term, weights[term]) for term in names),
        subjects=_side((term, weights[term] * borne[term] ** 2) for term in names),
        numbers=_side((term, weights[term]) for term in numbers - years),
        words=_side((term, weight) for term, weight in weights.items() if term not in borne and term not in numbers),
        keyterms=_side((term, 1.0) for term in set(found.keyterms)),
    )


def _rarity(count: int, documents: int) -> float:
    """How much a word tells, 0..1, alike in corpora of ten stories and of a million.

    Inverse document frequency, as if there were a thousand stories more without the word: in a small corpus the words
    of its one topic are not common words. Words rarer than one story in eighty are equal: rarer ones name no more.
    """
    rate = (count + 0.5) / (documents + _IMAGINED)
    return max(_LEAST_RARITY, math.log(min(1 / rate, _RARE)) / math.log(_RARE))


def _side(parts: Iterable[tuple[str, float]]) -> Side:
    rows = sorted((label_key(label), weight) for label, weight in parts)
    keys = np.array([row[0] for row in rows], dtype=np.int64)
    return Side(keys, np.array([row[1] for row in rows], dtype=np.float32))


def cosines(sides: Sequence[Side]) -> Floats:
    """The cosine of each to each, 0..1; 0 where one of the two is empty."""
    count = len(sides)
    rows = np.repeat(np.arange(count), [len(side.keys) for side in sides])
    keys = np.concatenate([np.empty(0, dtype=np.int64), *(side.keys for side in sides)])
    weights = np.concatenate([np.empty(0, dtype=np.float32), *(side.weights for side in sides)])
    whole = np.sqrt(np.bincount(rows, weights=weights**2, minlength=count)).astype(np.float32)
    _, places, times = np.unique(keys, return_inverse=True, return_counts=True)
    column = np.cumsum(times > 1) - 1
    shared = times[places] > 1
    matrix = np.zeros((count, int((times > 1).sum())), dtype=np.float32)
    matrix[rows[shared], column[places[shared]]] = weights[shared]
    matrix /= np.maximum(whole, np.float32(1e-6))[:, None]
    found: Floats = matrix @ matrix.T
    return found
