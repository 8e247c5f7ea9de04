"""Text without oddities, with the way back to the original offsets.

Wire copy breaks lines inside names, quotes with ``two back-ticks'', carries HTML left-overs and odd spaces. Models were
trained on none of that. A normalised text remembers where each stretch came from, so that every offset that leaves
this package points into the original text.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from html import unescape

_ODDITIES = re.compile(
    r"(?P<paragraph>[^\S\n]*\n\s*\n\s*|\s*\n[\t ]{2,})"
    r"|(?P<tag></?[A-Za-z][A-Za-z0-9]{0,9}(?:\s[^<>]{0,300})?/?>)"
    r"|(?P<entity>&(?:#\d{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});)"
    r"|(?P<quote>``|'')"
    r"|(?P<apostrophe>[’‘‛ʼ])"
    r"|(?P<double>[“”„«»])"
    r"|(?P<nothing>[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+)"
    r"|(?P<space>\s{2,}|[^\S ])"
)
_SPACED_PUNCTUATION = re.compile(r"(?<=\w) (?=[,.;:!?)](?:\s|$))|(?<=\() (?=\w)|(?<=\w) (?='\s?s\b)|(?<=\w ') (?=s\b)")
_LOOKS_SPACED = re.compile(r"\w ,\s|\w \.(?:\s|$)|\( \w")


@dataclass(frozen=True, slots=True)
class NormalizedText:
    """A smoothed ``text``; ``span`` maps offsets in it back to the source."""

    text: str
    _starts: tuple[int, ...]
    _origins: tuple[int, ...]
    _copied: tuple[bool, ...]
    _end: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Map ``text[start:end]`` to offsets in the source. ``start`` is less than ``end``."""
        return self._source_offset(start), self._source_end(end - 1)

    def _source_offset(self, offset: int) -> int:
        piece = bisect_right(self._starts, offset) - 1
        return self._origins[piece] + (offset - self._starts[piece] if self._copied[piece] else 0)

    def _source_end(self, last: int) -> int:
        piece = bisect_right(self._starts, last) - 1
        if self._copied[piece]:
            return self._origins[piece] + last - self._starts[piece] + 1
        return self._origins[piece + 1] if piece + 1 < len(self._origins) else self._end


def normalize_text(source: str, start: int = 0, end: int | None = None) -> NormalizedText:
    """Normalise ``source[start:end]``; offsets map into all of ``source``."""
    end = len(source) if end is None else end
    text = source[start:end]
    edits = [(m.start(), m.end(), _replacement(m)) for m in _ODDITIES.finditer(text)]
    if _LOOKS_SPACED.search(text):
        edits = sorted([*edits, *((m.start(), m.end(), "") for m in _SPACED_PUNCTUATION.finditer(text))])
    starts, origins, copied, parts = [], [], [], []
    length = position = 0
    for edit_start, edit_end, replacement in edits:
        if edit_start < position:
            continue
        for piece, origin, is_copy in ((text[position:edit_start], position, True), (replacement, edit_start, False)):
            if piece:
                starts.append(length)
                origins.append(start + origin)
                copied.append(is_copy)
                parts.append(piece)
                length += len(piece)
        position = edit_end
    starts.append(length)
    origins.append(start + position)
    copied.append(True)
    parts.append(text[position:])
    return NormalizedText("".join(parts), tuple(starts), tuple(origins), tuple(copied), end)


def _replacement(match: re.Match[str]) -> str:
    match match.lastgroup:
        case "paragraph":
            return "\n\n"
        case "quote" | "double":
            return '"'
        case "apostrophe":
            return "'"
        case "nothing":
            return ""
        case "entity":
            plain = unescape(match.group())
            return " " if plain.isspace() else plain
        case _:
            return " "
