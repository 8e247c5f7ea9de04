"""Where a query's words stand in a text, for highlighting: by the one text analysis, whatever the engine."""

import fnmatch
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


class MatchFinder:
    """Finds in texts of one field what the leaves of a query match."""

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
                    self._tests.append(partial(_is_within_distance, leaf.word, leaf.distance))
        self._spans_by_piece = dict[str, tuple[Span, ...]]()

    def spans(self, text: str) -> list[Span]:
        """The spans of the matches, in order, without overlap; a phrase is one span."""
        if not (self._terms or self._phrases or self._tests):
            return []
        analysed = _analyse(text) if len(text) <= _REMEMBERED_LENGTH else _AnalysedText(text)
        spans = [analysed.span(position) for term in self._terms for position in analysed.positions.get(term, ())]
        for phrase in self._phrases:
            spans += _phrase_spans(analysed, phrase)
        for passes in self._tests:
            passing = [positions for word, positions in analysed.word_positions.items() if passes(word)]
            spans += [analysed.span(position) for positions in passing for position in positions]
        return _merge_overlaps(spans)

    def quick_spans(self, text: str) -> list[Span]:
        """As ``spans``, but without analysing the whole text.

        It finds only words that begin as their term does, which O'Brien (obrien) does not.
        """
        if self._tests:
            return self.spans(text)
        folded = _folded_in_place(text)
        spans = [
            (start + first, start + last)
            for start, end in self._term_starts.stretches(text, folded)
            for first, last in self._spans_of_piece(text[start:end])
        ]
        for phrase, starts in self._phrase_starts:
            reach = 2 * (len(phrase.terms) + phrase.slop)  # pieces of text, some of which hold no word
            near = starts.stretches(text, folded)
            for start, end in _merge_overlaps(_widen(text, stretch, reach) for stretch in near):
                spans += self._phrases_within(text, start, end)
        return _merge_overlaps(spans)

    @cached_property
    def _term_starts(self) -> "_WordStarts":
        return _WordStarts(self._terms)

    @cached_property
    def _phrase_starts(self) -> "list[tuple[Words, _WordStarts]]":
        return [(phrase, _WordStarts(phrase.terms if phrase.slop else phrase.terms[:1])) for phrase in self._phrases]

    def _spans_of_piece(self, piece: str) -> tuple[Span, ...]:
        """The single terms in a piece of text; the hits of one search share many."""
        spans = self._spans_by_piece.get(piece)
        if spans is None:
            tokens = analyze(piece) if " " in piece else piece_tokens(piece) or analyze(piece)
            spans = tuple((token.start, token.end) for token in tokens if token.term in self._terms)
            self._spans_by_piece[piece] = spans
        return spans

    def _phrases_within(self, text: str, start: int, end: int) -> list[Span]:
        analysed = _AnalysedText(text[start:end])
        spans = [span for phrase in self._phrases for span in _phrase_spans(analysed, phrase)]
        return [(start + first, start + last) for first, last in spans]


class _AnalysedText:
    """The tokens of a text, and at which positions each term stands."""

    def __init__(self, text: str) -> None:
        self.tokens = analyze(text)
        self.positions = positions_of(token.term for token in self.tokens)

    @cached_property
    def word_positions(self) -> TermPositions:
        """As ``positions``, by unstemmed word; only patterns and misspellings need it."""
        return positions_of(token.word for token in self.tokens)

    def span(self, position: int) -> Span:
        """The span of the token at a position."""
        return self.tokens[position].start, self.tokens[position].end


@lru_cache(maxsize=600)
def _analyse(text: str) -> _AnalysedText:
    """The analysed text, kept since many stored queries look at each text of a batch."""
    return _AnalysedText(text)


def _folded_in_place(text: str) -> str:
    """The text folded without a change of offsets: where one letter folds to two (ß), the first is taken."""
    if text.isascii() or not _ACCENTED.search(text):
        return text.lower()
    return _FOREIGN.sub(_fold_letters, text).lower()


def _fold_letters(letters: re.Match[str]) -> str:
    folded = fold(letters.group())
    if len(folded) == len(letters.group()):
        return folded
    return "".join(fold(letter)[:1] or letter for letter in letters.group())


class _WordStarts:
    """Finds where words with certain terms may stand, so that the rest of a text need not be analysed.

    A stem without its last letter begins its word. Around a number the neighbours are looked at too. For numbers and
    short words so is everything that is joined in writing: S 400, S-400, SAMP/T. Words with a letter that folds to two
    are always looked at.
    """

    def __init__(self, terms: Iterable[str]) -> None:
        numbers = {term: digits.group() for term in terms if (digits := _DIGITS.search(term))}
        self._numbers = sorted(set(numbers.values()))
        self._words = sorted({term[:-1] or term for term in terms if term not in numbers})
        self._joined = bool(numbers) or any(len(term) <= _LONGEST_DESIGNATION for term in terms)

    def stretches(self, text: str, folded: str) -> Iterator[Span]:
        """The stretches of a text where such words may stand, cut at spaces."""
        for start in self._words:
            position = folded.find(start)
            while position >= 0:
                stretch = _piece(text, position, position + len(start))
                yield stretch
                position = folded.find(start, stretch[1])
        for start in self._numbers:
            position = folded.find(start)
            while position >= 0:
                yield _widen(text, _piece(text, position, position + len(start)), 1)
                position = folded.find(start, position + len(start))
        if self._joined:
            for joint in _JOINT.finditer(text):
                yield _piece(text, joint.start(), joint.end())
        if not text.isascii():
            for letter in _TWO_LETTERS.finditer(text):
                yield _piece(text, letter.start(), letter.end())


def _piece(text: str, start: int, end: int) -> Span:
    """The stretch, widened to the spaces around it."""
    after = text.find(" ", end)
    return text.rfind(" ", 0, start) + 1, len(text) if after < 0 else after


def _widen(text: str, stretch: Span, reach: int) -> Span:
    """The stretch with ``reach`` more pieces on either side."""
    start, end = stretch
    for _ in range(reach):
        start, end = _piece(text, max(0, start - 1), min(end + 1, len(text)))
    return start, end


def _phrase_spans(text: _AnalysedText, phrase: Words) -> Iterator[Span]:
    """The spans of a phrase: each exact match as one span; with slop one span per word."""
    for positions in occurrences(text.positions, phrase.terms, phrase.slop):
        if phrase.slop:
            yield from map(text.span, positions)
        else:
            yield text.span(positions[0])[0], text.span(positions[-1])[1]


def _merge_overlaps(spans: Iterable[Span]) -> list[Span]:
    """The spans in order; those that overlap become one."""
    merged = list[Span]()
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


@lru_cache(maxsize=1_000)
def pattern_regex(pattern: str) -> re.Pattern[str]:
    """Write a wildcard pattern as a regular expression over the whole word.

    The standard library's translation never goes back over an earlier ``*``, so ``a*a*a*a*b`` takes linear time.
    """
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")))


def _is_within_distance(wanted: str, distance: int, word: str) -> bool:
    """Within that many insertions, deletions, replacements and swaps of neighbours (optimal string alignment)."""
    return OSA.distance(wanted, word, score_cutoff=distance) <= distance
