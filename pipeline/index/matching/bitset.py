"""A batch of stories as sets: for each comparison of a query, the stories that it holds for, as the bits of a number.

What is decided here is exact for all but misspellings, which are the engine's: for them the sets are too large, never
too small.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice, takewhile
from typing import Any

from pipeline.index.matching.evaluate import pattern_regex
from pipeline.index.matching.values import values
from pipeline.models import StoryDocument
from pipeline.query.analysis import keyword_key, name_key, terms_and_words
from pipeline.query.fields import FIELDS, FieldSpec, Kind
from pipeline.query.phrases import TermPositions, occurrences, positions_of
from pipeline.query.tree import Between, During, Everything, Exists, Fuzzy, Key, Leaf, Pattern, Words


def is_exact(leaf: Leaf) -> bool:
    """Whether ``Batch.stories_with`` is exact for it."""
    return not isinstance(leaf, Fuzzy)


class Batch:
    """Stories by what they hold; story number n is bit n."""

    def __init__(self, stories: Sequence[StoryDocument]) -> None:
        self._stories = stories
        self._everything = (1 << len(stories)) - 1
        self._holding: dict[str, dict[str, int]] = {name: {} for name in FIELDS}
        self._spelled: dict[str, dict[str, int]] = {name: {} for name in FIELDS}
        self._positions: dict[str, list[list[TermPositions]]] = {
            name: [] for name in FIELDS
        }  # story by story, text by text
        self._sorted = dict[str, list[str]]()
        for number, story in enumerate(stories):
            for spec in FIELDS.values():
                self._add(spec, story, 1 << number)

    def stories_with(self, leaf: Leaf) -> int:
        """The stories that one comparison of a query holds for."""
        match leaf:
            case Everything():
                return self._everything
            case Words(terms=(only,)):
                found = 0
                for name, _ in leaf.fields:
                    found |= self._holding[name].get(only, 0)
                return found
            case Words():
                return self._union(self._with_phrase(name, leaf) for name, _ in leaf.fields)
            case Pattern():
                return self._union(self._with_pattern(name, leaf.pattern) for name, _ in leaf.fields)
            case Fuzzy():
                return self._everything
            case Key():
                return self._holding[leaf.field].get(leaf.key, 0)
            case Between():
                low, high = leaf.low, leaf.high
                return self._where(
                    leaf.field, lambda one: (low is None or low <= one) and (high is None or one <= high)
                )
            case During():
                return self._where(leaf.field, lambda one: _is_during(leaf, one))
            case Exists():
                return self._where(leaf.field, lambda _: True)

    # ------------------------------------------------------------------

    def _add(self, spec: FieldSpec, story: StoryDocument, bit: int) -> None:
        held, spelled = self._holding[spec.name], self._spelled[spec.name]
        found = values(story, spec)
        match spec.kind:
            case Kind.TEXT:
                analysed = [terms_and_words(text) for text in found]
                places = [positions_of(terms) for terms, _ in analysed]
                self._positions[spec.name].append(places)
                for terms, (_, words) in zip(places, analysed, strict=True):
                    for term in terms:
                        held[term] = held.get(term, 0) | bit
                    for word in set(words):
                        spelled[word] = spelled.get(word, 0) | bit
            case Kind.NAME | Kind.KEYWORD | Kind.FLAG:
                make = {Kind.NAME: name_key, Kind.KEYWORD: keyword_key}.get(spec.kind, str)
                for key in set(map(make, found)):
                    held[key] = spelled[key] = held.get(key, 0) | bit

    def _with_phrase(self, name: str, phrase: Words) -> int:
        """All the words, and as the phrase has them."""
        held = self._holding[name]
        found = self._everything
        for term in phrase.terms:
            found &= held.get(term, 0)
            if not found:
                return 0
        return self._union(
            1 << number
            for number in numbers_in(found)
            if any(any(occurrences(places, phrase.terms, phrase.slop)) for places in self._positions[name][number])
        )

    def _with_pattern(self, name: str, pattern: str) -> int:
        """A word, or a key, of that shape; only those are tried that begin as the pattern does."""
        beginning = pattern[: min((place for place in map(pattern.find, "*?") if place >= 0), default=len(pattern))]
        spelled, fits = self._spelled[name], pattern_regex(pattern).fullmatch
        words = self._sorted.get(name)
        if words is None:
            words = self._sorted[name] = sorted(spelled)
        started = takewhile(lambda word: word.startswith(beginning), islice(words, bisect_left(words, beginning), None))
        return self._union(spelled[word] for word in started if fits(word))

    def _where(self, field: str, holds: Callable[[Any], bool]) -> int:
        spec = FIELDS[field]
        return self._union(
            1 << number for number, story in enumerate(self._stories) if any(map(holds, values(story, spec)))
        )

    def _union(self, sets: Iterator[int]) -> int:
        found = 0
        for one in sets:
            found |= one
        return found


def numbers_in(found: int) -> list[int]:
    """The numbers of a set's stories, in order."""
    numbers = []
    while found:
        lowest = found & -found
        numbers.append(lowest.bit_length() - 1)
        found ^= lowest
    return numbers


def _is_during(leaf: During, time: datetime) -> bool:
    whole = time.replace(microsecond=time.microsecond // 1000 * 1000)
    return (leaf.start is None or leaf.start <= whole) and (leaf.end is None or whole < leaf.end)
