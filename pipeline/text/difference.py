"""The differences between two texts: paragraphs kept, removed, added and changed, and words likewise. Pure.

Both levels are longest common subsequences (Hyyrö's bit-parallel algorithm, in rapidfuzz), so that long texts cost
little. White space and line breaks never count: a story that was only wrapped anew has no difference.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from rapidfuzz.distance import Indel, LCSseq

LEAST_ALIKE = 0.4  # share of two paragraphs' words; below it one was removed and another added, none was changed
_MAX_PAIRS = 2_500  # of paragraphs that are compared within one stretch; beyond it all are removed and added
_MAX_CELLS = 400_000_000  # bits of one comparison's matrix, 50 MB; longer texts have nothing in common
_ISLAND = 2  # kept words between two changes that are read more easily as part of one change

_BREAK = re.compile(r"\n[ \t]*\n\s*|\n(?=[ \t]{2,}\S)")
_TOKEN = re.compile(r"\w+(?:['’.,/-]\w+)*|[^\w\s]")
_WRAPPED_AT = 100  # characters: longer lines than this were never wrapped, so each is a paragraph


class Edit(StrEnum):
    """What became of a stretch of text; only paragraphs are CHANGED."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that were kept, removed or added, with the space that follows them."""

    edit: Edit
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of a difference.

    Attributes:
        edit: What became of it.
        text: Its text; of a changed paragraph the new wording.
        pieces: The words of a changed paragraph; empty for others.
    """

    edit: Edit
    text: str
    pieces: tuple[Piece, ...] = ()


class _Stretch(NamedTuple):
    """Part of two sequences. kept: whether it is equal in both; else it lies between equal parts."""

    kept: bool
    old: slice
    new: slice


def text_difference(before: str, after: str) -> list[Paragraph]:
    """Return the paragraphs of both texts in reading order, removed ones before those that replaced them."""
    old, new = _paragraphs(before), _paragraphs(after)
    paragraphs: list[Paragraph] = []
    for stretch in _stretches(old, new):
        if stretch.kept:
            paragraphs += [Paragraph(Edit.KEPT, text) for text in new[stretch.new]]
        else:
            paragraphs += _rewritten(old[stretch.old], new[stretch.new])
    return paragraphs


def word_difference(before: str, after: str) -> tuple[Piece, ...]:
    """Return the words kept, removed and added between two short texts: headlines, two wordings of a paragraph."""
    old, new = list(_TOKEN.finditer(before)), list(_TOKEN.finditer(after))
    pieces: list[Piece] = []
    for stretch in _readable(list(_stretches([word[0] for word in old], [word[0] for word in new]))):
        if not stretch.kept:
            pieces.append(Piece(Edit.REMOVED, _text_of(before, old, stretch.old)))
        pieces.append(Piece(Edit.KEPT if stretch.kept else Edit.ADDED, _text_of(after, new, stretch.new)))
    return tuple(piece for piece in pieces if piece.text)


def _text_of(text: str, words: Sequence[re.Match[str]], part: slice) -> str:
    """Return these words of a text, up to where the next word begins."""
    if part.start == part.stop:
        return ""
    end = words[part.stop].start() if part.stop < len(words) else len(text)
    return text[words[part.start].start() : end]


def _paragraphs(text: str) -> list[str]:
    """Return a text's paragraphs, each on one line. Without empty lines or indents, long lines are paragraphs."""
    parts = _BREAK.split(text.strip())
    if len(parts) == 1 and max(map(len, parts[0].split("\n"))) > _WRAPPED_AT:
        parts = parts[0].split("\n")
    return [line for part in parts if (line := " ".join(part.split()))]


def _stretches(old: Sequence[str], new: Sequence[str]) -> Iterator[_Stretch]:
    """Yield the parts of two sequences from end to end, in turn equal and not."""
    blocks: list[tuple[int, int, int]] = [(len(old), len(new), 0)]
    if len(old) * len(new) <= _MAX_CELLS:
        blocks = [(block.a, block.b, block.size) for block in LCSseq.editops(old, new).as_matching_blocks()]
    old_done = new_done = 0
    for old_at, new_at, size in blocks:
        if old_at > old_done or new_at > new_done:
            yield _Stretch(False, slice(old_done, old_at), slice(new_done, new_at))
        old_done, new_done = old_at + size, new_at + size
        if size:
            yield _Stretch(True, slice(old_at, old_done), slice(new_at, new_done))


def _readable(stretches: Sequence[_Stretch]) -> list[_Stretch]:
    """Return the stretches, with a lone kept word or two between changes made part of the change."""
    merged: list[_Stretch] = []
    for number, stretch in enumerate(stretches):
        island = stretch.kept and 0 < number < len(stretches) - 1 and stretch.new.stop - stretch.new.start <= _ISLAND
        joins = merged and not merged[-1].kept and (island or not stretch.kept)
        if joins:
            last = merged[-1]
            stretch = _Stretch(False, slice(last.old.start, stretch.old.stop), slice(last.new.start, stretch.new.stop))
            merged[-1] = stretch
        else:
            merged.append(stretch)
    return merged


def _rewritten(old: Sequence[str], new: Sequence[str]) -> list[Paragraph]:
    """Return the paragraphs of a stretch that has none in common.

    Those most alike count as one paragraph that changed; the others were removed or added.
    """
    paragraphs: list[Paragraph] = []
    old_done = new_done = 0
    for old_at, new_at in [*_best_pairs(old, new), (len(old), len(new))]:
        paragraphs += [Paragraph(Edit.REMOVED, text) for text in old[old_done:old_at]]
        paragraphs += [Paragraph(Edit.ADDED, text) for text in new[new_done:new_at]]
        if old_at < len(old):
            paragraphs.append(Paragraph(Edit.CHANGED, new[new_at], word_difference(old[old_at], new[new_at])))
        old_done, new_done = old_at + 1, new_at + 1
    return paragraphs


def _likeness(old_words: Sequence[str], new_words: Sequence[str]) -> float:
    """Return the share of their words that two paragraphs have in common; 0 below LEAST_ALIKE, and for endless ones."""
    if len(old_words) * len(new_words) > _MAX_CELLS:
        return 0.0
    return Indel.normalized_similarity(old_words, new_words, score_cutoff=LEAST_ALIKE)


def _best_pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return which paragraphs are new wordings of which: the pairs in order with the largest sum of likeness.

    Returns:
        (position in old, position in new), ascending in both.
    """
    if not old or not new or len(old) * len(new) > _MAX_PAIRS:
        return []
    old_words, new_words = ([_TOKEN.findall(text) for text in texts] for texts in (old, new))
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    paired: set[tuple[int, int]] = set()
    for i, old_paragraph in reversed(list(enumerate(old_words))):
        for j, new_paragraph in reversed(list(enumerate(new_words))):
            alike = _likeness(old_paragraph, new_paragraph)
            best[i][j] = max(best[i + 1][j], best[i][j + 1])
            if alike and alike + best[i + 1][j + 1] > best[i][j]:
                best[i][j] = alike + best[i + 1][j + 1]
                paired.add((i, j))
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if (i, j) in paired:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs
