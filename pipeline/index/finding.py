"""Where a query's words stand in a text: from the query's tree and the one text analysis, whatever the engine."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import TypeAlias

from pipeline.query.analysis import Token, analyze, fold, piece_tokens
from pipeline.query.phrases import occurrences
from pipeline.query.tree import Fuzzy, Leaf, Pattern, Words

_ACCENTED = re.compile(r"[^\x00-\x7f\u2010-\u2027£€]")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_JOINT = re.compile(r"[^\w\s](?<=[^\W_].)(?=[^\W_])")
_TWO_LETTERS = re.compile("[ÆæŒœßẞÞþ\ufb00-\ufb06]")
_DIGITS = re.compile("[0-9]+")
_LONGEST_DESIGNATION = 5  # letters without a number: SAMP/T
_REMEMBERED_LENGTH = 10_000  # characters

Span: TypeAlias = tuple[int, int]
"""Start and end in a text, in code points, end exclusive."""


class Finder:
    """The leaves of a query that concern one text field."""

    def __init__(self, leaves: Iterable[Leaf], field: str) -> None:
        self._terms = set[str]()
        self._phrases = list[Words]()
        self._tests = list[re.Pattern[str] | Fuzzy]()
        for leaf in leaves:
            match leaf:
                case Words(terms=(only,)) if field in dict(leaf.fields):
                    self._terms.add(only)
                case Words() if field in dict(leaf.fields):
                    self._phrases.append(leaf)
                case Pattern() if field in dict(leaf.fields):
                    self._tests.append(pattern_regex(leaf.pattern))
                case Fuzzy() if field in dict(leaf.fields):
                    self._tests.append(leaf)
        self._seen = dict[str, tuple[Span, ...]]()

    def spans(self, text: str) -> list[Span]:
        """Where the matches stand, in order; a phrase is one span."""
        if not (self._terms or self._phrases or self._tests):
            return []
        analysed = _analysed(text) if len(text) <= _REMEMBERED_LENGTH else _Analysed(text)
        found = [analysed.span(place) for term in self._terms for place in analysed.places.get(term, ())]
        for phrase in self._phrases:
            if all(term in analysed.places for term in phrase.terms):
                found += _phrase_spans(analysed.tokens, phrase)
        if self._tests:
            found += [(token.start, token.end) for token in analysed.tokens if self._passes(token.word)]
        return _merged(found)

    def quick_spans(self, text: str) -> list[Span]:
        """``spans`` without analysing the whole text: only of words that begin as their term does (not O'Brien)."""
        if self._tests:
            return self.spans(text)
        folded = _folded_in_place(text)
        found = [
            (start + first, start + last)
            for start, end in self._leads.stretches(text, folded)
            for first, last in self._spans_of_piece(text[start:end])
        ]
        for phrase, leads in self._phrase_leads:
            reach = 2 * (len(phrase.terms) + phrase.slop)  # pieces of text, some of which hold no word
            near = leads.stretches(text, folded)
            for start, end in _merged(_widened(text, stretch, reach) for stretch in near):
                found += self._phrases_within(text, start, end)
        return _merged(found)

    @cached_property
    def _leads(self) -> "_Leads":
        return _Leads(self._terms)

    @cached_property
    def _phrase_leads(self) -> "list[tuple[Words, _Leads]]":
        return [(phrase, _Leads(phrase.terms if phrase.slop else phrase.terms[:1])) for phrase in self._phrases]

    def _spans_of_piece(self, piece: str) -> tuple[Span, ...]:
        """The single terms in a piece of text; the hits of one search share many."""
        spans = self._seen.get(piece)
        if spans is None:
            tokens = analyze(piece) if " " in piece else piece_tokens(piece) or analyze(piece)
            spans = tuple((token.start, token.end) for token in tokens if token.term in self._terms)
            self._seen[piece] = spans
        return spans

    def _phrases_within(self, text: str, start: int, end: int) -> list[Span]:
        tokens = analyze(text[start:end])
        found = [span for phrase in self._phrases for span in _phrase_spans(tokens, phrase)]
        return [(start + first, start + last) for first, last in found]

    def _passes(self, word: str) -> bool:
        return any(
            test.fullmatch(word) if isinstance(test, re.Pattern) else edits(word, test.word) <= test.distance
            for test in self._tests
        )


class _Analysed:
    """A text's tokens, and where in them each term stands."""

    def __init__(self, text: str) -> None:
        self.tokens = analyze(text)
        self.places: dict[str, list[int]] = {}
        for place, token in enumerate(self.tokens):
            self.places.setdefault(token.term, []).append(place)

    def span(self, place: int) -> Span:
        """Where a token stands in the text."""
        return self.tokens[place].start, self.tokens[place].end


@lru_cache(maxsize=600)
def _analysed(text: str) -> _Analysed:
    """Many stored queries look at each text of a batch."""
    return _Analysed(text)


def _folded_in_place(text: str) -> str:
    """The text folded, each character in its place: of two letters for one (ß) the first."""
    if text.isascii() or not _ACCENTED.search(text):
        return text.lower()
    return _FOREIGN.sub(_fold_letters, text).lower()


def _fold_letters(letters: re.Match[str]) -> str:
    folded = fold(letters.group())
    if len(folded) == len(letters.group()):
        return folded
    return "".join(fold(letter)[:1] or letter for letter in letters.group())


class _Leads:
    """Finds where words with certain terms may stand, so that the rest of a text need not be analysed.

    A stem is its word's beginning but for the last letter. Around a number the neighbours are looked at too, and for
    numbers and short words all that is joined in writing: S 400, S-400, SAMP/T; and always words with a letter that
    folds to two.
    """

    def __init__(self, terms: Iterable[str]) -> None:
        numbers = {term: found.group() for term in terms if (found := _DIGITS.search(term))}
        self._numbers = sorted(set(numbers.values()))
        self._words = sorted({term[:-1] or term for term in terms if term not in numbers})
        self._joined = bool(numbers) or any(len(term) <= _LONGEST_DESIGNATION for term in terms)

    def stretches(self, text: str, folded: str) -> Iterator[Span]:
        """Those stretches of a text, cut at spaces."""
        for lead in self._words:
            place = folded.find(lead)
            while place >= 0:
                stretch = _piece(text, place, place + len(lead))
                yield stretch
                place = folded.find(lead, stretch[1])
        for lead in self._numbers:
            place = folded.find(lead)
            while place >= 0:
                yield _widened(text, _piece(text, place, place + len(lead)), 1)
                place = folded.find(lead, place + len(lead))
        if self._joined:
            for joint in _JOINT.finditer(text):
                yield _piece(text, joint.start(), joint.end())
        if not text.isascii():
            for letter in _TWO_LETTERS.finditer(text):
                yield _piece(text, letter.start(), letter.end())


def _piece(text: str, start: int, end: int) -> Span:
    """The same stretch, widened to the spaces around it."""
    after = text.find(" ", end)
    return text.rfind(" ", 0, start) + 1, len(text) if after < 0 else after


def _widened(text: str, stretch: Span, reach: int) -> Span:
    """The same stretch with so many more pieces on both sides."""
    start, end = stretch
    for _ in range(reach):
        start, end = _piece(text, max(0, start - 1), min(end + 1, len(text)))
    return start, end


def _phrase_spans(tokens: Sequence[Token], phrase: Words) -> Iterator[Span]:
    """An exact match as one span; with slop its words."""
    for places in occurrences([token.term for token in tokens], phrase.terms, phrase.slop):
        if phrase.slop:
            yield from ((tokens[place].start, tokens[place].end) for place in places)
        else:
            yield tokens[places[0]].start, tokens[places[-1]].end


def _merged(spans: Iterable[Span]) -> list[Span]:
    """In order, those that overlap made one."""
    merged = list[Span]()
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


@lru_cache(maxsize=1_000)
def pattern_regex(pattern: str) -> re.Pattern[str]:
    """A wildcard pattern as a regular expression over the whole word."""
    return re.compile("".join({"*": ".*", "?": "."}.get(c) or re.escape(c) for c in pattern), re.DOTALL)


def edits(a: str, b: str) -> int:
    """The optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours."""
    before, row = list[int](), list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        older, before, row = before, row, [i]
        for j, y in enumerate(b, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
