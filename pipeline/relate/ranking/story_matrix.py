"""Many stories as a few arrays, so that one story is compared with hundreds in a handful of operations."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.relate.ranking.features import Floats, StoryFeatures
from pipeline.shared_formats.sketch import event_key, language_key

Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.intp]

_BITS = 16
_MASK = (1 << _BITS) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """Stories, a row each. A story's labels lie in a run that begins at ``starts``: its ``terms`` terms, heaviest
    first, then its ``entities`` entities, then its ``nations`` nations.

    days: publication in days since 1970, NaN if unknown. keys, weights: of all labels, in unit length a story and kind.
    leads: of the terms, see ``StoryFeatures``; 0 for other labels.
    masses: sum of squared rarities of the terms. sharpness: one over the length of the terms' weights times rarity.
    lengths: logarithm of the telling words. events, languages: keys, 0 without one. vectors: of unit length, zero where
    unknown.
    groups, happenings: -1 for none or unknown.
    """

    lineages: Ints
    days: npt.NDArray[np.float64]
    keys: Ints
    weights: Floats
    leads: Floats
    starts: Places
    terms: Places
    entities: Places
    nations: Places
    masses: Floats
    sharpness: Floats
    lengths: Floats
    events: npt.NDArray[np.uint32]
    languages: npt.NDArray[np.uint16]
    vectors: Floats
    groups: Ints
    happenings: Ints

    def __len__(self) -> int:
        return len(self.lineages)

    def texts(self) -> int:
        """How many stories there are if copies count once."""
        grouped = self.groups[self.groups >= 0]
        return len(self) - len(grouped) + len(np.unique(grouped))

    def only(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> "Packed":
        """The same for some of the stories."""
        return Packed(
            lineages=self.lineages[rows],
            days=self.days[rows],
            keys=self.keys,
            weights=self.weights,
            leads=self.leads,
            starts=self.starts[rows],
            terms=self.terms[rows],
            entities=self.entities[rows],
            nations=self.nations[rows],
            masses=self.masses[rows],
            sharpness=self.sharpness[rows],
            lengths=self.lengths[rows],
            events=self.events[rows],
            languages=self.languages[rows],
            vectors=self.vectors[rows],
            groups=self.groups[rows],
            happenings=self.happenings[rows],
        )


def pack(stories: Sequence[StoryFeatures], width: int | None = None) -> Packed:
    """These stories, in their order. width: of the vectors wanted; those of another embedding count as unknown."""
    if width is None:
        width = max((len(one.vector) for one in stories if one.vector is not None), default=1)
    keys, weights, leads = (
        [np.zeros(0, dtype=np.int64)],
        [np.zeros(0, dtype=np.float32)],
        [np.zeros(0, dtype=np.float32)],
    )
    for one in stories:
        heaviest = np.lexsort((one.terms.keys, -one.terms.weights))
        keys += [one.terms.keys[heaviest], one.entities.keys, one.nations.keys]
        weights += [one.terms.weights[heaviest], one.entities.weights, one.nations.weights]
        others = len(one.entities.keys) + len(one.nations.keys)
        leads += [one.leads[heaviest], np.zeros(others, dtype=np.float32)]
    sizes = np.array(
        [(len(one.terms.keys), len(one.entities.keys), len(one.nations.keys)) for one in stories], dtype=np.intp
    ).reshape(-1, 3)
    none = np.zeros(width, dtype=np.float32)
    vectors = [one.vector if one.vector is not None and len(one.vector) == width else none for one in stories]
    return Packed(
        lineages=np.array([one.lineage for one in stories], dtype=np.int64),
        days=np.array([np.nan if one.day is None else one.day for one in stories], dtype=np.float64),
        keys=np.concatenate(keys),
        weights=np.concatenate(weights),
        leads=np.concatenate(leads),
        starts=np.cumsum(sizes.sum(axis=1)) - sizes.sum(axis=1),
        terms=sizes[:, 0],
        entities=sizes[:, 1],
        nations=sizes[:, 2],
        masses=np.array([one.terms.mass for one in stories], dtype=np.float32),
        sharpness=np.array([_sharpness(one) for one in stories], dtype=np.float32),
        lengths=np.array([one.length for one in stories], dtype=np.float32),
        events=np.array([event_key(one.event_type) for one in stories], dtype=np.uint32),
        languages=np.array([language_key(one.outline.enrichment.language) for one in stories], dtype=np.uint16),
        vectors=np.array(vectors, dtype=np.float32).reshape(-1, width),
        groups=np.full(len(stories), -1, dtype=np.int64),
        happenings=np.full(len(stories), -1, dtype=np.int64),
    )


def _sharpness(story: StoryFeatures) -> float:
    length = float(np.linalg.norm(story.terms.weights * story.terms.rarities))
    return 1 / length if length else 0.0


def runs(starts: Places, sizes: Places) -> tuple[Places, Places]:
    """(row, place) of every place in the runs that begin at ``starts``, run by run."""
    rows = np.repeat(np.arange(len(sizes)), sizes)
    before = np.cumsum(sizes) - sizes
    return rows, np.arange(len(rows)) + (starts - before)[rows]


def found_in(keys: Ints, wanted: Ints) -> tuple[Places, Places]:
    """Where ``keys`` holds one of ``wanted`` (ascending), and which one. Most keys are ruled out by their last bits."""
    maybe = np.zeros(_MASK + 1, dtype=np.bool_)
    maybe[wanted & _MASK] = True
    some = np.flatnonzero(maybe[keys & _MASK])
    if not len(some):
        return some, some
    which = np.minimum(np.searchsorted(wanted, keys[some]), len(wanted) - 1)
    hit = wanted[which] == keys[some]
    return some[hit], which[hit]


def first_alike(keys: Ints) -> Places:
    """For each key the place of one and the same key equal to it. In linear time: keys meet in a table by some of their
    bits; those that met another key there try the next bits."""
    found = np.empty(len(keys), dtype=np.intp)
    table = np.empty(_MASK + 1, dtype=np.intp)
    left = np.arange(len(keys))
    for shift in range(0, 63, _BITS):
        bits = (keys[left] >> shift) & _MASK
        table[bits] = left
        met = table[bits]
        same = keys[met] == keys[left]
        found[left[same]] = met[same]
        left = left[~same]
        if not len(left):
            return found
    _, first, which = np.unique(keys[left], return_index=True, return_inverse=True)
    found[left] = left[first[which]]
    return found


def is_after(stories: Packed, story: StoryFeatures) -> npt.NDArray[np.bool_]:
    """Which of them were published after this one; undated stories come last, ties go by lineage."""
    day = np.inf if story.day is None else story.day
    days = np.where(np.isnan(stories.days), np.inf, stories.days)
    after: npt.NDArray[np.bool_] = (days > day) | ((days == day) & (stories.lineages > story.lineage))
    return after
