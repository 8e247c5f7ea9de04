"""Stored sketches as the arrays of a ``StoryMatrix``: the same numbers that ``story_features`` makes of outlines.

SketchFields reads the bytes of many sketches -> NationKeys finds the nations -> SketchArrays weighs all labels
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.models import StorySketch
from pipeline.relate.arrays import Doubles, Floats, Indices, Ints
from pipeline.relate.ranking.features import HEADLINE_WEIGHT, LEAD_DECAY
from pipeline.relate.ranking.nations import NATION_RARITY_FLOOR, UNCOUNTED, Nations
from pipeline.relate.ranking.story_matrix import searchsorted_in
from pipeline.shared_formats.sketch import HEADER, label_key

Rarities = Callable[[Ints], Floats]
"""Keys of labels, (m,) -> their rarities, (m,)."""


class SketchFields:
    """The fields of n sketches, end to end.

    Attributes:
        event_types: Keys of the event types; (n,) uint32.
        languages: Keys of the languages; (n,) uint16.
        term_rows: The story that each term belongs to; (t,).
        terms: Keys of the terms, in order of first appearance; (t,) int64.
        term_times: How often each term counts, the headline's words more; (t,) float64.
        lead_positions: Distance of each term from the opening; 0 for terms of the headline; (t,).
        entity_rows: The story that each entity belongs to; (e,).
        entities: Keys of the entities; (e,) int64.
        salience: Of the entities, 0..1; (e,) float32.
        mentions: How often each entity is named; (e,) int64.
        entity_nations: The nation of each entity that is a place, as the two letters of its code; else 0; (e,) int64.
    """

    def __init__(self, stories: Sequence[StorySketch]) -> None:
        """Read the sketches of these stories; ``pipeline.shared_formats.sketch`` says how they are laid out."""
        headers = [HEADER.unpack_from(story.sketch) for story in stories]
        counts = np.array([header[:2] for header in headers], dtype=np.intp).reshape(-1, 2)
        self.event_types = np.array([header[2] for header in headers], dtype=np.uint32)
        self.languages = np.array([header[3] for header in headers], dtype=np.uint16)
        self.term_rows = np.repeat(np.arange(len(stories)), counts[:, 0])
        self.entity_rows = np.repeat(np.arange(len(stories)), counts[:, 1])
        terms, entities = counts[:, 0], counts[:, 1]

        def read(starts: Indices, counts: Indices, size: int, dtype: str) -> npt.NDArray[Any]:
            """Read one field of all stories: ``counts`` values of ``size`` bytes from each one's ``starts`` on."""
            ends = (starts + counts * size).tolist()
            parts = [story.sketch[start:end] for story, start, end in zip(stories, starts.tolist(), ends, strict=True)]
            return np.frombuffer(b"".join(parts), dtype=dtype)

        start = np.full(len(stories), HEADER.size, dtype=np.intp)
        self.terms: Ints = read(start, terms, 8, "<i8").astype(np.int64)
        self.entities: Ints = read(start + 8 * terms, entities, 8, "<i8").astype(np.int64)
        start = start + 8 * (terms + entities)
        self.salience: Floats = read(start, entities, 4, "<f4").astype(np.float32)
        start = start + 4 * entities
        in_body = read(start, terms, 2, "<u2").astype(np.float64)
        in_headline = read(start + 2 * terms, terms, 2, "<u2").astype(np.float64)
        self.term_times: Doubles = np.maximum(in_body + HEADLINE_WEIGHT * in_headline, 1)
        position = np.arange(len(self.terms)) - np.repeat(np.cumsum(terms) - terms, terms)
        self.lead_positions = np.where(in_headline > 0, 0, position)
        self.mentions: Ints = read(start + 4 * terms, entities, 2, "<u2").astype(np.int64)
        self.entity_nations: Ints = read(start + 4 * terms + 2 * entities, entities, 2, "<u2").astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class NationLabels:
    """The nations of many stories: the story, key and weight of each; (k,) each."""

    rows: Indices
    keys: Ints
    weights: Floats


class NationKeys:
    """``Nations`` by the keys of words, since sketches hold no words."""

    def __init__(self, nations: Nations) -> None:
        """Hash the words of these nations."""
        plural = {f"{word}s": code for word, code in nations.single.items()}
        self._single = {label_key(word): code for word, code in {**plural, **nations.single}.items()}
        self._joint = {
            label_key(word): [(frozenset(map(label_key, needed)), code) for needed, code in forms]
            for word, forms in nations.joint.items()
        }
        self._keys = np.array(sorted(self._single.keys() | self._joint.keys()), dtype=np.int64)

    def find(self, fields: SketchFields, rarities: Mapping[str, float]) -> NationLabels:
        """Find the nations that the stories' words or entities place them in, as ``story_features`` does.

        Args:
            fields: The stories.
            rarities: Nation code -> rarity; the others are ``UNCOUNTED``.
        """
        times = self._named_by_words(fields)
        named = np.flatnonzero(fields.entity_nations)
        rows, mentions = fields.entity_rows[named].tolist(), fields.mentions[named].tolist()
        for row, count, letters in zip(rows, mentions, fields.entity_nations[named].tolist(), strict=True):
            code = letters.to_bytes(2, "little").decode()
            times[row, code] = max(times.get((row, code), 0.0), float(count))
        return _nation_labels(times, rarities)

    def _named_by_words(self, fields: SketchFields) -> dict[tuple[int, str], float]:
        """Return (row, nation code) -> how often the story's words name the nation."""
        times: dict[tuple[int, str], float] = {}
        hits, which = searchsorted_in(fields.terms, self._keys)
        rows, counts = fields.term_rows[hits].tolist(), fields.term_times[hits].tolist()
        for row, count, key in zip(rows, counts, self._keys[which].tolist(), strict=True):
            code = self._single.get(key)
            if code:
                times[row, code] = times.get((row, code), 0.0) + count
            for needed, joint_code in self._joint.get(key, ()):
                start, stop = np.searchsorted(fields.term_rows, [row, row + 1])
                own_terms, own_times = fields.terms[start:stop].tolist(), fields.term_times[start:stop].tolist()
                own = dict(zip(own_terms, own_times, strict=True))
                if needed <= own.keys():
                    times[row, joint_code] = times.get((row, joint_code), 0.0) + min(own[part] for part in needed)
        return times


