"""A story beside each of its candidates: what they share, how far apart in time, as one row of numbers a candidate.

Pair features look at two stories alone. List features look at the candidates together: a follow-up of a follow-up
counts by way of the story between (pseudo-relevance feedback, Rocchio 1971), a candidate with many closer relatives
than the story counts less, days on which much related was published count more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from pipeline.relate.features import Bag, Floats, StoryFeatures

DEPTH = 100  # candidates that are compared with each other
PAIR_FEATURES = (
    "terms", "rare_terms", "cover", "share", "rarest", "second_rarest", "entities", "entity_cover", "rarest_entity",
    "nations", "nations_differ", "nations_unknown", "rarest_nation", "vector", "event", "event_differs", "length",
    "lag", "near", "terms_log", "vector_log", "terms_nations", "vector_nations",
)  # fmt: skip
LIST_FEATURES = (
    "kin", "kin_near", "chain", "chains", "neighbours", "crowd", "rivals", "rivals_before", "burst",
)  # fmt: skip
FEATURES = PAIR_FEATURES + LIST_FEATURES

_DECAY = 0.25
_LEAST_LAG = 1.0  # days: within a day, sooner is no likelier
_UNKNOWN_LAG = 20.0  # days: what an undated story is taken for
_TOP_TERMS = 32  # terms a candidate that count between candidates
_FED_BACK = 8  # best candidates whose likeness counts as the story's own
_BURST = 4.0  # days over which a burst fades


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """candidates: those compared, in their given order. rows: one a candidate, a column a name of FEATURES.

    terms, entities, nations: (row, position in the story's own bag) of each shared label. between: for each row the row
    of the candidate that links it best to the story, -1 without one.
    """

    candidates: tuple[StoryFeatures, ...]
    rows: Floats
    terms: npt.NDArray[np.intp]
    entities: npt.NDArray[np.intp]
    nations: npt.NDArray[np.intp]
    between: npt.NDArray[np.intp]


def compare(query: StoryFeatures, candidates: Sequence[StoryFeatures]) -> Comparison:
    """At most DEPTH candidates, those most alike by a rough measure, each with all its features."""
    pairs = _pairs(query, candidates)
    if len(candidates) > DEPTH:
        rough = _rough(pairs.columns) * pairs.columns["near"]
        kept = np.sort(np.argsort(-rough, kind="stable")[:DEPTH])
        candidates = [candidates[place] for place in kept]
        pairs = pairs.only(kept)
    columns, between = _lists(candidates, pairs.columns)
    return Comparison(
        candidates=tuple(candidates),
        rows=np.stack([columns[name] for name in FEATURES], axis=1),
        terms=pairs.terms,
        entities=pairs.entities,
        nations=pairs.nations,
        between=between,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    columns: dict[str, Floats]
    terms: npt.NDArray[np.intp]
    entities: npt.NDArray[np.intp]
    nations: npt.NDArray[np.intp]

    def only(self, kept: npt.NDArray[np.intp]) -> "_Pairs":
        """The same for some of the candidates: ``kept`` holds their places, ascending."""
        columns = {name: values[kept] for name, values in self.columns.items()}
        places = np.full(len(self.columns["near"]), -1, dtype=np.intp)
        places[kept] = np.arange(len(kept))

        def moved(found: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
            rows = places[found[:, 0]]
            return np.stack([rows, found[:, 1]], axis=1)[rows >= 0]

        return _Pairs(columns, moved(self.terms), moved(self.entities), moved(self.nations))


def _pairs(query: StoryFeatures, candidates: Sequence[StoryFeatures]) -> _Pairs:
    terms = _Overlap(query.terms, [one.terms for one in candidates])
    entities = _Overlap(query.entities, [one.entities for one in candidates])
    nations = _Overlap(query.nations, [one.nations for one in candidates])
    unknown = (nations.sizes == 0) | (len(query.nations.keys) == 0)
    lag = _lags(query, candidates)
    columns = {
        "terms": terms.cosine(),
        "rare_terms": terms.rare_cosine(),
        "cover": terms.cover(),
        "share": terms.share(),
        "rarest": terms.rarest(0),
        "second_rarest": terms.rarest(1),
        "entities": entities.cosine(),
        "entity_cover": entities.cover(),
        "rarest_entity": entities.rarest(0),
        "nations": nations.cosine(),
        "nations_unknown": unknown.astype(np.float32),
        "rarest_nation": nations.rarest(0),
        "vector": _cosines(query, candidates),
        "length": np.array([one.length for one in candidates], dtype=np.float32),
        "lag": np.log(lag),
        "near": lag**-_DECAY,
    }
    columns["nations_differ"] = ((columns["nations"] <= 0) & ~unknown).astype(np.float32)
    columns["event"], columns["event_differs"] = _events(query, candidates)
    for name in ("terms", "vector"):
        columns[f"{name}_log"] = np.log(0.05 + np.maximum(columns[name], 0))
        columns[f"{name}_nations"] = columns[name] * columns["nations"]
    return _Pairs(columns, terms.found, entities.found, nations.found)


class _Overlap:
    """What the candidates' bags share with the story's."""

    def __init__(self, own: Bag, others: Sequence[Bag]) -> None:
        self._own, self._others = own, others
        self.sizes = np.array([len(bag.keys) for bag in others], dtype=np.intp)
        keys = _joined([bag.keys for bag in others], np.int64)
        rows = np.repeat(np.arange(len(others)), self.sizes)
        place = np.searchsorted(own.keys, keys)
        place[place == len(own.keys)] = 0
        hit = own.keys[place] == keys if len(own.keys) else np.zeros(len(keys), dtype=bool)
        self._hit, self._rows, self._places = hit, rows[hit], place[hit]
        self.found = np.stack([self._rows, self._places], axis=1)

    def cosine(self) -> Floats:
        theirs = _joined([bag.weights for bag in self._others], np.float32)[self._hit]
        return self._summed(theirs * self._own.weights[self._places])

    def rare_cosine(self) -> Floats:
        theirs = _joined([bag.squares for bag in self._others], np.float32)[self._hit]
        return self._summed(theirs * self._own.squares[self._places])

    def cover(self) -> Floats:
        """The share of the story's own rarity that a candidate repeats."""
        return self._summed(self._own.rarities[self._places] ** 2) / np.float32(self._own.mass or 1.0)

    def share(self) -> Floats:
        """The share of a candidate's rarity that comes from the story."""
        mass = np.array([bag.mass or 1.0 for bag in self._others], dtype=np.float32)
        return self._summed(self._own.rarities[self._places] ** 2) / mass

    def rarest(self, rank: int) -> Floats:
        """Rarity of the rarest shared label (rank 0), or of the next (rank 1); 0 without one."""
        order = np.lexsort((-self._own.rarities[self._places], self._rows))
        rows = self._rows[order]
        nth = np.arange(len(rows)) - np.searchsorted(rows, rows)
        best = np.zeros(len(self._others), dtype=np.float32)
        chosen = nth == rank
        best[rows[chosen]] = self._own.rarities[self._places[order][chosen]]
        return best

    def _summed(self, values: Floats) -> Floats:
        return np.bincount(self._rows, weights=values, minlength=len(self._others)).astype(np.float32)


_Kind = TypeVar("_Kind", bound=np.generic)


def _joined(parts: Sequence[npt.NDArray[_Kind]], kind: type[_Kind]) -> npt.NDArray[_Kind]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)


