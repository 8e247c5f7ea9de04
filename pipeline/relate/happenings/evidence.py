"""What a story tells of its event, by kind of evidence: its names, its numbers, its other words, and when it was.

Two stories of one event share its names and numbers. Two stories of look-alike events (two summits, two fires) share
little but the other words: kept apart, these can count for less, or against.
"""

import math
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.models import CorpusCounts, Enrichment, StoryOutline
from pipeline.relate.arrays import Doubles, Flags, Floats, Indices, Ints
from pipeline.shared_formats.sketch import label_key

HEADLINE_WEIGHT = 2  # a word of the headline counts as two more of the body
UNNAMED_SALIENCE = 0.1  # of a word that is part of an entity's name, at least

# Chosen on the project's own development stories.
_IMAGINED_STORIES = 1_000
_RAREST_RATE = 80.0  # words of fewer than one story in so many are equally rare
_LEAST_RARITY = 0.02
_LEAST_LENGTH = 1e-6
_SECONDS_PER_DAY = 86_400.0
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True, eq=False)
class SparseVector:
    """The labels of one kind of evidence.

    Attributes:
        keys: Hashed labels, ascending, none twice; (n,) int64.
        weights: Their weights, of any length; (n,) float32.
    """

    keys: Ints
    weights: Floats


@dataclass(frozen=True, slots=True, eq=False)
class HappeningEvidence:
    """One story as the grouping into happenings sees it.

    Attributes:
        lineage: The story.
        uri: Its uri.
        day: Time of publication in days since 1970; None if unknown.
        year: Year of publication, else the latest that its text names, else 0.
        terms: All words, weighted by how often and how rare.
        names: Those that are part of a name, without numbers.
        subjects: The names again, weighted by the salience of who bears them.
        numbers: Those with digits, without years.
        words: All others, without years.
        keyterms: The key terms, all of one weight.
    """

    lineage: int
    uri: str
    day: float | None
    year: int
    terms: SparseVector
    names: SparseVector
    subjects: SparseVector
    numbers: SparseVector
    words: SparseVector
    keyterms: SparseVector

    def publication_order(self) -> tuple[float, str, int]:
        """Return a key that sorts by time of publication, undated stories last, whatever the order of arrival."""
        return (math.inf if self.day is None else self.day, self.uri, self.lineage)


def evidence_of(outline: StoryOutline, counts: CorpusCounts) -> HappeningEvidence:
    """Collect the evidence of one story.

    Args:
        outline: The story.
        counts: Document frequencies; they must hold all of its terms that the corpus knows.
    """
    enrichment, published = outline.enrichment, outline.published_at
    times = dict(enrichment.terms)
    for term, count in enrichment.headline_terms.items():
        times[term] = times.get(term, 0) + HEADLINE_WEIGHT * count
    document_counts = np.array([counts.terms.get(term, 0) for term in times], dtype=np.float64)
    log_times = np.log(np.fromiter(times.values(), dtype=np.float64, count=len(times)))
    labels = _SortedLabels(times, (1 + log_times) * _rarities(document_counts, counts.documents))
    name_salience = _salience_by_word(enrichment)
    has_digit = labels.matching(_has_digit)
    is_year = labels.matching(_is_year)
    is_name = labels.matching(name_salience.__contains__) & ~has_digit
    keyterms = dict.fromkeys(enrichment.keyterms)
    salience = np.array([name_salience.get(term, 0.0) for term in labels.labels], dtype=np.float64)
    return HappeningEvidence(
        lineage=outline.lineage,
        uri=outline.uri,
        day=published.timestamp() / _SECONDS_PER_DAY if published else None,
        year=published.year if published else max((int(term) for term in times if _is_year(term)), default=0),
        terms=labels.vector(),
        names=labels.vector(is_name),
        subjects=labels.vector(is_name, salience**2),
        numbers=labels.vector(has_digit & ~is_year),
        words=labels.vector(~is_name & ~has_digit),
        keyterms=_SortedLabels(keyterms, np.ones(len(keyterms))).vector(),
    )


def _salience_by_word(enrichment: Enrichment) -> dict[str, float]:
    """Return each word of an entity's name -> the largest salience of those who bear it."""
    salience: dict[str, float] = {}
    for entity in enrichment.entities:
        for word in _WORD.findall(entity.name.lower()):
            salience[word] = max(entity.salience, salience.get(word, UNNAMED_SALIENCE))
    return salience


