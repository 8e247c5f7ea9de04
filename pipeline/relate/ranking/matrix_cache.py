"""Stories kept ready for comparing, in arrays that grow.

``build_matrix`` makes a matrix of features; here the same numbers are made of stored sketches, once per story. A
hundred thousand briefs take some 200 MB. When the arrays are full, everything is dropped: what is asked for is read
again, at a few microseconds per story.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.models import StoryHead, StorySketch
from pipeline.relate.arrays import Floats
from pipeline.relate.ranking.nations import Nations
from pipeline.relate.ranking.sketch_arrays import NationKeys, Rarities, SketchArrays
from pipeline.relate.ranking.story_matrix import StoryMatrix

MAX_STORIES = 100_000  # kept at most ...
MAX_LABELS = 20_000_000  # ... with so many terms, entities and nations between them

_US_PER_DAY = 86_400e6
_FIRST_ROOM = 1024


class StoryMatrixCache:
    """Stories by lineage, as rows of one large matrix.

    Attributes:
        width: Length of the vectors.
        slots: Lineage -> its row.
    """

    def __init__(self, width: int, rarities: Rarities, nations: Nations, nation_rarities: Mapping[str, float]) -> None:
        """Start empty.

        Args:
            width: Length of the vectors; those of another embedding count as unknown.
            rarities: Returns the rarities of labels by key.
            nations: The words by which nations are known.
            nation_rarities: Code -> rarity, of the nations that the corpus has a count for.
        """
        self.width = width
        self.slots: dict[int, int] = {}
        self._rarities = rarities
        self._nations = NationKeys(nations)
        self._nation_rarities = nation_rarities
        self._stamps: list[int] = []
        self._used = 0
        self._labels_used = 0
        self._columns = _empty_columns(_FIRST_ROOM, width)
        self._keys = np.zeros(0, dtype=np.int64)
        self._weights = np.zeros(0, dtype=np.float32)
        self._lead_weights = np.zeros(0, dtype=np.float32)

    def is_current(self, head: StoryHead) -> bool:
        """Return whether this tagging of the story is held; if so, take over the head's time, group and happening."""
        slot = self.slots.get(head.lineage)
        if slot is None or self._stamps[slot] != head.tagging_version:
            return False
        self._set_head(slot, head)
        return True

    def copy_group(self, lineage: int) -> int:
        """Return a story's copy group; -1 for none."""
        return self._column_of("copy_groups", lineage)

    def happening(self, lineage: int) -> int:
        """Return the happening that a story is of; -1 for none."""
        return self._column_of("happenings", lineage)

    def _column_of(self, column: str, lineage: int) -> int:
        slot = self.slots.get(lineage)
        return -1 if slot is None else int(self._columns[column][slot])

    def remove(self, lineage: int) -> None:
        """Leave a story out from now on."""
        self.slots.pop(lineage, None)

    def add(self, stories: Sequence[StorySketch]) -> bool:
        """Add stories, each in place of what was held of it.

        Returns:
            False if all others had to be dropped for them.
        """
        if not stories:
            return True
        full = self._used > 0 and (self._used + len(stories) > MAX_STORIES or self._labels_used > MAX_LABELS)
        if full:
            self.slots.clear()
            self._stamps.clear()
            self._used = self._labels_used = 0
        batch = SketchArrays(stories, self._rarities, self._nations, self._nation_rarities)
        first, count = self._used, len(stories)
        self._columns = {name: _with_room(values, first + count) for name, values in self._columns.items()}
        self._add_labels(batch)
        for name, values in batch.columns.items():
            self._columns[name][first : first + count] = values
        self._columns["starts"][first : first + count] += self._labels_used
        self._columns["vectors"][first : first + count] = _unit_vectors(stories, self.width)
        for slot, story in enumerate(stories, first):
            self.slots[story.head.lineage] = slot
            self._stamps.append(story.head.tagging_version)
            self._set_head(slot, story.head)
        self._used += count
        self._labels_used += len(batch.keys)
        return not full

    def _add_labels(self, batch: SketchArrays) -> None:
        start, end = self._labels_used, self._labels_used + len(batch.keys)
        self._keys = _with_room(self._keys, end)
        self._weights = _with_room(self._weights, end)
        self._lead_weights = _with_room(self._lead_weights, end)
        self._keys[start:end] = batch.keys
        self._weights[start:end] = batch.weights
        self._lead_weights[start:end] = batch.lead_weights

    def _set_head(self, slot: int, head: StoryHead) -> None:
        self._columns["lineages"][slot] = head.lineage
        self._columns["days"][slot] = np.nan if head.published_at is None else head.published_at / _US_PER_DAY
        self._columns["copy_groups"][slot] = -1 if head.copy_group is None else head.copy_group
        self._columns["happenings"][slot] = -1 if head.happening is None else head.happening

    def matrix(self, lineages: Sequence[int]) -> StoryMatrix:
        """Return those of these stories that are held, in their order."""
        slots = np.array([slot for lineage in lineages if (slot := self.slots.get(lineage)) is not None], dtype=np.intp)
        return StoryMatrix(
            keys=self._keys,
            weights=self._weights,
            lead_weights=self._lead_weights,
            **{name: values[slots] for name, values in self._columns.items()},
        )


def _empty_columns(count: int, width: int) -> dict[str, npt.NDArray[Any]]:
    """Return the columns of ``StoryMatrix`` with one value per story, all zero, with room for ``count`` stories."""
    return {
        "lineages": np.zeros(count, dtype=np.int64),
        "days": np.zeros(count, dtype=np.float64),
        "starts": np.zeros(count, dtype=np.intp),
        "term_counts": np.zeros(count, dtype=np.intp),
        "entity_counts": np.zeros(count, dtype=np.intp),
        "nation_counts": np.zeros(count, dtype=np.intp),
        "idf_norm_sq": np.zeros(count, dtype=np.float32),
        "inv_idf_norm": np.zeros(count, dtype=np.float32),
        "log_words": np.zeros(count, dtype=np.float32),
        "event_types": np.zeros(count, dtype=np.uint32),
        "languages": np.zeros(count, dtype=np.uint16),
        "vectors": np.zeros((count, width), dtype=np.float32),
        "copy_groups": np.zeros(count, dtype=np.int64),
        "happenings": np.zeros(count, dtype=np.int64),
    }


def _with_room(values: npt.NDArray[Any], count: int) -> npt.NDArray[Any]:
    """Return the same array, or a larger one with its content and room for at least ``count`` rows."""
    if len(values) >= count:
        return values
    larger = np.zeros((max(count, len(values) * 3 // 2), *values.shape[1:]), dtype=values.dtype)
    larger[: len(values)] = values
    return larger


def _unit_vectors(stories: Sequence[StorySketch], width: int) -> Floats:
    """Return the stories' vectors in unit length, zero where there is none of this width; (n, width) float32."""
    stored = np.zeros((len(stories), width), dtype="<f2")
    for row, story in enumerate(stories):
        if story.vector is not None and len(story.vector) == 2 * width:
            stored[row] = np.frombuffer(story.vector, dtype="<f2")
    vectors = stored.astype(np.float32)
    lengths = np.sqrt((vectors * vectors).sum(axis=1, keepdims=True))
    unit: Floats = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit
