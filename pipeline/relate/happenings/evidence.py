"""What a story tells of its event, by kind of evidence: its names, its numbers, its other words, and when it was.

Two stories of one event share its names and numbers. Two stories of look-alike events (two summits, two fires) share
little but the other words: kept apart, these can count for less, or against.
"""

import math
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.models import CorpusCounts, StoryOutline
from pipeline.shared_formats.sketch import label_key

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

HEADLINE = 2  # a word of the headline counts as two more of the body
UNSPOKEN_SALIENCE = 0.1  # of a word that is part of a name elsewhere only
_IMAGINED = 1_000
_RARE = 80.0
_LEAST_RARITY = 0.02
_LEAST_LENGTH = 1e-6
_DAY = 86_400.0
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One kind of evidence as a sparse vector. keys: hashed labels, ascending, none twice. weights: of any length."""

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
    told_by = np.array([counts.terms.get(term, 0) for term in times], dtype=np.float64)
    often = np.log(np.fromiter(times.values(), dtype=np.float64, count=len(times)))
    words = _Words(times, (1 + often) * _rarities(told_by, counts.documents))
    borne: dict[str, float] = {}
    for entity in found.entities:
        for word in _WORD.findall(entity.name.lower()):
            borne[word] = max(entity.salience, borne.get(word, UNSPOKEN_SALIENCE))
    numeric = words.where(_has_digit)
    a_year = words.where(_is_year)
    named = words.where(borne.__contains__) & ~numeric
    keyterms = dict.fromkeys(found.keyterms)
    salience = np.array([borne.get(term, 0.0) for term in words.labels], dtype=np.float64)
    return Account(
        lineage=outline.lineage,
        uri=outline.uri,
        day=published.timestamp() / _DAY if published else None,
        year=published.year if published else max((int(term) for term in times if _is_year(term)), default=0),
        terms=words.side(),
        names=words.side(named),
        subjects=words.side(named, salience**2),
        numbers=words.side(numeric & ~a_year),
        words=words.side(~named & ~numeric),
        keyterms=_Words(keyterms, np.ones(len(keyterms))).side(),
    )


class _Words:
    """Labels with their weights, in order of their keys: hashed and sorted once for all kinds of evidence."""

    def __init__(self, labels: Collection[str], weights: npt.NDArray[np.float64]) -> None:
        keys = np.array([label_key(label) for label in labels], dtype=np.int64)
        order = np.argsort(keys, kind="stable")
        given = list(labels)
        self.labels = [given[place] for place in order.tolist()]
        self._keys = keys[order]
        self._weights = weights[order]

    def where(self, told: Callable[[str], bool]) -> Flags:
        """Which labels this is true of."""
        return np.array([told(label) for label in self.labels], dtype=np.bool_)

    def side(self, chosen: Flags | None = None, factor: npt.NDArray[np.float64] | None = None) -> Side:
        """Those chosen, or all; their weights times the factor."""
        weights = (self._weights if factor is None else self._weights * factor).astype(np.float32)
        return Side(self._keys, weights) if chosen is None else Side(self._keys[chosen], weights[chosen])


def _has_digit(term: str) -> bool:
    return not term.isalpha() and _DIGIT.search(term) is not None


def _is_year(term: str) -> bool:
    return term.isdecimal() and _YEAR.fullmatch(term) is not None


def _rarities(told_by: npt.NDArray[np.float64], documents: int) -> npt.NDArray[np.float64]:
    """How much words tell, 0..1, alike in corpora of ten stories and of a million. told_by: how many stories each.

    Inverse document frequency, as if there were a thousand stories more without the word: in a small corpus the words
    of its one topic are not common words. Words rarer than one story in eighty are equal: rarer ones name no more.
    """
    rates = (told_by + 0.5) / (documents + _IMAGINED)
    found: npt.NDArray[np.float64] = np.log(np.minimum(1 / rates, _RARE)) / math.log(_RARE)
    return np.maximum(_LEAST_RARITY, found)


def cosines(sides: Sequence[Side]) -> Floats:
    """The cosine of each to each, 0..1; 0 where one of the two is empty."""
    count = len(sides)
    rows, keys, weights = _end_to_end(sides)
    _, places, times = np.unique(keys, return_inverse=True, return_counts=True)
    column = np.cumsum(times > 1) - 1
    shared = times[places] > 1
    matrix = np.zeros((count, int((times > 1).sum())), dtype=np.float32)
    matrix[rows[shared], column[places[shared]]] = weights[shared]
    matrix /= _lengths(rows, weights, count)[:, None]
    found: Floats = matrix @ matrix.T
    return found


def cosines_of(own: Side, others: Sequence[Side]) -> Floats:
    """The cosine of one to each of the others, likewise."""
    count, least = len(others), np.float32(_LEAST_LENGTH)
    if not len(own.keys):
        return np.zeros(count, dtype=np.float32)
    rows, keys, weights = _end_to_end(others)
    places = np.minimum(np.searchsorted(own.keys, keys), len(own.keys) - 1)
    shared = own.keys[places] == keys
    products = np.bincount(rows[shared], weights=weights[shared] * own.weights[places[shared]], minlength=count)
    whole = np.maximum(np.linalg.norm(own.weights), least) * _lengths(rows, weights, count)
    found: Floats = (products / whole).astype(np.float32)
    return found


def _end_to_end(sides: Sequence[Side]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int64], Floats]:
    """Rows, keys and weights of all."""
    rows = np.repeat(np.arange(len(sides)), [len(side.keys) for side in sides])
    keys = np.concatenate([np.empty(0, dtype=np.int64), *(side.keys for side in sides)])
    weights = np.concatenate([np.empty(0, dtype=np.float32), *(side.weights for side in sides)])
    return rows, keys, weights


def _lengths(rows: npt.NDArray[np.intp], weights: Floats, count: int) -> Floats:
    whole = np.sqrt(np.bincount(rows, weights=weights**2, minlength=count))
    return np.maximum(whole, _LEAST_LENGTH).astype(np.float32)
