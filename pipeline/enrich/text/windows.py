"""Cutting long texts, so that a book-length story costs linear time and bounded memory."""

import re
from collections.abc import Iterator

WINDOW = 20_000  # characters; far above any wire story, far below what strains the model
_OVERLAP = 200  # characters; a name cut in two at a blind cut is whole in one of the windows
_BREAKS = (re.compile(r"\n\n"), re.compile(r"[.!?][\"')]?\s"), re.compile(r"\s"))


def cut_windows(text: str, size: int = WINDOW) -> Iterator[tuple[int, int]]:
    """Yield spans of at most ``size`` characters that cover ``text``.

    The text is cut at a paragraph, else after a sentence, else at white space, else anywhere. Spans overlap at the
    latter two, since these may cut a name.
    """
    start = 0
    while len(text) - start > size:
        cut, clean = _best_cut(text, start + size // 2, start + size)
        yield start, cut
        start = cut if clean else max(cut - _OVERLAP, start + 1)
    yield start, len(text)


def _best_cut(text: str, low: int, high: int) -> tuple[int, bool]:
    for rank, pattern in enumerate(_BREAKS):
        last = max((match.end() for match in pattern.finditer(text, low, high)), default=None)
        if last is not None:
            return last, rank < 2
    return high, False