def _lags(query: StoryFeatures, candidates: Sequence[StoryFeatures]) -> Floats:
    days = np.array([np.nan if one.day is None else one.day for one in candidates], dtype=np.float64)
    lag = np.abs(days - (np.nan if query.day is None else query.day))
    return np.maximum(np.where(np.isnan(lag), _UNKNOWN_LAG, lag), _LEAST_LAG).astype(np.float32)


def _cosines(query: StoryFeatures, candidates: Sequence[StoryFeatures]) -> Floats:
    if query.vector is None:
        return np.zeros(len(candidates), dtype=np.float32)
    return _vectors(candidates, len(query.vector)) @ query.vector


def _vectors(candidates: Sequence[StoryFeatures], width: int) -> Floats:
    """Candidates' vectors as rows; zeros where there is none, or one of another embedding."""
    none = np.zeros(width, dtype=np.float32)
    rows = [one.vector if one.vector is not None and len(one.vector) == width else none for one in candidates]
    return np.stack(rows) if rows else np.zeros((0, width), dtype=np.float32)


def _events(query: StoryFeatures, candidates: Sequence[StoryFeatures]) -> tuple[Floats, Floats]:
    kinds = [one.event_type for one in candidates]
    same = np.array([kind is not None and kind == query.event_type for kind in kinds], dtype=bool)
    known = np.array([kind is not None and query.event_type is not None for kind in kinds], dtype=bool)
    return same.astype(np.float32), (known & ~same).astype(np.float32)


