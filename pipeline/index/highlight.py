"""What of a text made it match: fragments with <em>, and the matched words for an alert's "why".

Made from the query's tree and the one text analysis, not by an engine, so that both say the same.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from html import escape

from pipeline.models import StoryDocument
from pipeline.query.analysis import Token, analyze, keyword_key, name_key, words
from pipeline.query.tree import Fuzzy, Key, Node, Pattern, Words, wanted_leaves

HIGHLIGHTED = ("headline", "body")
_FRAGMENT = 160
_FRAGMENTS = 3
_NAMES = ("person", "organization", "place", "product", "named_event")


class Highlighter:
    """Finds a query's words in texts."""

    def __init__(self, tree: Node) -> None:
        leaves = list(dict.fromkeys(wanted_leaves(tree)))
        self._keys = [leaf for leaf in leaves if isinstance(leaf, Key)]
        self._finders = {field: _Finder(leaves, field) for field in HIGHLIGHTED}

    def highlights(self, fields: dict[str, object]) -> dict[str, tuple[str, ...]]:
        """Field -> fragments with the matches in <em>, the rest HTML-escaped; fields without a match are left out."""
        found = {}
        for name, finder in self._finders.items():
            text = fields[name]
            if isinstance(text, str) and (spans := finder.spans(text)):
                found[name] = (_marked(text, spans, 0, len(text)),) if name == "headline" else _fragments(text, spans)
        return found

    def words(self, story: StoryDocument) -> tuple[str, ...]:
        """The words and names of a story that a query matched, as the story spells them, each once."""
        texts = [(finder, getattr(story, field)) for field, finder in self._finders.items()]
        found = [text[start:end] for finder, text in texts for start, end in finder.spans(text)]
        for key in self._keys:
            value = getattr(story, key.field)
            found += [one for one in (value if isinstance(value, tuple) else (value,)) if _same(one, key)]
        return tuple({word.casefold(): word for word in reversed(found)}.values())[::-1]


def _same(value: object, key: Key) -> bool:
    return isinstance(value, str) and key.key in (name_key(value), keyword_key(value))


class _Finder:
    """The leaves of a query that concern one text field."""

    def __init__(self, leaves: Iterable[object], field: str) -> None:
        self.terms = set[str]()
        self.phrases = list[Words]()
        self.tests = list[re.Pattern[str] | Fuzzy]()
        for leaf in leaves:
            if not isinstance(leaf, Words | Pattern | Fuzzy) or field not in dict(leaf.fields):
                continue
            match leaf:
                case Words(terms=(only,)):
                    self.terms.add(only)
                case Words():
                    self.phrases.append(leaf)
                case Pattern():
                    self.tests.append(pattern_regex(leaf.pattern))
                case Fuzzy():
                    self.tests.append(leaf)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the matches stand, in order; a phrase is one span."""
        if not (self.terms or self.phrases or self.tests):
            return []
        tokens = analyze(text)
        found = {(t.start, t.end) for t in tokens if t.text in self.terms}
        for phrase in self.phrases:
            found.update(_phrase_spans(tokens, phrase))
        if self.tests:
            found.update((t.start, t.end) for t in tokens if self._passes(words(text[t.start : t.end])))
        return _merged(sorted(found))

    def _passes(self, word: Sequence[str]) -> bool:
        return any(
            test.fullmatch(word[0]) if isinstance(test, re.Pattern) else edits(word[0], test.word) <= test.distance
            for test in self.tests
        )


def _phrase_spans(tokens: Sequence[Token], phrase: Words) -> Iterator[tuple[int, int]]:
    """Exact runs; with slop, every word of the phrase within reach of its others."""
    length = len(phrase.terms)
    if phrase.slop == 0:
        for start in range(len(tokens) - length + 1):
            if all(tokens[start + place].text == term for place, term in enumerate(phrase.terms)):
                yield tokens[start].start, tokens[start + length - 1].end
        return
    reach = length + phrase.slop
    for place, token in enumerate(tokens):
        if token.text in phrase.terms:
            near = {t.text for t in tokens[max(0, place - reach + 1) : place + reach]}
            if near.issuperset(phrase.terms):
                yield token.start, token.end


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged = list[tuple[int, int]]()
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _fragments(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, ...]:
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


def _marked(text: str, spans: Iterable[tuple[int, int]], first: int, last: int) -> str:
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
