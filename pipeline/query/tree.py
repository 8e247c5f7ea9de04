"""A checked query as an immutable tree: fields known, words analysed, dates resolved. Engines only translate it.

Each leaf is one comparison; ``Bool`` combines. A leaf over several fields scores the sum of its fields' scores.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Everything:
    """Every story."""


@dataclass(frozen=True, slots=True)
class Words:
    """One term, or a phrase of terms in this order with at most ``slop`` moves, in any of the text ``fields``."""

    fields: tuple[tuple[str, float], ...]  # name and weight
    terms: tuple[str, ...]
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Pattern:
    """``*`` (any run) and ``?`` (any one character). Scores 1.

    It is compared with the unstemmed words of text fields, and with whole keys of keyword and name fields.
    """

    fields: tuple[tuple[str, float], ...]
    pattern: str


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Within ``distance`` edits (a swap of neighbours is one) of an unstemmed word, or of a key. Scores 1."""

    fields: tuple[tuple[str, float], ...]
    word: str
    distance: int


@dataclass(frozen=True, slots=True)
class Key:
    """The whole value of a keyword or name field, as ``keyword_key`` or ``name_key`` make it, or "true", "false"."""

    field: str
    key: str


@dataclass(frozen=True, slots=True)
class Between:
    """A whole number, both bounds inclusive; None is open."""

    field: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class During:
    """``start`` <= the date < ``end``, UTC, whole milliseconds; None is open."""

    field: str
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Exists:
    """The field has a value."""

    field: str


@dataclass(frozen=True, slots=True)
class Boosted:
    """The same stories, their score multiplied."""

    node: "Node"
    factor: float


@dataclass(frozen=True, slots=True)
class Bool:
    """All of ``must``, none of ``must_not``, and at least one of ``should`` if ``must`` is empty; the scores add up."""

    must: tuple["Node", ...] = ()
    should: tuple["Node", ...] = ()
    must_not: tuple["Node", ...] = ()


Leaf: TypeAlias = Everything | Words | Pattern | Fuzzy | Key | Between | During | Exists
Node: TypeAlias = Leaf | Boosted | Bool


def wanted_leaves(node: Node) -> Iterator[Leaf]:
    """The leaves that can make a story match, in the order of the query; what is excluded is left out."""
    match node:
        case Bool():
            for child in (*node.must, *node.should):
                yield from wanted_leaves(child)
        case Boosted():
            yield from wanted_leaves(node.node)
        case _:
            yield node


def needs_text(node: Node) -> bool:
    """Whether only a story with text or names can match: then blanked (withdrawn, withheld) ones never do."""
    match node:
        case Words() | Pattern() | Fuzzy():
            return True
        case Boosted():
            return needs_text(node.node)
        case Bool() if node.must:
            return any(needs_text(child) for child in node.must)
        case Bool():
            return all(needs_text(child) for child in node.should)
        case _:
            return False
