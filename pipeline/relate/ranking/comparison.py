"""A story beside each of its candidates: what they share, how far apart in time, as one row of numbers a candidate.

Pair features look at two stories alone. List features look at the candidates together: a follow-up of a follow-up
counts by way of the story between (pseudo-relevance feedback, Rocchio 1971), a candidate with many closer relatives
than the story counts less, days on which much related was published count more.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.relate.ranking.features import Bag, Floats, StoryFeatures
from pipeline.relate.ranking.story_matrix import Ints, Packed, Places, first_alike, found_in, pack, runs
from pipeline.shared_formats.sketch import event_key, language_key

DEPTH = 100  # candidates that are compared with each other, unless more are asked for
PAIR_FEATURES = (
    "terms", "rare_terms", "cover", "share", "rarest", "second_rarest", "entities", "entity_cover", "rarest_entity",
    "nations", "nations_differ", "nations_unknown", "rarest_nation", "vector", "event", "event_differs", "length",
    "lag", "near", "terms_log", "vector_log", "terms_nations", "vector_nations", "lead", "lead_cover",
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


@dataclass(frozen=True, slots=True)
class Choice:
    """Which candidates are compared: at most ``depth`` of them, those most alike by a rough measure.

    fold: of each copy group one only: the most alike, but one of those ``preferred`` (lineages) first.
    """

    depth: int = DEPTH
    fold: bool = False
    preferred: Collection[int] = ()


USUAL = Choice()


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """candidates: those compared, in their given order. rows: one a candidate, a column a name of FEATURES.

    terms, entities, nations: (row, position in the story's own bag) of each shared label, row by row. between: for each
    row the row of the candidate that links it best to the story, -1 without one.
    """

    candidates: Packed
    rows: Floats
    terms: Places
    entities: Places
    nations: Places
    between: Places


def compare(query: StoryFeatures, candidates: Packed, choice: Choice = USUAL) -> Comparison:
    """The candidates chosen, each with all its features."""
    pairs = _pairs(query, candidates)
    if choice.fold or len(candidates) > choice.depth:
        kept = _chosen(candidates, _rough(pairs.columns) * pairs.columns["near"], choice)
        candidates = candidates.only(kept)
        pairs = pairs.only(kept)
    columns, between = _lists(candidates, pairs.columns)
    return Comparison(
        candidates=candidates,
        rows=np.stack([columns[name] for name in FEATURES], axis=1),
        terms=pairs.shared[0],
        entities=pairs.shared[1],
        nations=pairs.shared[2],
        between=between,
    )


def _chosen(candidates: Packed, worth: Floats, choice: Choice) -> Places:
    """Their rows, ascending."""
    best = np.lexsort((candidates.lineages, -worth))
    if choice.fold:
        later = ~np.isin(candidates.lineages[best], list(choice.preferred))
        groups = candidates.groups[best]
        ranked = np.lexsort((later, groups))
        first = np.zeros(len(best), dtype=np.bool_)
        first[ranked[np.flatnonzero(np.diff(groups[ranked], prepend=-2))]] = True
        best = best[first | (groups < 0)]
    return np.sort(best[: choice.depth])


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    columns: dict[str, Floats]
    shared: tuple[Places, Places, Places]

    def only(self, kept: Places) -> "_Pairs":
        """The same for some of the candidates: ``kept`` holds their places, ascending."""
        columns = {name: values[kept] for name, values in self.columns.items()}
        places = np.full(len(self.columns["near"]), -1, dtype=np.intp)
        places[kept] = np.arange(len(kept))

        def moved(found: Places) -> Places:
            rows = places[found[:, 0]]
            return np.stack([rows, found[:, 1]], axis=1)[rows >= 0]

        terms, entities, nations = self.shared
        return _Pairs(columns, (moved(terms), moved(entities), moved(nations)))


def _pairs(query: StoryFeatures, candidates: Packed) -> _Pairs:
    rows, places = runs(candidates.starts, candidates.terms + candidates.entities + candidates.nations)
    shared = _shared(query, candidates.keys[places])
    weights = candidates.weights[places]
    count = len(candidates)
    terms, entities, nations = (
        _Overlap(bag, rows[hits], own, weights[hits], count)
        for bag, (hits, own) in zip((query.terms, query.entities, query.nations), shared, strict=True)
    )
    unknown = (candidates.nations == 0) | (len(query.nations.keys) == 0)
    lag = _lags(query, candidates)
    rarest, second_rarest = terms.rarest(2)
    lead, lead_cover = terms.leading(query.leads, candidates.leads[places[shared[0][0]]])
    columns = {
        "terms": terms.cosine(),
        "rare_terms": terms.rare_cosine(candidates.sharpness),
        "cover": terms.cover(),
        "share": terms.shared_mass() / np.maximum(candidates.masses, np.float32(1e-9)),
        "rarest": rarest,
        "second_rarest": second_rarest,
        "entities": entities.cosine(),
        "entity_cover": entities.cover(),
        "rarest_entity": entities.rarest(1)[0],
        "nations": nations.cosine(),
        "nations_unknown": unknown.astype(np.float32),
        "rarest_nation": nations.rarest(1)[0],
        "vector": _cosines(query, candidates),
        "length": candidates.lengths,
        "lead": lead,
        "lead_cover": lead_cover,
        "lag": np.log(lag),
        "near": lag**-_DECAY,
    }
    _let_names_speak(columns, _foreign(query, candidates))
    columns["nations_differ"] = ((columns["nations"] <= 0) & ~unknown).astype(np.float32)
    columns["event"], columns["event_differs"] = _events(query, candidates)
    for name in ("terms", "vector"):
        columns[f"{name}_log"] = np.log(0.05 + np.maximum(columns[name], 0))
        columns[f"{name}_nations"] = columns[name] * columns["nations"]
    return _Pairs(columns, (terms.found, entities.found, nations.found))


def _shared(query: StoryFeatures, keys: Ints) -> list[tuple[Places, Places]]:
    """For each kind of label: where ``keys`` holds one of the story's own, and its position in the story's bag."""
    bags = (query.terms, query.entities, query.nations)
    own = np.concatenate([bag.keys for bag in bags])
    order = np.argsort(own)
    hits, which = found_in(keys, own[order])
    positions = order[which]
    found, start = [], 0
    for bag in bags:
        some = (positions >= start) & (positions < start + len(bag.keys))
        found.append((hits[some], positions[some] - start))
        start += len(bag.keys)
    return found


class _Overlap:
    """What the candidates share with one of the story's own bags: the row, own position and weight of each label."""

    def __init__(self, own: Bag, rows: Places, positions: Places, weights: Floats, count: int) -> None:
        self._own, self._rows, self._weights, self._count = own, rows, weights, count
        self._positions = positions
        self._rarities = own.rarities[positions]
        self.found = np.stack([rows, positions], axis=1)

    def cosine(self) -> Floats:
        return self._summed(self._weights * self._own.weights[self._positions])

    def rare_cosine(self, sharpness: Floats) -> Floats:
        """The same with every weight times its label's rarity. sharpness: one over the length of such weights."""
        return self._summed(self._weights * self._rarities * self._own.squares[self._positions]) * sharpness

    def leading(self, own: Floats, others: Floats) -> tuple[Floats, Floats]:
        """Cosine of what opens the stories, and the share of what opens a candidate that the story says anywhere.

        own: leads of the story's terms; others: of each shared term in its candidate.
        """
        return self._summed(others * own[self._positions]), self._summed(others**2)

    def shared_mass(self) -> Floats:
        """Sum of squared rarities."""
        return self._summed(self._rarities**2)

    def cover(self) -> Floats:
        """The share of the story's own rarity that a candidate repeats."""
        return self.shared_mass() / np.float32(self._own.mass or 1.0)

    def rarest(self, most: int) -> list[Floats]:
        """Rarity of the rarest shared label, of the next, and so on; 0 without one."""
        order = np.lexsort((-self._rarities, self._rows))
        rows, rarities = self._rows[order], self._rarities[order]
        nth = np.arange(len(rows)) - np.searchsorted(rows, rows)
        best = [np.zeros(self._count, dtype=np.float32) for _ in range(most)]
        for rank, values in enumerate(best):
            values[rows[nth == rank]] = rarities[nth == rank]
        return best

    def _summed(self, values: Floats) -> Floats:
        return np.bincount(self._rows, weights=values, minlength=self._count).astype(np.float32)


_SPOKEN_FOR = {
    "terms": "entities",
    "rare_terms": "entities",
    "vector": "entities",
    "cover": "entity_cover",
    "share": "entity_cover",
    "lead": "entities",
    "lead_cover": "entity_cover",
    "rarest": "rarest_entity",
}


def _let_names_speak(columns: dict[str, Floats], foreign: npt.NDArray[np.bool_]) -> None:
    """Two languages share hardly a word, whatever is told in them: there the names are all there is to go by."""
    if foreign.any():
        for words, names in _SPOKEN_FOR.items():
            columns[words] = np.where(foreign, np.maximum(columns[words], columns[names]), columns[words])


def _foreign(query: StoryFeatures, candidates: Packed) -> npt.NDArray[np.bool_]:
    own = language_key(query.outline.enrichment.language)
    found: npt.NDArray[np.bool_] = (candidates.languages != own) & (candidates.languages != 0) & (own != 0)
    return found


def _lags(query: StoryFeatures, candidates: Packed) -> Floats:
    lag = np.abs(candidates.days - (np.nan if query.day is None else query.day))
    return np.maximum(np.where(np.isnan(lag), _UNKNOWN_LAG, lag), _LEAST_LAG).astype(np.float32)


def _cosines(query: StoryFeatures, candidates: Packed) -> Floats:
    if query.vector is None or len(query.vector) != candidates.vectors.shape[1]:
        return np.zeros(len(candidates), dtype=np.float32)
    found: Floats = candidates.vectors @ query.vector
    return found


def _events(query: StoryFeatures, candidates: Packed) -> tuple[Floats, Floats]:
    own = event_key(query.event_type)
    same = (candidates.events == own) & (own != 0)
    known = (candidates.events != 0) & (own != 0)
    return same.astype(np.float32), (known & ~same).astype(np.float32)


def _rough(columns: dict[str, Floats]) -> Floats:
    """Likeness by fixed weights: used to choose whom to compare, and between candidates."""
    return 0.5 * columns["terms"] + 0.3 * np.maximum(columns["vector"], 0) + 0.2 * columns["nations"]


def _lists(candidates: Packed, columns: dict[str, Floats]) -> tuple[dict[str, Floats], Places]:
    own, lag = _rough(columns), np.exp(columns["lag"])
    alike = packed_likeness(candidates)
    worth = own * columns["near"]
    count = len(candidates)
    if not count:
        return {**columns, **{name: np.zeros(0, np.float32) for name in LIST_FEATURES}}, np.zeros(0, np.intp)
    best = np.argsort(-worth, kind="stable")[:_FED_BACK]
    trust = worth[best] ** 2 + 1e-9
    before = lag[None, :] < lag[:, None]
    paths = np.sqrt(np.maximum(alike * own[None, :], 0))
    dated = np.where(before, np.minimum(alike, own[None, :]), 0)
    bursts = np.exp(np.abs(lag[:, None] - lag[None, :]) / np.float32(-_BURST)) @ own**2 - own**2
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


def likeness(stories: Sequence[StoryFeatures]) -> Floats:
    """Rough likeness, 0..1, of each story to each other; 0 to itself."""
    return packed_likeness(pack(stories))


def packed_likeness(stories: Packed) -> Floats:
    """The same of stories packed already."""
    terms = _dense(stories, stories.starts, np.minimum(stories.terms, _TOP_TERMS))
    nations = _dense(stories, stories.starts + stories.terms + stories.entities, stories.nations)
    meaning = np.maximum(stories.vectors @ stories.vectors.T, 0)
    joined = np.concatenate(
        [np.float32(0.5**0.5) * terms, np.float32(0.2**0.5) * nations], axis=1
    )  # one product for both
    alike: Floats = joined @ joined.T + np.float32(0.3) * meaning
    np.fill_diagonal(alike, 0)
    return alike


def _dense(stories: Packed, starts: Places, sizes: Places) -> Floats:
    """These labels of the stories as rows of unit length, a column each label that at least two of them hold."""
    rows, places = runs(starts, sizes)
    weights = stories.weights[places]
    alike = first_alike(stories.keys[places])
    times = np.bincount(alike, minlength=len(alike))
    column = np.cumsum(times > 1) - 1
    shared = times[alike] > 1
    matrix = np.zeros((len(stories), int((times > 1).sum())), dtype=np.float32)
    matrix[rows[shared], column[alike[shared]]] = weights[shared]
    whole = np.sqrt(np.bincount(rows, weights=weights**2, minlength=len(stories))).astype(np.float32)
    matrix /= np.maximum(whole, np.float32(1e-6))[:, None]
    return matrix