class _SortedLabels:
    """Labels with their weights, in order of their keys: hashed and sorted once for all kinds of evidence.

    Attributes:
        labels: The labels in that order.
    """

    def __init__(self, labels: Collection[str], weights: Doubles) -> None:
        keys = np.array([label_key(label) for label in labels], dtype=np.int64)
        order = np.argsort(keys, kind="stable")
        unsorted = list(labels)
        self.labels = [unsorted[position] for position in order.tolist()]
        self._keys = keys[order]
        self._weights = weights[order]

    def matching(self, predicate: Callable[[str], bool]) -> Flags:
        """Return which labels the predicate holds for; (n,) bool."""
        return np.array([predicate(label) for label in self.labels], dtype=np.bool_)

    def vector(self, chosen: Flags | None = None, factor: Doubles | None = None) -> SparseVector:
        """Return the vector of the chosen labels, or of all, with weights times the factor; (n,) both."""
        weights = (self._weights if factor is None else self._weights * factor).astype(np.float32)
        if chosen is None:
            return SparseVector(self._keys, weights)
        return SparseVector(self._keys[chosen], weights[chosen])


def _has_digit(term: str) -> bool:
    return not term.isalpha() and _DIGIT.search(term) is not None


def _is_year(term: str) -> bool:
    return term.isdecimal() and _YEAR.fullmatch(term) is not None


def _rarities(document_counts: Doubles, documents: int) -> Doubles:
    """Return how much words tell, 0..1, alike in corpora of ten stories and of a million.

    This is inverse document frequency as if there were a thousand stories more without the word: in a small corpus the
    words of its one topic are not common words. Words rarer than one story in eighty are equal: they tell no more.

    Args:
        document_counts: How many stories have each word; (n,).
        documents: How many stories there are.
    """
    rates = (document_counts + 0.5) / (documents + _IMAGINED_STORIES)
    rarities: Doubles = np.log(np.minimum(1 / rates, _RAREST_RATE)) / math.log(_RAREST_RATE)
    return np.maximum(_LEAST_RARITY, rarities)


def pairwise_cosines(vectors: Sequence[SparseVector]) -> Floats:
    """Return the cosine of each to each, 0..1; 0 where one of the two is empty; (n, n) float32."""
    count = len(vectors)
    rows, keys, weights = _end_to_end(vectors)
    _, label_ids, times = np.unique(keys, return_inverse=True, return_counts=True)
    column = np.cumsum(times > 1) - 1
    shared = times[label_ids] > 1
    matrix = np.zeros((count, int((times > 1).sum())), dtype=np.float32)
    matrix[rows[shared], column[label_ids[shared]]] = weights[shared]
    matrix /= _lengths(rows, weights, count)[:, None]
    cosines: Floats = matrix @ matrix.T
    return cosines


def cosines_with(own: SparseVector, others: Sequence[SparseVector]) -> Floats:
    """Return the cosine of one vector to each of the others; (n,) float32."""
    count, least = len(others), np.float32(_LEAST_LENGTH)
    if not len(own.keys):
        return np.zeros(count, dtype=np.float32)
    rows, keys, weights = _end_to_end(others)
    positions = np.minimum(np.searchsorted(own.keys, keys), len(own.keys) - 1)
    shared = own.keys[positions] == keys
    products = np.bincount(rows[shared], weights=weights[shared] * own.weights[positions[shared]], minlength=count)
    lengths = np.maximum(np.linalg.norm(own.weights), least) * _lengths(rows, weights, count)
    cosines: Floats = (products / lengths).astype(np.float32)
    return cosines


def _end_to_end(vectors: Sequence[SparseVector]) -> tuple[Indices, Ints, Floats]:
    """Return number of the vector, key and weight of each of the m labels of all vectors; (m,) each."""
    rows = np.repeat(np.arange(len(vectors)), [len(vector.keys) for vector in vectors])
    keys = np.concatenate([np.empty(0, dtype=np.int64), *(vector.keys for vector in vectors)])
    weights = np.concatenate([np.empty(0, dtype=np.float32), *(vector.weights for vector in vectors)])
    return rows, keys, weights


def _lengths(rows: Indices, weights: Floats, count: int) -> Floats:
    """Return the length of each of ``count`` vectors whose weights lie end to end."""
    lengths = np.sqrt(np.bincount(rows, weights=weights**2, minlength=count))
    return np.maximum(lengths, _LEAST_LENGTH).astype(np.float32)
