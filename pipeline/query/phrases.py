"""Where a phrase stands in a text, also with slop, as Lucene defines it.

Count from each word's place in the text where the phrase would begin: in an exact match all words agree, and with
slop they lie at most ``slop`` apart (Lucene's SloppyPhraseMatcher). So it takes 1 for a word between two that belong
together, and 2 for two that stand the wrong way round.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

TermPlaces: TypeAlias = dict[str, list[int]]
"""Where each term of a text stands in it, in order."""


def places_of(text: Iterable[str]) -> TermPlaces:
    """The places of a text's terms."""
    places: TermPlaces = {}
    for place, term in enumerate(text):
        places.setdefault(term, []).append(place)
    return places


def occurrences(places: TermPlaces, phrase: Sequence[str], slop: int) -> Iterator[tuple[int, ...]]:
    """The matches of a phrase, at most one for each beginning, as the places of its words.

    places: ``places_of`` the text.
    """
    if not all(term in places for term in phrase):
        return
    beginnings = [[place - offset for place in places[term]] for offset, term in enumerate(phrase)]
    if not slop:
        for first in sorted(set(beginnings[0]).intersection(*beginnings[1:])):
            yield tuple(range(first, first + len(phrase)))
        return
    for first in sorted({beginning for each in beginnings for beginning in each}):
        chosen = _chosen(beginnings, first, first + slop, ())
        if chosen is not None:
            yield chosen


def _chosen(beginnings: Sequence[Sequence[int]], low: int, high: int, taken: tuple[int, ...]) -> tuple[int, ...] | None:
    """One place for each word, none twice, that has the phrase begin between low and high."""
    offset = len(taken)
    if offset == len(beginnings):
        return taken
    mine = beginnings[offset]
    for beginning in mine[bisect_left(mine, low) :]:
        if beginning > high:
            return None
        if beginning + offset not in taken:
            rest = _chosen(beginnings, low, high, (*taken, beginning + offset))
            if rest is not None:
                return rest
    return None
