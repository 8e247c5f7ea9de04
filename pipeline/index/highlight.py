"""What of a text made it match: fragments with <em>, and the matched words for an alert's "why".

Made from the query's tree and the one text analysis, not by an engine, so that both say the same.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import TypeAlias

from pipeline.models import StoryDocument
from pipeline.query.analysis import Token, analyze, fold, keyword_key, name_key
from pipeline.query.phrases import occurrences
from pipeline.query.tree import Fuzzy, Key, Leaf, Node, Pattern, Words, wanted_leaves

HIGHLIGHTED = ("headline", "body")
_ACCENTED = re.compile(r"[^\x00-\x7f\u2010-\u2027£€]")
_JOINT = re.compile(r"(?<=[^\W_])[^\w\s](?=[^\W_])")
_DIGITS = re.compile("[0-9]+")
_LONGEST_DESIGNATION = 5  # letters without a number: SAMP/T
_FRAGMENT = 160
_FRAGMENTS = 3

Span: TypeAlias = tuple[int, int]
"""Start and end in a text, in code points, end exclusive."""


class Highlighter:
    """Finds a query's words in texts."""

    def __init__(self, tree: Node) -> None:
        leaves = list(dict.fromkeys(wanted_leaves(tree)))
        self._keys = [leaf for leaf in leaves if isinstance(leaf, Key)]
        self._finders = {field: _Finder(leaves, field) for field in HIGHLIGHTED}

    def highlights(self, fields: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
        """Field -> fragments with the matches in <em>, the rest HTML-escaped; fields without a match are left out."""
        texts = {name: text for name in HIGHLIGHTED if isinstance(text := fields[name], str)}
        return {
            name: (_marked(texts[name], spans, 0, len(texts[name])),)
            if name == "headline"
            else _fragments(texts[name], spans)
            for name, spans in self._spans(texts)
        }

    def words(self, story: StoryDocument) -> tuple[str, ...]:
        """The words and names of a story that a query matched, as the story spells them, each once."""
        texts = {name: getattr(story, name) for name in HIGHLIGHTED}
        found = [texts[name][start:end] for name, spans in self._spans(texts) for start, end in spans]
        for key in self._keys:
            value = getattr(story, key.field)
            found += [one for one in (value if isinstance(value, tuple) else (value,)) if _same(one, key)]
        first_spellings = dict[str, str]()
        for word in found:
            first_spellings.setdefault(word.casefold(), word)
        return tuple(first_spellings.values())

    def _spans(self, texts: Mapping[str, str]) -> list[tuple[str, list[Span]]]:
        """The fields with matches. A quick look finds nearly all; where it finds none, every word is looked at."""
        quick = [(name, spans) for name, text in texts.items() if (spans := self._finders[name].quick_spans(text))]
        return quick or [(name, spans) for name, text in texts.items() if (spans := self._finders[name].spans(text))]


def _same(value: object, key: Key) -> bool:
    return isinstance(value, str) and key.key in (name_key(value), keyword_key(value))


class _Finder:
    """The leaves of a query that concern one text field."""

    def __init__(self, leaves: Iterable[Leaf], field: str) -> None:
        self._terms = set[str]()
        self._phrases = dict[Words, _Leads]()
        self._tests = list[re.Pattern[str] | Fuzzy]()
        for leaf in leaves:
            match leaf:
                case Words(terms=(only,)) if field in dict(leaf.fields):
                    self._terms.add(only)
                case Words() if field in dict(leaf.fields):
                    self._phrases[leaf] = _Leads(leaf.terms if leaf.slop else leaf.terms[:1])
                case Pattern() if field in dict(leaf.fields):
                    self._tests.append(pattern_regex(leaf.pattern))
                case Fuzzy() if field in dict(leaf.fields):
                    self._tests.append(leaf)
        self._leads = _Leads(self._terms)
        self._sought = bool(self._terms or self._phrases or self._tests)
        self._seen = dict[str, tuple[Span, ...]]()

    def spans(self, text: str) -> list[Span]:
        """Where the matches stand, in order; a phrase is one span."""
        return _merged(self._spans_within(text, 0, len(text))) if self._sought else []

    def quick_spans(self, text: str) -> list[Span]:
        """``spans``, only of what begins as it is sought: not O'Brien for obrien."""
        folded = _folded_in_place(text)
        if self._tests or folded is None:
            return self.spans(text)
        found = [
            (start + first, start + last)
            for start, end in self._leads.stretches(text, folded)
            for first, last in self._spans_of_piece(text[start:end])
        ]
        for phrase, leads in self._phrases.items():
            reach = 2 * (len(phrase.terms) + phrase.slop)  # pieces of text, some of which hold no word
            near = leads.stretches(text, folded)
            for start, end in _merged(_widened(text, stretch, reach) for stretch in near):
                found += self._spans_within(text, start, end)
        return _merged(found)

    def _spans_of_piece(self, piece: str) -> tuple[Span, ...]:
        """The single terms in a piece of text; the hits of one search share many."""
        spans = self._seen.get(piece)
        if spans is None:
            spans = tuple((token.start, token.end) for token in analyze(piece) if token.term in self._terms)
            self._seen[piece] = spans
        return spans

    def _spans_within(self, text: str, start: int, end: int) -> list[Span]:
        tokens = analyze(text[start:end])
        found = [(token.start, token.end) for token in tokens if self._wants(token)]
        for phrase in self._phrases:
            found += _phrase_spans(tokens, phrase)
        return [(start + first, start + last) for first, last in found]

    def _wants(self, token: Token) -> bool:
        return token.term in self._terms or any(
            test.fullmatch(token.word)
            if isinstance(test, re.Pattern)
            else edits(token.word, test.word) <= test.distance
            for test in self._tests
        )


def _folded_in_place(text: str) -> str | None:
    """The text folded, each character in its place; None where folding moves some."""
    if text.isascii() or not _ACCENTED.search(text):
        return text.lower()
    folded = fold(text)
    return folded if len(folded) == len(text) else None


class _Leads:
    """Finds where words with certain terms may stand, so that the rest of a text need not be analysed.

    A stem is its word's beginning but for the last letter. Around a number the neighbours are looked at too, and for
    numbers and short words all that is joined in writing: S 400, S-400, SAMP/T.
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


def _fragments(text: str, spans: Sequence[Span]) -> tuple[str, ...]:
    """Up to three stretches of about 160 characters around the first matches, cut between words."""
    if len(text) <= _FRAGMENT:
        return (_marked(text, spans, 0, len(text)),)
    fragments = list[str]()
    done = 0
    for start, end in spans:
        if start < done:
            continue
        if len(fragments) == _FRAGMENTS:
            break
        first = min(start, _word_start(text, max(done, start - _FRAGMENT // 4)))
        done = _word_end(text, max(end, first + _FRAGMENT))
        fragments.append(_marked(text, spans, first, done))
    return tuple(fragments)


def _word_start(text: str, position: int) -> int:
    if position == 0:
        return 0
    space = text.find(" ", position - 1, position + 40)
    return position if space < 0 else space + 1


def _word_end(text: str, position: int) -> int:
    if position >= len(text):
        return len(text)
    space = text.find(" ", position, position + 40)
    return position if space < 0 else space


def _marked(text: str, spans: Iterable[Span], first: int, last: int) -> str:
    pieces, done = list[str](), first
    for start, end in spans:
        if start >= done and end <= last:
            pieces += [escape(text[done:start], quote=False), "<em>", escape(text[start:end], quote=False), "</em>"]
            done = end
    return "".join((*pieces, escape(text[done:last], quote=False))).strip()


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