def _nation_labels(times: Mapping[tuple[int, str], float], rarities: Mapping[str, float]) -> NationLabels:
    codes = [code for _, code in times]
    keys = {code: label_key(code) for code in set(codes)}
    label_rarities = np.array([rarities.get(code, UNCOUNTED) for code in codes], dtype=np.float64)
    counts = np.array(list(times.values()), dtype=np.float64)
    return NationLabels(
        rows=np.array([row for row, _ in times], dtype=np.intp),
        keys=np.array([keys[code] for code in codes], dtype=np.int64),
        weights=((1 + np.log(counts)) * (label_rarities + NATION_RARITY_FLOOR)).astype(np.float32),
    )


class SketchArrays:
    """A batch of n sketches with its m labels, ready to be added to a matrix.

    Attributes:
        keys: Of all labels, in the order that ``StoryMatrix`` keeps; (m,) int64.
        weights: Likewise; (m,) float32.
        lead_weights: Likewise; (m,) float32.
        columns: The columns of ``StoryMatrix`` that follow from the sketches, by name; (n,) each.
    """

    def __init__(
        self,
        stories: Sequence[StorySketch],
        rarities: Rarities,
        nations: NationKeys,
        nation_rarities: Mapping[str, float],
    ) -> None:
        """Weigh the labels of these stories; see ``StoryMatrixCache`` for the arguments."""
        count = len(stories)
        fields = SketchFields(stories)
        label_rarities = rarities(np.concatenate([fields.terms, fields.entities]))
        term_rarities = label_rarities[: len(fields.terms)].astype(np.float64)
        entity_rarities = label_rarities[len(fields.terms) :]
        raw_weights = ((1 + np.log(fields.term_times)) * term_rarities).astype(np.float32)
        faded = (raw_weights * np.exp(-fields.lead_positions / LEAD_DECAY)).astype(np.float32)
        lead_weights, _ = _to_unit_length(faded, fields.term_rows, count)
        term_weights, _ = _to_unit_length(raw_weights, fields.term_rows, count)
        _, idf_norms = _to_unit_length(term_weights * term_rarities.astype(np.float32), fields.term_rows, count)
        entity_weights, _ = _to_unit_length(fields.salience * entity_rarities, fields.entity_rows, count)
        nation_labels = nations.find(fields, nation_rarities)
        nation_weights, _ = _to_unit_length(nation_labels.weights, nation_labels.rows, count)

        rows_by_kind = (fields.term_rows, fields.entity_rows, nation_labels.rows)
        kinds = np.repeat([0, 1, 2], [len(rows) for rows in rows_by_kind])
        keys = np.concatenate([fields.terms, fields.entities, nation_labels.keys])
        weights = np.concatenate([term_weights, entity_weights, nation_weights])
        without_leads = np.zeros(len(keys) - len(lead_weights), dtype=np.float32)
        heaviest_term_first = np.where(kinds == 0, -weights, 0)
        order = np.lexsort((keys, heaviest_term_first, kinds, np.concatenate(rows_by_kind)))
        self.keys, self.weights = keys[order], weights[order]
        self.lead_weights = np.concatenate([lead_weights, without_leads])[order]

        term_counts, entity_counts, nation_counts = (np.bincount(rows, minlength=count) for rows in rows_by_kind)
        label_counts = term_counts + entity_counts + nation_counts
        self.columns: dict[str, npt.NDArray[Any]] = {
            "starts": np.cumsum(label_counts) - label_counts,
            "term_counts": term_counts,
            "entity_counts": entity_counts,
            "nation_counts": nation_counts,
            "idf_norm_sq": np.bincount(fields.term_rows, weights=term_rarities**2, minlength=count),
            "inv_idf_norm": np.where(idf_norms > 0, 1 / np.where(idf_norms > 0, idf_norms, 1), 0),
            "log_words": np.log1p(np.bincount(fields.term_rows, weights=fields.term_times, minlength=count)),
            "event_types": fields.event_types,
            "languages": fields.languages,
        }


def _to_unit_length(weights: Floats, rows: Indices, count: int) -> tuple[Floats, Floats]:
    """Scale the weights of each story to unit length.

    Args:
        weights: (m,).
        rows: The story that each weight belongs to; (m,).
        count: How many stories there are.

    Returns:
        The scaled weights, (m,), and the lengths before, (count,).
    """
    lengths = np.sqrt(np.bincount(rows, weights=weights.astype(np.float64) ** 2, minlength=count)).astype(np.float32)
    return (weights / np.where(lengths > 0, lengths, 1)[rows]).astype(np.float32), lengths
