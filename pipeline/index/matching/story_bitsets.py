"""Bitsets over a batch of stories: for each leaf of a query, the stories that it holds for.

A set of stories is an ``int``: story number n is bit n. Sets are exact for all leaves but misspellings, which an engine
has to decide. For these a set may be too large; it is never too small.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice, takewhile
from typing import Any

from pipeline.index.field_values import values
from pipeline.index.text_matches import pattern_regex
from pipeline.models import StoryDocument
from pipeline.query.analysis import keyword_key, name_key, terms_and_words
from pipeline.query.fields import FIELDS, FieldSpec, Kind
from pipeline.query.phrases import TermPositions, occurrences, positions_of
from pipeline.query.tree import Between, During, Everything, Exists, Fuzzy, Key, Leaf, Pattern, Words


def is_exact(leaf: Leaf) -> bool:
    """Whether ``StoryBitsets.stories_with`` is exact for this leaf."""
    return not isinstance(leaf, Fuzzy)


class StoryBitsets:
    """The stories of a batch, by the terms, words and keys that they hold."""

    def __init__(self, stories: Sequence[StoryDocument]) -> None:
        self._stories = stories
        self._everything = (1 << len(stories)) - 1
        self._stories_by_key: dict[str, dict[str, int]] = {name: {} for name in FIELDS}
        self._stories_by_word: dict[str, dict[str, int]] = {name: {} for name in FIELDS}
        # By field: one list per story, with one entry per text.
        self._positions: dict[str, list[list[TermPositions]]] = {name: [] for name in FIELDS}
        self._sorted_words = dict[str, list[str]]()
        for number, story in enumerate(stories):
            for spec in FIELDS.values():
                self._add(spec, story, 1 << number)

    def stories_with(self, leaf: Leaf) -> int:
        """The stories that a leaf of a query holds for, as bits; see ``is_exact``."""
        match leaf:
            case Everything():
                return self._everything
            case Words(terms=(only,)):
                return self._union(self._stories_by_key[name].get(only, 0) for name, _ in leaf.fields)
            case Words():
                return self._union(self._with_phrase(name, leaf) for name, _ in leaf.fields)
            case Pattern():
                return self._union(self._with_pattern(name, leaf.pattern) for name, _ in leaf.fields)
            case Fuzzy():
                return self._everything
            case Key():
                return self._stories_by_key[leaf.field].get(leaf.key, 0)
            case Between():
                low, high = leaf.low, leaf.high
                return self._where(
                    leaf.field, lambda number: (low is None or low <= number) and (high is None or number <= high)
                )
            case During():
                return self._where(leaf.field, lambda time: _is_during(leaf, time))
            case Exists():
                return self._where(leaf.field, lambda _: True)

    # ------------------------------------------------------------------

    def _add(self, spec: FieldSpec, story: StoryDocument, bit: int) -> None:
        by_key, by_word = self._stories_by_key[spec.name], self._stories_by_word[spec.name]
        field_values = values(story, spec)
        match spec.kind:
            case Kind.TEXT:
                analysed = [terms_and_words(text) for text in field_values]
                positions = [positions_of(terms) for terms, _ in analysed]
                self._positions[spec.name].append(positions)
                for terms, (_, words) in zip(positions, analysed, strict=True):
                    for term in terms:
                        by_key[term] = by_key.get(term, 0) | bit
                    for word in set(words):
                        by_word[word] = by_word.get(word, 0) | bit
            case Kind.NAME | Kind.KEYWORD | Kind.FLAG:
                make = {Kind.NAME: name_key, Kind.KEYWORD: keyword_key}.get(spec.kind, str)
                for key in set(map(make, field_values)):
                    by_key[key] = by_word[key] = by_key.get(key, 0) | bit

    def _with_phrase(self, name: str, phrase: Words) -> int:
        """The stories with all the words of a phrase, in its order."""
        by_key = self._stories_by_key[name]
        candidates = self._everything
        for term in phrase.terms:
            candidates &= by_key.get(term, 0)
            if not candidates:
                return 0
        return self._union(
            1 << number
            for number in story_numbers(candidates)
            if any(any(occurrences(text, phrase.terms, phrase.slop)) for text in self._positions[name][number])
        )

    def _with_pattern(self, name: str, pattern: str) -> int:
        """The stories with a word or key of that shape. Only those that begin as the pattern does are tried."""
        wildcards = [position for position in map(pattern.find, "*?") if position >= 0]
        beginning = pattern[: min(wildcards, default=len(pattern))]
        by_word, fits = self._stories_by_word[name], pattern_regex(pattern).fullmatch
        words = self._sorted_words.get(name)
        if words is None:
            words = self._sorted_words[name] = sorted(by_word)
        started = takewhile(lambda word: word.startswith(beginning), islice(words, bisect_left(words, beginning), None))
        return self._union(by_word[word] for word in started if fits(word))

    def _where(self, field: str, holds: Callable[[Any], bool]) -> int:
        spec = FIELDS[field]
        return self._union(
            1 << number for number, story in enumerate(self._stories) if any(map(holds, values(story, spec)))
        )

    def _union(self, sets: Iterator[int]) -> int:
        stories = 0
        for subset in sets:
            stories |= subset
        return stories


def story_numbers(stories: int) -> list[int]:
    """The numbers of the stories in a set, in order."""
    numbers = []
    while stories:
        lowest = stories & -stories
        numbers.append(lowest.bit_length() - 1)
        stories ^= lowest
    return numbers


def _is_during(leaf: During, time: datetime) -> bool:
    exact = time.replace(microsecond=time.microsecond // 1000 * 1000)  # to the millisecond, as engines keep it
    return (leaf.start is None or leaf.start <= exact) and (leaf.end is None or exact < leaf.end)
