"""The gazetteer: names that we know, as data. config/gazetteer/README.md describes the files.

Loading compiles every surface form into a trie of pieces (runs of letters, runs of digits), so that S-400, S400 and
S 400 are one form; ``Gazetteer.find`` walks it once over a text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.enrich.folding import fold
from pipeline.enrich.gazetteer_files import EntryRecord, FormRecord

_PIECE = re.compile(r"[^\W\d_]+|\d+")
_NEAR = 12  # pieces to either side in which a context word counts
_NEVER_JOINED = re.compile(r"[^\s\-‐‑–/.,'&·]|\s{3,}|\n|,\S|[.,]\s.*[.,]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of letters or digits of a text."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class GazetteerMatch:
    """A form found in a text. ``certain``: its context rules hold here, or it has none."""

    start: int
    end: int
    entry: EntryRecord
    form: FormRecord
    certain: bool


@dataclass(slots=True)
class _Node:
    children: dict[str, "_Node"] = field(default_factory=dict)
    forms: list[tuple[EntryRecord, FormRecord]] = field(default_factory=list)


class Gazetteer:
    """All entries, ready to be found in texts."""

    def __init__(self, entries: Sequence[EntryRecord]) -> None:
        self._root = _Node()
        for entry in entries:
            for form in entry.forms:
                for text in _spellings(form.text):
                    node = self._root
                    for piece in pieces(text):
                        node = node.children.setdefault(piece.key, _Node())
                    node.forms.append((entry, form))

    def find(self, text: str) -> list[GazetteerMatch]:
        """The longest forms in order of appearance; several matches on one span where a form has several meanings."""
        found = pieces(text)
        matches: list[GazetteerMatch] = []
        index = 0
        while index < len(found):
            length, here = self._longest(text, found, index)
            matches += here
            index += length or 1
        return matches

    def _longest(self, text: str, found: Sequence[Piece], index: int) -> tuple[int, list[GazetteerMatch]]:
        node = self._root.children.get(found[index].key)
        best: tuple[int, list[GazetteerMatch]] = (0, [])
        length = 1
        while node is not None:
            if node.forms:
                here = list(self._accepted(text, found, index, length, node))
                best = (length, here) if here else best
            following = index + length
            if following >= len(found) or not _joined(text, found[following - 1], found[following]):
                break
            node = node.children.get(found[following].key)
            length += 1
        return best

    def _accepted(
        self, text: str, found: Sequence[Piece], index: int, length: int, node: _Node
    ) -> Iterator[GazetteerMatch]:
        start, last = found[index].start, index + length - 1
        end = _with_plural(text, found, last)
        if end is None or (index and found[index - 1].end == start):
            return
        written = text[start : found[last].end]
        for entry, form in node.forms:
            if not _case_fits(written, form):
                continue
            before = found[index - 1].key if index else ""
            after = found[last + 1].key if last + 1 < len(found) else ""
            if before in form.not_previous or after in form.not_next:
                continue
            around = {piece.key for piece in found[max(0, index - _NEAR) : last + 1 + _NEAR]}
            yield GazetteerMatch(start, end, entry, form, not form.near or not form.near.isdisjoint(around))


def pieces(text: str) -> list[Piece]:
    """The runs of letters and of digits in a text, folded."""
    return [Piece(fold(match.group()), match.start(), match.end()) for match in _PIECE.finditer(text)]


def _joined(text: str, left: Piece, right: Piece) -> bool:
    gap = text[left.end : right.start]
    return len(gap) <= 3 and (gap in ("", " ", "-") or not _NEVER_JOINED.search(gap))


def _with_plural(text: str, found: Sequence[Piece], last: int) -> int | None:
    """The end of a match, with a plural s after digits; None if the match ends inside a longer word or number."""
    end = found[last].end
    if last + 1 < len(found) and found[last + 1].start == end:
        following = found[last + 1]
        if following.key == "s" and (last + 2 >= len(found) or found[last + 2].start > following.end):
            return following.end
        return None
    tail = text[end : end + 2]
    return None if len(tail) == 2 and tail[0] in ".," and tail[1].isdigit() and text[end - 1].isdigit() else end


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
