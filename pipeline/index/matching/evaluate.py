"""Where a query's words stand in a text: from the query's tree and the one text analysis, whatever the engine."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache, partial
from typing import TypeAlias

from rapidfuzz.distance import OSA

from pipeline.query.analysis import analyze, fold, piece_tokens
from pipeline.query.phrases import TermPositions, occurrences, positions_of
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
        self._tests = list[Callable[[str], object]]()
        for leaf in leaves:
            match leaf:
                case Words(terms=(only,)) if field in dict(leaf.fields):
                    self._terms.add(only)
                case Words() if field in dict(leaf.fields):
                    self._phrases.append(leaf)
                case Pattern() if field in dict(leaf.fields):
                    self._tests.append(pattern_regex(leaf.pattern).fullmatch)
                case Fuzzy() if field in dict(leaf.fields):
                    self._tests.append(partial(_is_near, leaf.word, leaf.distance))
        self._seen = dict[str, tuple[Span, ...]]()

    def spans(self, text: str) -> list[Span]:
        """Where the matches stand, in order; a phrase is one span."""
        if not (self._terms or self._phrases or self._tests):
            return []
        analysed = _analysed(text) if len(text) <= _REMEMBERED_LENGTH else _Analysed(text)
        found = [analysed.span(place) for term in self._terms for place in analysed.places.get(term, ())]
        for phrase in self._phrases:
            found += _phrase_spans(analysed, phrase)
        for passes in self._tests:
            passing = [places for word, places in analysed.words.items() if passes(word)]
            found += [analysed.span(place) for places in passing for place in places]
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
        analysed = _Analysed(text[start:end])
        found = [span for phrase in self._phrases for span in _phrase_spans(analysed, phrase)]
        return [(start + first, start + last) for first, last in found]


class _Analysed:
    """A text's tokens, and where in them each term stands."""

    def __init__(self, text: str) -> None:
        self.tokens = analyze(text)
        self.places = positions_of(token.term for token in self.tokens)

    @cached_property
    def words(self) -> TermPositions:
        """As ``places``; only patterns and misspellings ask for it."""
        return positions_of(token.word for token in self.tokens)

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


def _phrase_spans(text: _Analysed, phrase: Words) -> Iterator[Span]:
    """An exact match as one span; with slop its words."""
    for places in occurrences(text.places, phrase.terms, phrase.slop):
        if phrase.slop:
            yield from map(text.span, places)
        else:
            yield text.span(places[0])[0], text.span(places[-1])[1]


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


def _is_near(wanted: str, distance: int, word: str) -> bool:
    """Within that many insertions, deletions, replacements and swaps of neighbours (optimal string alignment)."""
    return OSA.distance(wanted, word, score_cutoff=distance) <= distance
