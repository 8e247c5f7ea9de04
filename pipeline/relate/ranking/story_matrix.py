"""Many stories as a few arrays, so that one story is compared with hundreds in a handful of operations.

The labels of all stories lie end to end, as in a compressed sparse row matrix. Unlike there, several matrices share one
store of labels: choosing rows copies a few numbers per story, never the labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from pipeline.relate.arrays import Doubles, Flags, Floats, Indices, Ints
from pipeline.relate.ranking.features import StoryFeatures
from pipeline.shared_formats.sketch import event_key, language_key

_BITS = 16
_MASK = (1 << _BITS) - 1


@dataclass(frozen=True, slots=True, eq=False)
class StoryMatrix:
    """n stories, one row each, and the m labels of these and perhaps of other stories.

    The labels of a story lie at ``starts``: its terms, heaviest first, then its entities, then its nations.

    Attributes:
        lineages: (n,) int64.
        days: Publication in days since 1970, NaN if unknown; (n,) float64.
        keys: Hashes of all labels; (m,) int64.
        weights: Of all labels, in unit length per story and kind; (m,) float32.
        lead_weights: Of the terms, see ``StoryFeatures``; 0 for other labels; (m,) float32.
        starts: Where the labels of each story begin; (n,) intp.
        term_counts: How many terms each story has; (n,) intp.
        entity_counts: Likewise its entities; (n,) intp.
        nation_counts: Likewise its nations; (n,) intp.
        idf_norm_sq: Sum of the squared rarities of the terms; (n,) float32.
        inv_idf_norm: One over the length of the terms' weights times rarity, 0 without terms; (n,) float32.
        log_words: Logarithm of one plus the number of telling words; (n,) float32.
        event_types: Keys of the event types, 0 without one; (n,) uint32.
        languages: Keys of the languages, 0 without one; (n,) uint16.
        vectors: Embeddings of unit length, zero where unknown; (n, width) float32.
        copy_groups: -1 for none or unknown; (n,) int64.
        happenings: -1 for none or unknown; (n,) int64.
    """

    lineages: Ints
    days: Doubles
    keys: Ints
    weights: Floats
    lead_weights: Floats
    starts: Indices
    term_counts: Indices
    entity_counts: Indices
    nation_counts: Indices
    idf_norm_sq: Floats
    inv_idf_norm: Floats
    log_words: Floats
    event_types: npt.NDArray[np.uint32]
    languages: npt.NDArray[np.uint16]
    vectors: Floats
    copy_groups: Ints
    happenings: Ints

    def __len__(self) -> int:
        return len(self.lineages)

    def count_texts(self) -> int:
        """Return how many stories there are if copies of one text count once."""
        grouped = self.copy_groups[self.copy_groups >= 0]
        return len(self) - len(grouped) + len(np.unique(grouped))

    def select(self, rows: Indices | Flags) -> Self:
        """Return a matrix of these rows only; it shares the labels."""
        return type(self)(
            lineages=self.lineages[rows],
            days=self.days[rows],
            keys=self.keys,
            weights=self.weights,
            lead_weights=self.lead_weights,
            starts=self.starts[rows],
            term_counts=self.term_counts[rows],
            entity_counts=self.entity_counts[rows],
            nation_counts=self.nation_counts[rows],
            idf_norm_sq=self.idf_norm_sq[rows],
            inv_idf_norm=self.inv_idf_norm[rows],
            log_words=self.log_words[rows],
            event_types=self.event_types[rows],
            languages=self.languages[rows],
            vectors=self.vectors[rows],
            copy_groups=self.copy_groups[rows],
            happenings=self.happenings[rows],
        )


def build_matrix(stories: Sequence[StoryFeatures], width: int | None = None) -> StoryMatrix:
    """Build the matrix of these stories, in their order.

    Args:
        stories: Their features.
        width: Length of the vectors; those of another length count as unknown. None: as long as the longest.
    """
    if width is None:
        width = max((len(story.vector) for story in stories if story.vector is not None), default=1)
    keys, weights, lead_weights = _labels_end_to_end(stories)
    counts = np.array(
        [(len(story.terms.keys), len(story.entities.keys), len(story.nations.keys)) for story in stories], dtype=np.intp
    ).reshape(-1, 3)
    unknown = np.zeros(width, dtype=np.float32)
    vectors = [
        story.vector if story.vector is not None and len(story.vector) == width else unknown for story in stories
    ]
    return StoryMatrix(
        lineages=np.array([story.lineage for story in stories], dtype=np.int64),
        days=np.array([np.nan if story.day is None else story.day for story in stories], dtype=np.float64),
        keys=keys,
        weights=weights,
        lead_weights=lead_weights,
        starts=np.cumsum(counts.sum(axis=1)) - counts.sum(axis=1),
        term_counts=counts[:, 0],
        entity_counts=counts[:, 1],
        nation_counts=counts[:, 2],
        idf_norm_sq=np.array([story.terms.idf_norm_sq for story in stories], dtype=np.float32),
        inv_idf_norm=np.array([_inv_idf_norm(story) for story in stories], dtype=np.float32),
        log_words=np.array([story.log_words for story in stories], dtype=np.float32),
        event_types=np.array([event_key(story.event_type) for story in stories], dtype=np.uint32),
        languages=np.array([language_key(story.outline.enrichment.language) for story in stories], dtype=np.uint16),
        vectors=np.array(vectors, dtype=np.float32).reshape(-1, width),
        copy_groups=np.full(len(stories), -1, dtype=np.int64),
        happenings=np.full(len(stories), -1, dtype=np.int64),
    )


def _labels_end_to_end(stories: Sequence[StoryFeatures]) -> tuple[Ints, Floats, Floats]:
    """Return keys, weights and lead weights of the labels of all stories, in the order that ``StoryMatrix`` keeps."""
    keys = [np.zeros(0, dtype=np.int64)]
    weights = [np.zeros(0, dtype=np.float32)]
    lead_weights = [np.zeros(0, dtype=np.float32)]
    for story in stories:
        heaviest = np.lexsort((story.terms.keys, -story.terms.weights))
        keys += [story.terms.keys[heaviest], story.entities.keys, story.nations.keys]
        weights += [story.terms.weights[heaviest], story.entities.weights, story.nations.weights]
        without_leads = len(story.entities.keys) + len(story.nations.keys)
        lead_weights += [story.lead_weights[heaviest], np.zeros(without_leads, dtype=np.float32)]
    return np.concatenate(keys), np.concatenate(weights), np.concatenate(lead_weights)


def _inv_idf_norm(story: StoryFeatures) -> float:
    length = float(np.linalg.norm(story.terms.weights * story.terms.rarities))
    return 1 / length if length else 0.0


def ranges(starts: Indices, sizes: Indices) -> tuple[Indices, Indices]:
    """List every position in n ranges, range by range.

    Args:
        starts: Where each range begins; (n,).
        sizes: How long it is; (n,).

    Returns:
        Number of the range, and position, of each of the ``sizes.sum()`` positions.
    """
    rows = np.repeat(np.arange(len(sizes)), sizes)
    before = np.cumsum(sizes) - sizes
    return rows, np.arange(len(rows)) + (starts - before)[rows]


def searchsorted_in(keys: Ints, wanted: Ints) -> tuple[Indices, Indices]:
    """Find wanted keys among many others. Most keys are ruled out by their last bits, without a search.

    Args:
        keys: The keys to look through; (m,).
        wanted: The keys to look for, ascending.

    Returns:
        The positions in ``keys`` that hold a wanted key, ascending, and for each its position in ``wanted``.
    """
    possible = np.zeros(_MASK + 1, dtype=np.bool_)
    possible[wanted & _MASK] = True
    positions = np.flatnonzero(possible[keys & _MASK])
    if not len(positions):
        return positions, positions
    which = np.minimum(np.searchsorted(wanted, keys[positions]), len(wanted) - 1)
    is_wanted = wanted[which] == keys[positions]
    return positions[is_wanted], which[is_wanted]


def group_ids(keys: Ints) -> Indices:
    """Return for each key the position of one of its equals, the same for all of them; (m,) of (m,).

    This takes linear time: keys meet in a table by some of their bits; those that met another key there try the next
    bits.
    """
    ids = np.empty(len(keys), dtype=np.intp)
    table = np.empty(_MASK + 1, dtype=np.intp)
    left = np.arange(len(keys))
    for shift in range(0, 63, _BITS):
        bits = (keys[left] >> shift) & _MASK
        table[bits] = left
        met = table[bits]
        same = keys[met] == keys[left]
        ids[left[same]] = met[same]
        left = left[~same]
        if not len(left):
            return ids
    _, first, which = np.unique(keys[left], return_index=True, return_inverse=True)
    ids[left] = left[first[which]]
    return ids


def published_after(stories: StoryMatrix, story: StoryFeatures) -> Flags:
    """Return which rows were published after ``story``; undated stories come last, ties go by lineage; (n,) bool."""
    day = np.inf if story.day is None else story.day
    days = np.where(np.isnan(stories.days), np.inf, stories.days)
    after: Flags = (days > day) | ((days == day) & (stories.lineages > story.lineage))
    return after
