"""Finding the gazetteer's names in texts. ``docs/gazetteer.md`` describes the files.

Every surface form is compiled into a trie of pieces (runs of letters, runs of digits), so that S-400, S400 and S 400
are one form; ``Gazetteer.find`` walks it once over a text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.enrich.gazetteer.records import EntryRecord, FormRecord
from pipeline.text.fold import fold

_PIECE = re.compile(r"[^\W\d_]+|\d+")
_NEAR = 12  # pieces to either side in which a word speaks for a form
_UNLESS = 4  # pieces to either side in which a word speaks against it
_NEVER_JOINED = re.compile(r"[^\s\-‐‑–/.,'&·]|\s{2,}|\n|,\S|[.,]\s.*[.,]")
_SPACED_DESIGNATION = re.compile(r"[^\W\d_] \d")


@dataclass(frozen=True, slots=True)
class GazetteerMatch:
    """A form that a text contains. It is ``certain`` where its context rules hold, or where it has none."""

    start: int
    end: int
    entry: EntryRecord
    form: FormRecord
    certain: bool


@dataclass(slots=True)
class _Node:
    children: dict[str, "_Node"] = field(default_factory=dict)
    forms: list[tuple[EntryRecord, FormRecord]] = field(default_factory=list)


class _Pieces:
    """The runs of letters and of digits in a text, folded."""

    def __init__(self, text: str) -> None:
        spans = [match.span() for match in _PIECE.finditer(text)]
        self.text = text
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]
        self.keys = [fold(text[start:end]) for start, end in spans]

    def joined(self, index: int) -> bool:
        """Whether piece ``index`` may go on with what stands before it."""
        gap = self.text[self.ends[index - 1] : self.starts[index]]
        return len(gap) <= 3 and (gap in ("", " ", "-") or not _NEVER_JOINED.search(gap))

    def around(self, first: int, last: int, reach: int) -> set[str]:
        """The keys within ``reach`` pieces of ``first``..``last``, these left out."""
        return {*self.keys[max(0, first - reach) : first], *self.keys[last + 1 : last + 1 + reach]}


class Gazetteer:
    """All entries, ready to be found in texts."""

    def __init__(self, entries: Sequence[EntryRecord]) -> None:
        self._root = _Node()
        for entry in entries:
            for form in entry.forms:
                for text in _spellings(form.text):
                    node = self._root
                    for key in _Pieces(text).keys:
                        node = node.children.setdefault(key, _Node())
                    node.forms.append((entry, form))

    def find(self, text: str) -> list[GazetteerMatch]:
        """The longest forms in order of appearance; several matches on one span where a form has several meanings."""
        pieces = _Pieces(text)
        first_pieces = self._root.children
        matches: list[GazetteerMatch] = []
        index, count = 0, len(pieces.keys)
        while index < count:
            if pieces.keys[index] in first_pieces:
                length, here = self._longest(pieces, index)
                matches += here
                index += length or 1
            else:
                index += 1
        return matches

    def _longest(self, pieces: _Pieces, index: int) -> tuple[int, list[GazetteerMatch]]:
        node: _Node | None = self._root.children[pieces.keys[index]]
        best: tuple[int, list[GazetteerMatch]] = (0, [])
        length = 1
        while node is not None:
            if node.forms:
                here = list(_accepted(pieces, index, index + length - 1, node))
                best = (length, here) if here else best
            following = index + length
            if not node.children or following >= len(pieces.keys) or not pieces.joined(following):
                break
            node = node.children.get(pieces.keys[following])
            length += 1
        return best


def _accepted(pieces: _Pieces, first: int, last: int, node: _Node) -> Iterator[GazetteerMatch]:
    start, end = pieces.starts[first], _with_plural(pieces, last)
    if end is None or (first and pieces.ends[first - 1] == start):
        return
    written = pieces.text[start : pieces.ends[last]]
    before = pieces.keys[first - 1] if first else ""
    after = pieces.keys[last + 1] if last + 1 < len(pieces.keys) else ""
    for entry, form in node.forms:
        context = form.context
        dotted = form.text.endswith(".") and pieces.text[end : end + 1] == "."  # "U.S."
        if not _case_fits(written, form) or before in context.not_previous or after in context.not_next:
            continue
        if context.unless and not context.unless.isdisjoint(pieces.around(first, last, _UNLESS)):
            continue
        # "S 400" is as often a car or a road: written apart, a designation needs its context too.
        spaced = _SPACED_DESIGNATION.search(written) and not _SPACED_DESIGNATION.search(form.text)
        certain = not (form.needs_near or (spaced and context.near)) or not context.near.isdisjoint(
            pieces.around(first, last, _NEAR)
        )
        yield GazetteerMatch(start, end + dotted, entry, form, certain)


def _with_plural(pieces: _Pieces, last: int) -> int | None:
    """The end of a match, with a plural s after digits; None if the match ends inside a longer word or number."""
    end = pieces.ends[last]
    following = last + 1
    if following < len(pieces.keys) and pieces.starts[following] == end:
        alone = following + 1 >= len(pieces.keys) or pieces.starts[following + 1] > pieces.ends[following]
        return pieces.ends[following] if pieces.keys[following] == "s" and alone else None
    tail = pieces.text[end : end + 2]
    return None if len(tail) == 2 and tail[0] in ".," and tail[1].isdigit() and pieces.text[end - 1].isdigit() else end


def _case_fits(written: str, form: FormRecord) -> bool:
    if form.any_case:
        return True
    letters = "".join(filter(str.isalpha, written))
    if letters == form.letters:
        return True
    if letters.isupper():
        return not form.exact
    # The letters are equal but for case and accents, or the trie would not have led here.
    return [letter.isupper() for letter in letters] == [letter.isupper() for letter in form.letters]


def _spellings(text: str) -> set[str]:
    """A form and, for capitals joined by a slash or hyphen (SAMP/T), the same without it."""
    joined = re.sub(r"(?<=[A-Z])[/-](?=[A-Z]\b)", "", text) if text.upper() == text else text
    return {text, joined}
