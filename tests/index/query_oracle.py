"""Which stories a query's tree means, decided story by story without any engine: what both are compared with."""

import re
from collections.abc import Iterable
from datetime import datetime

from pipeline.index.documents import blanked
from pipeline.index.field_values import values
from pipeline.models import Status, StoryDocument
from pipeline.query.analysis import keyword_key, name_key, terms, words
from pipeline.query.fields import FIELDS, Kind
from pipeline.query.tree import Between, Bool, Boosted, During, Everything, Exists, Fuzzy, Key, Node, Pattern, Words


def expected_lineages(tree: Node, stories: Iterable[StoryDocument], all_statuses: bool = False) -> set[int]:
    """The lineages that a search must find."""
    return {
        story.lineage
        for story in map(blanked, stories)
        if (all_statuses or story.status is Status.USABLE) and holds(tree, story)
    }


def holds(node: Node, story: StoryDocument) -> bool:
    """Whether a story is what the tree means."""
    match node:
        case Everything():
            return True
        case Words():
            return any(_phrase(_terms(story, name), node.terms) for name, _ in node.fields)
        case Pattern():
            shape = re.compile("".join({"*": ".*", "?": "."}.get(c) or re.escape(c) for c in node.pattern), re.DOTALL)
            return any(shape.fullmatch(word) for name, _ in node.fields for word in _words(story, name))
        case Fuzzy():
            candidates = (word for name, _ in node.fields for word in _words(story, name))
            return any(_edits(word, node.word) <= node.distance for word in candidates)
        case Key():
            return node.key in _words(story, node.field)
        case Between():
            numbers = values(story, FIELDS[node.field])
            return any(
                (node.low is None or node.low <= number) and (node.high is None or number <= node.high)
                for number in numbers
            )
        case During():
            times = map(_to_the_millisecond, values(story, FIELDS[node.field]))
            return any(
                (node.start is None or node.start <= time) and (node.end is None or time < node.end) for time in times
            )
        case Exists():
            return bool(values(story, FIELDS[node.field]))
        case Boosted():
            return holds(node.node, story)
        case Bool():
            wanted = all(holds(child, story) for child in node.must) and (
                bool(node.must) or any(holds(child, story) for child in node.should)
            )
            return wanted and not any(holds(child, story) for child in node.must_not)


def _to_the_millisecond(time: datetime) -> datetime:
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def _terms(story: StoryDocument, name: str) -> list[str]:
    return [term for text in values(story, FIELDS[name]) for term in terms(text)]


def _words(story: StoryDocument, name: str) -> list[str]:
    field_values = values(story, FIELDS[name])
    match FIELDS[name].kind:
        case Kind.TEXT:
            return [word for text in field_values for word in words(text)]
        case Kind.NAME:
            return [name_key(value) for value in field_values]
        case Kind.FLAG:
            return list(field_values)
        case _:
            return [keyword_key(value) for value in field_values]


def _phrase(text: list[str], phrase: tuple[str, ...]) -> bool:
    """Exact phrases only: tests/query tries slop out by itself."""
    return any(tuple(text[start : start + len(phrase)]) == phrase for start in range(len(text)))


def _edits(a: str, b: str) -> int:
    """Optimal string alignment, by the textbook's table."""
    table = [[i + j if not i * j else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]
