"""The opening of a body: the dateline, after at most a headline, notes, bullets and a byline, and the editor's note."""

import re
from datetime import datetime

from pipeline.parse.conventions.dateline import Dateline, dateline_at
from pipeline.parse.conventions.editors_note import note_end
from pipeline.parse.io.decode import skip_spaces

_PREAMBLE_LINES = 12
_PREAMBLE = 3000  # characters
_BYLINE = re.compile(r"(?:by|von|par|por|di)\s[^\W\d_].{0,120}$", re.I)
_BULLET = re.compile(r"[*•·▪►-]\s")
_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright)\s", re.I)
_HINTS = ("(", "/", " -", "--", "–", "—", "―", " _")


def find_dateline(body: str, fetched_at: datetime) -> Dateline | None:
    """Find the dateline at the head of a body; None if there is none."""
    return read_opening(body, fetched_at)[0]


def read_opening(body: str, fetched_at: datetime) -> tuple[Dateline | None, str | None]:
    """Read the dateline and the editor's note at the head of a body; None for each that is not there."""
    opening = body[:200]
    if not any(hint in opening for hint in _HINTS) and "\n" not in opening:
        return None, None
    note: str | None = None
    only_notes = True
    for start, end in _opening_lines(body):
        end_of_note = note_end(body, start)
        if end_of_note is not None:
            note = note or body[start:end_of_note]
            start = skip_spaces(body, end_of_note)
            if start >= end:
                continue
        dateline = dateline_at(body, start, fetched_at, first=only_notes)
        if dateline is not None:
            after = skip_spaces(body, dateline.span.end)
            end_of_note = note_end(body, after) if note is None else None
            return dateline, body[after:end_of_note] if end_of_note else note
        only_notes = only_notes and _is_preamble(body[start:end])
    return None, note


def _opening_lines(body: str) -> list[tuple[int, int]]:
    """Return start (after its indentation) and end of the first lines that are not empty."""
    lines: list[tuple[int, int]] = []
    at = 0
    limit = min(len(body), _PREAMBLE)
    while at < limit and len(lines) < _PREAMBLE_LINES:
        end = body.find("\n", at, limit)
        end = limit if end < 0 else end
        start = skip_spaces(body, at, end)
        if start < end:
            lines.append((start, end))
        at = end + 1
    return lines


def _is_preamble(line: str) -> bool:
    """A byline, bullet or copyright line that may stand before a dateline."""
    return bool(_BYLINE.match(line) or _BULLET.match(line) or _COPYRIGHT.match(line))