def _rough(columns: dict[str, Floats]) -> Floats:
    """Likeness by fixed weights: used to choose whom to compare, and between candidates."""
    return 0.5 * columns["terms"] + 0.3 * np.maximum(columns["vector"], 0) + 0.2 * columns["nations"]


def _lists(
    candidates: Sequence[StoryFeatures], columns: dict[str, Floats]
) -> tuple[dict[str, Floats], npt.NDArray[np.intp]]:
    own, lag = _rough(columns), np.exp(columns["lag"])
    alike = likeness(candidates)
    worth = own * columns["near"]
    count = len(candidates)
    if not count:
        return {**columns, **{name: np.zeros(0, np.float32) for name in LIST_FEATURES}}, np.zeros(0, np.intp)
    best = np.argsort(-worth, kind="stable")[:_FED_BACK]
    trust = worth[best] ** 2 + 1e-9
    before = lag[None, :] < lag[:, None]
    paths = np.sqrt(np.maximum(alike * own[None, :], 0))
    dated = np.where(before, np.minimum(alike, own[None, :]), 0)
    bursts = np.exp(-np.abs(lag[:, None] - lag[None, :]) / _BURST) @ own**2 - own**2
    kin = (alike[:, best] * trust).sum(axis=1) / trust.sum()
    rivals = alike > own[:, None]
    found = {
        "kin": kin,
        "kin_near": kin * columns["near"],
        "chain": dated.max(axis=1),
        "chains": _mean_of_best(np.where(before, paths, 0), 3),
        "neighbours": _mean_of_best(paths, 5),
        "crowd": _mean_of_best(alike, 5),
        "rivals": np.log1p(rivals.sum(axis=1)),
        "rivals_before": np.log1p((rivals & before).sum(axis=1)),
        "burst": np.log(0.01 + np.maximum(bursts, 0)),
    }
    between = np.where(dated.max(axis=1) > own, dated.argmax(axis=1), -1)
    return {**columns, **{name: values.astype(np.float32) for name, values in found.items()}}, between


def _mean_of_best(values: Floats, count: int) -> Floats:
    count = min(count, values.shape[1])
    best: Floats = np.partition(values, -count, axis=1)[:, -count:].mean(axis=1, dtype=np.float32)
    return best


def likeness(candidates: Sequence[StoryFeatures]) -> Floats:
    """Rough likeness, 0..1, of each story to each other; 0 to itself."""
    width = max((len(one.vector) for one in candidates if one.vector is not None), default=1)
    vectors = _vectors(candidates, width)
    terms = _dense([one.terms for one in candidates], _TOP_TERMS)
    nations = _dense([one.nations for one in candidates], _TOP_TERMS)
    alike: Floats = 0.5 * (terms @ terms.T) + 0.3 * np.maximum(vectors @ vectors.T, 0) + 0.2 * (nations @ nations.T)
    np.fill_diagonal(alike, 0)
    return alike


def _dense(bags: Sequence[Bag], most: int) -> Floats:
    """Bags as rows over the labels that at least two of them hold, the heaviest labels of each only."""
    chosen = [
        np.argpartition(-bag.weights, most)[:most] if len(bag.keys) > most else np.arange(len(bag.keys)) for bag in bags
    ]
    keys = _joined([bag.keys[some] for bag, some in zip(bags, chosen, strict=True)], np.int64)
    weights = _joined([bag.weights[some] for bag, some in zip(bags, chosen, strict=True)], np.float32)
    rows = np.repeat(np.arange(len(bags)), [len(some) for some in chosen])
    _, places, times = np.unique(keys, return_inverse=True, return_counts=True)
    column = np.cumsum(times > 1) - 1
    shared = times[places] > 1
    matrix = np.zeros((len(bags), int((times > 1).sum())), dtype=np.float32)
    matrix[rows[shared], column[places[shared]]] = weights[shared]
    whole = np.sqrt(np.bincount(rows, weights=weights**2, minlength=len(bags))).astype(np.float32)
    matrix /= np.maximum(whole, np.float32(1e-6))[:, None]
    return matrix
