"""What a story shares with each of its candidates, and how far apart the two are: features of two stories alone."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from pipeline.relate.arrays import Flags, Floats, Indices, Ints
from pipeline.relate.ranking.features import Bag, StoryFeatures
from pipeline.relate.ranking.story_matrix import StoryMatrix, ranges, searchsorted_in
from pipeline.shared_formats.sketch import event_key, language_key

PAIR_FEATURES = (
    "terms", "rare_terms", "cover", "share", "rarest", "second_rarest", "entities", "entity_cover", "rarest_entity",
    "nations", "nations_differ", "nations_unknown", "rarest_nation", "vector", "event", "event_differs", "length",
    "lag", "near", "terms_log", "vector_log", "terms_nations", "vector_nations", "lead", "lead_cover",
)  # fmt: skip

# Chosen on the project's own development stories.
_LAG_DECAY = 0.25  # nearness in time is the lag to the power of minus this
_LEAST_LAG = 1.0  # days: within a day, sooner is no likelier
_UNKNOWN_LAG = 20.0  # days: what an undated story is taken for


@dataclass(frozen=True, slots=True, eq=False)
class PairFeatures:
    """One story beside n candidates.

    Attributes:
        columns: Name of PAIR_FEATURES -> its value for each candidate; (n,) float32 each.
        shared_terms: (row, position in the story's own bag) of each shared term, row by row; (k, 2) intp.
        shared_entities: Likewise of each shared entity.
        shared_nations: Likewise of each shared nation.
    """

    columns: dict[str, Floats]
    shared_terms: Indices
    shared_entities: Indices
    shared_nations: Indices

    def select(self, rows: Indices) -> Self:
        """Return the features of these candidates only; ``rows`` are ascending."""
        new_rows = np.full(len(self.columns["near"]), -1, dtype=np.intp)
        new_rows[rows] = np.arange(len(rows))

        def renumbered(shared: Indices) -> Indices:
            moved = new_rows[shared[:, 0]]
            return np.stack([moved, shared[:, 1]], axis=1)[moved >= 0]

        return type(self)(
            columns={name: values[rows] for name, values in self.columns.items()},
            shared_terms=renumbered(self.shared_terms),
            shared_entities=renumbered(self.shared_entities),
            shared_nations=renumbered(self.shared_nations),
        )


def pair_features(query: StoryFeatures, candidates: StoryMatrix) -> PairFeatures:
    """Calculate the features of ``query`` beside each of the candidates."""
    rows, positions = ranges(
        candidates.starts, candidates.term_counts + candidates.entity_counts + candidates.nation_counts
    )
    shared = _shared_labels(query, candidates.keys[positions])
    weights = candidates.weights[positions]
    count = len(candidates)
    terms, entities, nations = (
        _Overlap(bag, rows[hits], own, weights[hits], count)
        for bag, (hits, own) in zip((query.terms, query.entities, query.nations), shared, strict=True)
    )
    unknown_nations = (candidates.nation_counts == 0) | (len(query.nations.keys) == 0)
    lag = _lags(query, candidates)
    rarest, second_rarest = terms.rarest(2)
    lead, lead_cover = terms.lead_overlap(query.lead_weights, candidates.lead_weights[positions[shared[0][0]]])
    columns = {
        "terms": terms.cosine(),
        "rare_terms": terms.idf_cosine(candidates.inv_idf_norm),
        "cover": terms.cover(),
        "share": terms.shared_norm_sq() / np.maximum(candidates.idf_norm_sq, np.float32(1e-9)),
        "rarest": rarest,
        "second_rarest": second_rarest,
        "entities": entities.cosine(),
        "entity_cover": entities.cover(),
        "rarest_entity": entities.rarest(1)[0],
        "nations": nations.cosine(),
        "nations_unknown": unknown_nations.astype(np.float32),
        "rarest_nation": nations.rarest(1)[0],
        "vector": _vector_cosines(query, candidates),
        "length": candidates.log_words,
        "lead": lead,
        "lead_cover": lead_cover,
        "lag": np.log(lag),
        "near": lag**-_LAG_DECAY,
    }
    _replace_words_by_names(columns, _in_other_language(query, candidates))
    columns["nations_differ"] = ((columns["nations"] <= 0) & ~unknown_nations).astype(np.float32)
    columns["event"], columns["event_differs"] = _event_types(query, candidates)
    for name in ("terms", "vector"):
        columns[f"{name}_log"] = np.log(0.05 + np.maximum(columns[name], 0))
        columns[f"{name}_nations"] = columns[name] * columns["nations"]
    return PairFeatures(columns, terms.shared, entities.shared, nations.shared)


def rough_likeness(columns: dict[str, Floats]) -> Floats:
    """Return likeness by fixed weights, 0..1: it chooses whom to compare, and compares candidates with each other."""
    return 0.5 * columns["terms"] + 0.3 * np.maximum(columns["vector"], 0) + 0.2 * columns["nations"]


def _shared_labels(query: StoryFeatures, keys: Ints) -> list[tuple[Indices, Indices]]:
    """Find the story's own labels among those of the candidates.

    Args:
        query: The story.
        keys: Of all labels of all candidates; (m,).

    Returns:
        For terms, entities and nations: positions in ``keys`` that hold one of the story's own labels, and for each
        its position in the story's bag.
    """
    bags = (query.terms, query.entities, query.nations)
    own = np.concatenate([bag.keys for bag in bags])
    order = np.argsort(own)
    hits, which = searchsorted_in(keys, own[order])
    own_positions = order[which]
    shared, start = [], 0
    for bag in bags:
        of_this_kind = (own_positions >= start) & (own_positions < start + len(bag.keys))
        shared.append((hits[of_this_kind], own_positions[of_this_kind] - start))
        start += len(bag.keys)
    return shared


class _Overlap:
    """The k labels that n candidates share with one bag of the story. All results are (n,) float32.

    Attributes:
        shared: (row, own position) of each; (k, 2) intp.
    """

    def __init__(self, own: Bag, rows: Indices, positions: Indices, weights: Floats, count: int) -> None:
        """Keep the shared labels.

        Args:
            own: The story's bag.
            rows: The candidate that has the label; (k,), ascending.
            positions: Position of the label in ``own``; (k,).
            weights: Weight of the label in the candidate; (k,).
            count: How many candidates there are.
        """
        self._own, self._rows, self._weights, self._count = own, rows, weights, count
        self._positions = positions
        self._rarities = own.rarities[positions]
        self.shared = np.stack([rows, positions], axis=1)

    def cosine(self) -> Floats:
        """Return the cosine of the two bags."""
        return self._sum_per_row(self._weights * self._own.weights[self._positions])

    def idf_cosine(self, inv_idf_norm: Floats) -> Floats:
        """Return the cosine with every weight times its label's rarity.

        Args:
            inv_idf_norm: One over the length of such weights, for each candidate.
        """
        own_weights = self._own.idf_weights[self._positions]
        return self._sum_per_row(self._weights * self._rarities * own_weights) * inv_idf_norm

    def lead_overlap(self, own: Floats, others: Floats) -> tuple[Floats, Floats]:
        """Compare how the stories open.

        Args:
            own: Lead weights of the story's terms.
            others: Lead weight of each shared term in its candidate; (k,).

        Returns:
            The cosine of the openings, and the share of a candidate's opening that the story says anywhere.
        """
        return self._sum_per_row(others * own[self._positions]), self._sum_per_row(others**2)

    def shared_norm_sq(self) -> Floats:
        """Return the sum of squared rarities of the shared labels."""
        return self._sum_per_row(self._rarities**2)

    def cover(self) -> Floats:
        """Return the share of the story's own rarity that a candidate repeats."""
        return self.shared_norm_sq() / np.float32(self._own.idf_norm_sq or 1.0)

    def rarest(self, most: int) -> list[Floats]:
        """Return the rarity of the rarest shared label, of the next, and so on, ``most`` in all; 0 without one."""
        order = np.lexsort((-self._rarities, self._rows))
        rows, rarities = self._rows[order], self._rarities[order]
        rank_in_row = np.arange(len(rows)) - np.searchsorted(rows, rows)
        best = [np.zeros(self._count, dtype=np.float32) for _ in range(most)]
        for rank, values in enumerate(best):
            values[rows[rank_in_row == rank]] = rarities[rank_in_row == rank]
        return best

    def _sum_per_row(self, values: Floats) -> Floats:
        return np.bincount(self._rows, weights=values, minlength=self._count).astype(np.float32)


_NAMES_FOR_WORDS = {
    "terms": "entities",
    "rare_terms": "entities",
    "vector": "entities",
    "cover": "entity_cover",
    "share": "entity_cover",
    "lead": "entities",
    "lead_cover": "entity_cover",
    "rarest": "rarest_entity",
}
"""Feature of words -> the feature of names that stands in for it between two languages."""


def _replace_words_by_names(columns: dict[str, Floats], foreign: Flags) -> None:
    """Let names count for words where two languages meet: these share hardly a word, whatever they tell.

    Args:
        columns: The features; changed in place.
        foreign: Which candidates are in another language than the story; (n,) bool.
    """
    if foreign.any():
        for words, names in _NAMES_FOR_WORDS.items():
            columns[words] = np.where(foreign, np.maximum(columns[words], columns[names]), columns[words])


def _in_other_language(query: StoryFeatures, candidates: StoryMatrix) -> Flags:
    own = language_key(query.outline.enrichment.language)
    foreign: Flags = (candidates.languages != own) & (candidates.languages != 0) & (own != 0)
    return foreign


def _lags(query: StoryFeatures, candidates: StoryMatrix) -> Floats:
    """Return the days between the two stories, at least ``_LEAST_LAG``; (n,) float32."""
    lag = np.abs(candidates.days - (np.nan if query.day is None else query.day))
    return np.maximum(np.where(np.isnan(lag), _UNKNOWN_LAG, lag), _LEAST_LAG).astype(np.float32)


def _vector_cosines(query: StoryFeatures, candidates: StoryMatrix) -> Floats:
    if query.vector is None or len(query.vector) != candidates.vectors.shape[1]:
        return np.zeros(len(candidates), dtype=np.float32)
    cosines: Floats = candidates.vectors @ query.vector
    return cosines


def _event_types(query: StoryFeatures, candidates: StoryMatrix) -> tuple[Floats, Floats]:
    """Return whether both types are known and equal, and whether they are known and differ; 0 or 1, (n,) each."""
    own = event_key(query.event_type)
    same = (candidates.event_types == own) & (own != 0)
    known = (candidates.event_types != 0) & (own != 0)
    return same.astype(np.float32), (known & ~same).astype(np.float32)
