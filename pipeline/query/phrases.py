"""Where a phrase stands in a text, also with slop, as Lucene defines it.

Count from each word's position in the text where the phrase would begin: in an exact match all words agree, and with
slop they lie at most ``slop`` apart (Lucene's SloppyPhraseMatcher). So it takes 1 for a word between two that belong
together, and 2 for two that stand the wrong way round.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

TermPositions: TypeAlias = dict[str, list[int]]
"""Where each term of a text stands in it, in order."""


def positions_of(text: Iterable[str]) -> TermPositions:
    """The positions of a text's terms."""
    positions: TermPositions = {}
    for position, term in enumerate(text):
        positions.setdefault(term, []).append(position)
    return positions


def occurrences(positions: TermPositions, phrase: Sequence[str], slop: int) -> Iterator[tuple[int, ...]]:
    """The matches of a phrase, at most one for each beginning.

    Args:
        positions: ``positions_of`` the text.
        phrase: its terms in order.
        slop: how far apart the words may make the phrase begin.

    Yields:
        The positions of the phrase's words, one per word.
    """
    if not all(term in positions for term in phrase):
        return
    beginnings = [[position - offset for position in positions[term]] for offset, term in enumerate(phrase)]
    if not slop:
        for first in sorted(set(beginnings[0]).intersection(*beginnings[1:])):
            yield tuple(range(first, first + len(phrase)))
        return
    for first in sorted({beginning for each in beginnings for beginning in each}):
        match = _choose(beginnings, first, first + slop, ())
        if match is not None:
            yield match


def _choose(beginnings: Sequence[Sequence[int]], low: int, high: int, taken: tuple[int, ...]) -> tuple[int, ...] | None:
    """One position for each word, none twice, that has the phrase begin between low and high."""
    offset = len(taken)
    if offset == len(beginnings):
        return taken
    candidates = beginnings[offset]
    for beginning in candidates[bisect_left(candidates, low) :]:
        if beginning > high:
            return None
        if beginning + offset not in taken:
            rest = _choose(beginnings, low, high, (*taken, beginning + offset))
            if rest is not None:
                return rest
    return None
