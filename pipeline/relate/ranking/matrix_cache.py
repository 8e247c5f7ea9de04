"""Stories kept ready for comparing, in arrays that grow: what ``packed`` makes of features, made of stored sketches.

A hundred thousand briefs take some 200 MB. When the arrays are full, all is dropped: what is asked for is read again, a
few microseconds a story.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.models import StoryHead, StorySketch
from pipeline.relate.ranking.features import HEADLINE, LEAD, Floats
from pipeline.relate.ranking.nations import NATION_RARITY_FLOOR, UNCOUNTED, Nations
from pipeline.relate.ranking.story_matrix import Ints, Packed, Places, found_in
from pipeline.shared_formats.sketch import HEADER, label_key

STORIES = 100_000  # kept at most ...
LABELS = 20_000_000  # ... with so many terms, entities and nations between them

_DAY = 86_400e6  # microseconds
_FIRST = 1024

Rarities = Callable[[Ints], Floats]


class Shelf:
    """Stories by lineage. width: of the vectors; rarities: of labels by key, of nations by code."""

    def __init__(self, width: int, rarities: Rarities, nations: Nations, nation_rarities: Mapping[str, float]) -> None:
        self.width = width
        self._rarities = rarities
        self._nations = _NationKeys(nations)
        self._nation_rarities = nation_rarities
        self.slots: dict[int, int] = {}
        self._stamps: list[int] = []
        self._used = 0
        self._labels = 0
        self._columns = _columns(_FIRST, width)
        self._keys = np.zeros(0, dtype=np.int64)
        self._weights = np.zeros(0, dtype=np.float32)
        self._leads = np.zeros(0, dtype=np.float32)

    def is_current(self, head: StoryHead) -> bool:
        """Whether it holds this tagging of the story; what else the head says is then taken over."""
        slot = self.slots.get(head.lineage)
        if slot is None or self._stamps[slot] != head.tagging_version:
            return False
        self._set_head(slot, head)
        return True

    def group(self, lineage: int) -> int:
        """A story's copy group, -1 for none."""
        return self._known("groups", lineage)

    def happening(self, lineage: int) -> int:
        """The happening that a story is of, -1 for none."""
        return self._known("happenings", lineage)

    def _known(self, column: str, lineage: int) -> int:
        slot = self.slots.get(lineage)
        return -1 if slot is None else int(self._columns[column][slot])

    def forget(self, lineage: int) -> None:
        """Leave a story out from now on."""
        self.slots.pop(lineage, None)

    def put(self, stories: Sequence[StorySketch]) -> bool:
        """Take stories in, in place of what was held of them. False if all others had to go for them."""
        if not stories:
            return True
        full = self._used > 0 and (self._used + len(stories) > STORIES or self._labels > LABELS)
        if full:
            self.slots.clear()
            self._stamps.clear()
            self._used = self._labels = 0
        batch = _Batch(stories, self._rarities, self._nations, self._nation_rarities)
        first, count = self._used, len(stories)
        self._columns = {name: _room(values, first + count) for name, values in self._columns.items()}
        end = self._labels + len(batch.keys)
        self._keys, self._weights, self._leads = (_room(v, end) for v in (self._keys, self._weights, self._leads))
        self._keys[self._labels : end] = batch.keys
        self._weights[self._labels : end] = batch.weights
        self._leads[self._labels : end] = batch.leads
        for name, values in batch.columns.items():
            self._columns[name][first : first + count] = values
        self._columns["starts"][first : first + count] += self._labels
        self._columns["vectors"][first : first + count] = _vectors(stories, self.width)
        for slot, one in enumerate(stories, first):
            self.slots[one.head.lineage] = slot
            self._stamps.append(one.head.tagging_version)
            self._set_head(slot, one.head)
        self._used += count
        self._labels = end
        return not full

    def _set_head(self, slot: int, head: StoryHead) -> None:
        self._columns["lineages"][slot] = head.lineage
        self._columns["days"][slot] = np.nan if head.published_at is None else head.published_at / _DAY
        self._columns["groups"][slot] = -1 if head.copy_group is None else head.copy_group
        self._columns["happenings"][slot] = -1 if head.happening is None else head.happening

    def packed(self, lineages: Sequence[int]) -> Packed:
        """Those of these stories that it holds, in their order."""
        slots = np.array([slot for lineage in lineages if (slot := self.slots.get(lineage)) is not None], dtype=np.intp)
        return Packed(
            keys=self._keys,
            weights=self._weights,
            leads=self._leads,
            **{name: values[slots] for name, values in self._columns.items()},
        )


def _columns(count: int, width: int) -> dict[str, npt.NDArray[Any]]:
    return {
        "lineages": np.zeros(count, dtype=np.int64),
        "days": np.zeros(count, dtype=np.float64),
        "starts": np.zeros(count, dtype=np.intp),
        "terms": np.zeros(count, dtype=np.intp),
        "entities": np.zeros(count, dtype=np.intp),
        "nations": np.zeros(count, dtype=np.intp),
        "masses": np.zeros(count, dtype=np.float32),
        "sharpness": np.zeros(count, dtype=np.float32),
        "lengths": np.zeros(count, dtype=np.float32),
        "events": np.zeros(count, dtype=np.uint32),
        "languages": np.zeros(count, dtype=np.uint16),
        "vectors": np.zeros((count, width), dtype=np.float32),
        "groups": np.zeros(count, dtype=np.int64),
        "happenings": np.zeros(count, dtype=np.int64),
    }


def _room(values: npt.NDArray[Any], count: int) -> npt.NDArray[Any]:
    """The same array, or one with its content and room for at least ``count``."""
    if len(values) >= count:
        return values
    larger = np.zeros((max(count, len(values) * 3 // 2), *values.shape[1:]), dtype=values.dtype)
    larger[: len(values)] = values
    return larger


def _vectors(stories: Sequence[StorySketch], width: int) -> Floats:
    found = np.zeros((len(stories), width), dtype="<f2")
    for row, one in enumerate(stories):
        if one.vector is not None and len(one.vector) == 2 * width:
            found[row] = np.frombuffer(one.vector, dtype="<f2")
    full = found.astype(np.float32)
    lengths = np.sqrt((full * full).sum(axis=1, keepdims=True))
    unit: Floats = (full / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit


class _Batch:
    """Sketches as the arrays of ``Packed``; the same numbers that ``story_features`` makes of outlines."""

    def __init__(
        self,
        stories: Sequence[StorySketch],
        rarities: Rarities,
        nations: "_NationKeys",
        nation_rarities: Mapping[str, float],
    ) -> None:
        count = len(stories)
        raw = _Raw(stories)
        rare = rarities(np.concatenate([raw.terms, raw.entities]))
        term_rare, entity_rare = rare[: len(raw.terms)].astype(np.float64), rare[len(raw.terms) :]
        times = raw.times
        weights = ((1 + np.log(times)) * term_rare).astype(np.float32)
        leads, _ = _unit((weights * np.exp(-raw.lead_places / LEAD)).astype(np.float32), raw.term_rows, count)
        weights, _ = _unit(weights, raw.term_rows, count)
        _, sharp = _unit(weights * term_rare.astype(np.float32), raw.term_rows, count)
        named, _ = _unit(raw.salience * entity_rare, raw.entity_rows, count)
        placed = nations.of(raw, nation_rarities)
        lying, _ = _unit(placed.weights, placed.rows, count)
        rows = np.concatenate([raw.term_rows, raw.entity_rows, placed.rows])
        kinds = np.repeat([0, 1, 2], [len(raw.terms), len(raw.entities), len(placed.rows)])
        keys = np.concatenate([raw.terms, raw.entities, placed.keys])
        all_weights = np.concatenate([weights, named, lying])
        order = np.lexsort((keys, np.where(kinds == 0, -all_weights, 0), kinds, rows))
        self.keys, self.weights = keys[order], all_weights[order]
        self.leads = np.concatenate([leads, np.zeros(len(keys) - len(leads), dtype=np.float32)])[order]
        sizes = [np.bincount(some, minlength=count) for some in (raw.term_rows, raw.entity_rows, placed.rows)]
        whole = sizes[0] + sizes[1] + sizes[2]
        self.columns: dict[str, npt.NDArray[Any]] = {
            "starts": np.cumsum(whole) - whole,
            "terms": sizes[0],
            "entities": sizes[1],
            "nations": sizes[2],
            "masses": np.bincount(raw.term_rows, weights=term_rare**2, minlength=count),
            "sharpness": np.where(sharp > 0, 1 / np.where(sharp > 0, sharp, 1), 0),
            "lengths": np.log1p(np.bincount(raw.term_rows, weights=times, minlength=count)),
            "events": raw.events,
            "languages": raw.languages,
        }


class _Raw:
    """The fields of many sketches, end to end; rows: which story each belongs to."""

    def __init__(self, stories: Sequence[StorySketch]) -> None:
        heads = [HEADER.unpack_from(one.sketch) for one in stories]
        sizes = np.array([head[:2] for head in heads], dtype=np.intp).reshape(-1, 2)
        self.events = np.array([head[2] for head in heads], dtype=np.uint32)
        self.languages = np.array([head[3] for head in heads], dtype=np.uint16)
        self.term_rows = np.repeat(np.arange(len(stories)), sizes[:, 0])
        self.entity_rows = np.repeat(np.arange(len(stories)), sizes[:, 1])
        terms, entities = sizes[:, 0], sizes[:, 1]

        def field(starts: Places, counts: Places, width: int, kind: str) -> npt.NDArray[Any]:
            ends = (starts + counts * width).tolist()
            parts = [one.sketch[start:end] for one, start, end in zip(stories, starts.tolist(), ends, strict=True)]
            return np.frombuffer(b"".join(parts), dtype=kind)

        at = np.full(len(stories), HEADER.size, dtype=np.intp)
        self.terms: Ints = field(at, terms, 8, "<i8").astype(np.int64)
        self.entities: Ints = field(at + 8 * terms, entities, 8, "<i8").astype(np.int64)
        small = at + 8 * (terms + entities)
        self.salience: Floats = field(small, entities, 4, "<f4").astype(np.float32)
        small = small + 4 * entities
        body = field(small, terms, 2, "<u2").astype(np.float64)
        headline = field(small + 2 * terms, terms, 2, "<u2").astype(np.float64)
        self.times = np.maximum(body + HEADLINE * headline, 1)
        first = np.arange(len(self.terms)) - np.repeat(np.cumsum(terms) - terms, terms)  # terms come as they appear
        self.lead_places = np.where(headline > 0, 0, first)
        self.mentions = field(small + 4 * terms, entities, 2, "<u2").astype(np.int64)
        self.places = field(small + 4 * terms + 2 * entities, entities, 2, "<u2").astype(np.int64)


class _Placed:
    """Nations of many stories: rows, keys, weights."""

    def __init__(self, times: Mapping[tuple[int, str], float], rarities: Mapping[str, float]) -> None:
        codes = [code for _, code in times]
        keys = {code: label_key(code) for code in set(codes)}
        rare = np.array([rarities.get(code, UNCOUNTED) for code in codes], dtype=np.float64)
        counts = np.array(list(times.values()), dtype=np.float64)
        self.rows = np.array([row for row, _ in times], dtype=np.intp)
        self.keys = np.array([keys[code] for code in codes], dtype=np.int64)
        self.weights = ((1 + np.log(counts)) * (rare + NATION_RARITY_FLOOR)).astype(np.float32)


class _NationKeys:
    """``Nations`` by the keys of words."""

    def __init__(self, nations: Nations) -> None:
        plural = {f"{word}s": code for word, code in nations.single.items()}
        self._single = {label_key(word): code for word, code in {**plural, **nations.single}.items()}
        self._joint = {
            label_key(word): [(frozenset(map(label_key, needed)), code) for needed, code in forms]
            for word, forms in nations.joint.items()
        }
        self._words = np.array(sorted(self._single.keys() | self._joint.keys()), dtype=np.int64)

    def of(self, raw: _Raw, rarities: Mapping[str, float]) -> _Placed:
        """The nations that the stories' words or entities place them in; see ``features``."""
        times: dict[tuple[int, str], float] = {}
        hits, which = found_in(raw.terms, self._words)
        rows, counts = raw.term_rows[hits].tolist(), raw.times[hits].tolist()
        for row, count, key in zip(rows, counts, self._words[which].tolist(), strict=True):
            code = self._single.get(key)
            if code:
                times[row, code] = times.get((row, code), 0.0) + count
            for needed, joined in self._joint.get(key, ()):
                start, stop = np.searchsorted(raw.term_rows, [row, row + 1])
                own = dict(zip(raw.terms[start:stop].tolist(), raw.times[start:stop].tolist(), strict=True))
                if needed <= own.keys():
                    times[row, joined] = times.get((row, joined), 0.0) + min(own[part] for part in needed)
        named = np.flatnonzero(raw.places)
        rows, counts = raw.entity_rows[named].tolist(), raw.mentions[named].tolist()
        for row, count, place in zip(rows, counts, raw.places[named].tolist(), strict=True):
            code = place.to_bytes(2, "little").decode()
            times[row, code] = max(times.get((row, code), 0.0), float(count))
        return _Placed(times, rarities)


def _unit(weights: Floats, rows: Places, count: int) -> tuple[Floats, Floats]:
    """The weights in unit length a row, and the length of each row."""
    lengths = np.sqrt(np.bincount(rows, weights=weights.astype(np.float64) ** 2, minlength=count)).astype(np.float32)
    return (weights / np.where(lengths > 0, lengths, 1)[rows]).astype(np.float32), lengths
