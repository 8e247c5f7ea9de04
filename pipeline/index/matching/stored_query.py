"""Stored queries, read once a process and held against one batch after another.

Of each query only its structure is kept, over comparisons that many queries have in common; each comparison is made
once a batch. So ten thousand queries cost little more than their different words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from pipeline.errors import QueryError
from pipeline.index.matching.bitset import Batch, is_exact
from pipeline.models import StoredQuery
from pipeline.query import parse_query
from pipeline.query.tree import Bool, Boosted, Leaf, Node

_LATER = timedelta(days=400)
_SPARE = 1_000  # plans that nobody asks any more, before all are forgotten

Plan: TypeAlias = "int | tuple[tuple[Plan, ...], tuple[Plan, ...], tuple[Plan, ...]]"
"""A comparison's number, or what all must hold, what one must if there is no first, and what must not."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A query as it is held against batches. exact: its stories are those found, and no engine need be asked."""

    plan: Plan
    exact: bool
    fleeting: bool


@dataclass(slots=True)
class Comparisons:
    """The comparisons of many queries, each once."""

    leaves: list[Leaf] = field(default_factory=list)
    numbers: dict[Leaf, int] = field(default_factory=dict)

    def read(self, tree: Node, fleeting: bool) -> Reading:
        """A tree over these comparisons, to which its own are added."""
        plan, exact = self._plan(tree)
        return Reading(plan, exact, fleeting)

    def wanted(self, plan: Plan) -> Iterator[Leaf]:
        """The comparisons that can make a story match, in the order of the query."""
        if isinstance(plan, int):
            yield self.leaves[plan]
            return
        for part in (*plan[0], *plan[1]):
            yield from self.wanted(part)

    def _plan(self, node: Node) -> tuple[Plan, bool]:
        match node:
            case Boosted():
                return self._plan(node.node)
            case Bool():
                must, should, must_not = ([self._plan(child) for child in part] for part in _parts(node))
                # A set that is too large must not be taken away.
                plan = (_plans(must), _plans(should), tuple(part for part, exact in must_not if exact))
                return plan, all(exact for _, exact in (*must, *should, *must_not))
            case _:
                number = self.numbers.setdefault(node, len(self.leaves))
                if number == len(self.leaves):
                    self.leaves.append(node)
                return number, is_exact(node)


def _parts(node: Bool) -> tuple[tuple[Node, ...], tuple[Node, ...], tuple[Node, ...]]:
    return node.must, () if node.must else node.should, node.must_not


def _plans(parts: Sequence[tuple[Plan, bool]]) -> tuple[Plan, ...]:
    return tuple(plan for plan, _ in parts)


@dataclass(frozen=True, slots=True)
class Possible:
    """A query and the stories of a batch that it may find, as a set; that it does find where ``exact``."""

    stored: StoredQuery
    found: int
    exact: bool
    wanted: Node


@dataclass(slots=True)
class Held:
    """Stored queries held against a batch. undecided: those that words alone do not decide, whatever the batch.

    failures: by id why a query cannot be run.
    """

    possible: list[Possible] = field(default_factory=list)
    undecided: list[StoredQuery] = field(default_factory=list)
    failures: dict[int, str] = field(default_factory=dict)


class StoredQueries:
    """What a process has read. Safe for one thread at a time."""

    def __init__(self) -> None:
        self._readings = dict[str, Reading | str]()
        self._comparisons = Comparisons()

    def held_against(self, batch: Batch, queries: Sequence[StoredQuery], now: datetime) -> Held:
        """Which queries some story may answer, in their order, and which of them an engine must be asked."""
        self._read(queries, now)
        sets = [batch.stories_with(leaf) for leaf in self._comparisons.leaves]
        held = Held()
        for stored in queries:
            reading = self._readings[stored.query]
            if isinstance(reading, str):
                held.failures[stored.id] = reading
                continue
            comparisons, known = self._comparisons, sets
            if reading.fleeting:
                comparisons = Comparisons()
                reading = comparisons.read(parse_query(stored.query, now), fleeting=True)
                known = [batch.stories_with(leaf) for leaf in comparisons.leaves]
            if not reading.exact:
                held.undecided.append(stored)
            if found := stories_of(reading.plan, known):
                leaves = tuple(comparisons.wanted(reading.plan))
                held.possible.append(Possible(stored, found, reading.exact, Bool(should=leaves)))
        return held

    def _read(self, queries: Sequence[StoredQuery], now: datetime) -> None:
        if len(self._readings) > 2 * len(queries) + _SPARE:
            self._readings.clear()
            self._comparisons = Comparisons()
        for stored in queries:
            if stored.query not in self._readings:
                self._readings[stored.query] = self._reading(stored.query, now)

    def _reading(self, query: str, now: datetime) -> Reading | str:
        try:
            tree = parse_query(query, now)
        except QueryError as error:
            return str(error)
        if is_fleeting(query, tree, now):
            return Reading(0, exact=False, fleeting=True)
        return self._comparisons.read(tree, fleeting=False)


def is_fleeting(query: str, tree: Node, now: datetime) -> bool:
    """Whether a query counts from now, so that it means something else tomorrow."""
    return "now" in query and tree != parse_query(query, now + _LATER)


def stories_of(plan: Plan, sets: Sequence[int]) -> int:
    """The stories for which a plan holds, from those of each comparison."""
    if isinstance(plan, int):
        return sets[plan]
    must, should, must_not = plan
    if must:
        found = -1
        for part in must:
            found &= sets[part] if isinstance(part, int) else stories_of(part, sets)
            if not found:
                return 0
    else:
        found = 0
        for part in should:
            found |= sets[part] if isinstance(part, int) else stories_of(part, sets)
    for part in must_not:
        found &= ~stories_of(part, sets)
    return found
