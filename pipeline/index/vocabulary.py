"""The words and names of a batch of stories tell which stored queries can't match any of them."""

import re
from bisect import bisect_left
from collections.abc import Iterable

from pipeline.index.values import values
from pipeline.models import StoryDocument
from pipeline.query.analysis import analyze, keyword_key, name_key
from pipeline.query.fields import FIELDS, FieldSpec, Kind
from pipeline.query.tree import Bool, Boosted, Key, Node, Pattern, Words

_BEFORE_WILDCARD = re.compile(r"[^*?]*")


class Vocabulary:
    """What the stories of a batch hold, field by field."""

    def __init__(self, stories: Iterable[StoryDocument]) -> None:
        self._terms: dict[str, set[str]] = {name: set() for name in FIELDS}
        words: dict[str, set[str]] = {name: set() for name in FIELDS}
        for story in stories:
            for spec in FIELDS.values():
                for term, word in _held(story, spec):
                    self._terms[spec.name].add(term)
                    words[spec.name].add(word)
        self._words = {name: sorted(held) for name, held in words.items()}

    def may_match(self, node: Node) -> bool:
        """False only where no story of the batch can match: what it needs is in none of them."""
        match node:
            case Words():
                return any(self._terms[name].issuperset(node.terms) for name, _ in node.fields)
            case Key():
                return node.key in self._terms[node.field]
            case Pattern():
                return any(self._has_word_like(name, node.pattern) for name, _ in node.fields)
            case Boosted():
                return self.may_match(node.node)
            case Bool() if node.must:
                return all(self.may_match(child) for child in node.must)
            case Bool():
                return any(self.may_match(child) for child in node.should)
            case _:
                return True

    def _has_word_like(self, name: str, pattern: str) -> bool:
        """Whether a word begins as the pattern does up to its first wildcard."""
        beginning = _BEFORE_WILDCARD.match(pattern)
        prefix = beginning.group() if beginning else ""
        words = self._words[name]
        place = bisect_left(words, prefix)
        return place < len(words) and words[place].startswith(prefix)


def _held(story: StoryDocument, spec: FieldSpec) -> Iterable[tuple[str, str]]:
    """A field's terms, each with the word that patterns are compared with; of numbers and dates nothing."""
    found = values(story, spec)
    match spec.kind:
        case Kind.TEXT:
            return ((token.term, token.word) for text in found for token in analyze(text))
        case Kind.NAME:
            return ((key, key) for key in map(name_key, found))
        case Kind.KEYWORD:
            return ((key, key) for key in map(keyword_key, found))
        case Kind.FLAG:
            return ((value, value) for value in found)
        case _:
            return ()
