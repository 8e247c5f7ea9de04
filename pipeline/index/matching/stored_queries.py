"""Stored queries, compiled once per process and evaluated on one batch after another.

Of each query only its structure is kept, over leaves that many queries have in common. Each leaf is evaluated once per
batch. So ten thousand queries cost little more than their different words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from pipeline.errors import QueryError
from pipeline.index.matching.story_bitsets import StoryBitsets, is_exact
from pipeline.models import StoredQuery
from pipeline.query import parse_query
from pipeline.query.tree import Bool, Boosted, Leaf, Node

_LATER = timedelta(days=400)
_SPARE = 1_000  # compiled queries that nobody asks any more, before all are dropped

Plan: TypeAlias = "int | tuple[tuple[Plan, ...], tuple[Plan, ...], tuple[Plan, ...]]"
"""The number of a leaf; or the parts of a ``Bool``: must, should (empty where there is a must), must_not."""


@dataclass(frozen=True, slots=True)
class CompiledQuery:
    """A query as it is evaluated on batches.

    Attributes:
        plan: its structure over numbered leaves.
        exact: the plan finds just the stories that match. Otherwise it may find too many, and an engine has to decide.
        time_dependent: it counts from now, so it has to be compiled for each batch.
    """

    plan: Plan
    exact: bool
    time_dependent: bool


@dataclass(slots=True)
class LeafTable:
    """The different leaves of many queries, numbered."""

    leaves: list[Leaf] = field(default_factory=list)
    numbers: dict[Leaf, int] = field(default_factory=dict)

    def compile(self, tree: Node, time_dependent: bool) -> CompiledQuery:
        """Compile a query; leaves that are new are added to the table."""
        plan, exact = self._plan(tree)
        return CompiledQuery(plan, exact, time_dependent)

    def wanted(self, plan: Plan) -> Iterator[Leaf]:
        """The leaves that can make a story match, in the order of the query."""
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
                must, should, must_not = ([self._plan(child) for child in part] for part in _bool_parts(node))
                # A set that may be too large must not be taken away.
                excluded = tuple(plan for plan, exact in must_not if exact)
                plan = (_plans(must), _plans(should), excluded)
                return plan, all(exact for _, exact in (*must, *should, *must_not))
            case _:
                number = self.numbers.setdefault(node, len(self.leaves))
                if number == len(self.leaves):
                    self.leaves.append(node)
                return number, is_exact(node)


def _bool_parts(node: Bool) -> tuple[tuple[Node, ...], tuple[Node, ...], tuple[Node, ...]]:
    return node.must, () if node.must else node.should, node.must_not


def _plans(parts: Sequence[tuple[Plan, bool]]) -> tuple[Plan, ...]:
    return tuple(plan for plan, _ in parts)


@dataclass(frozen=True, slots=True)
class PossibleMatch:
    """A query that some stories of a batch may match.

    Attributes:
        stored: the query.
        stories: the set of these stories, as bits.
        exact: the stories do match; otherwise an engine has to decide.
        wanted: the leaves that can make a story match, for highlighting.
    """

    stored: StoredQuery
    stories: int
    exact: bool
    wanted: Node


@dataclass(slots=True)
class BatchEvaluation:
    """What evaluating stored queries on a batch came to.

    Attributes:
        possible: the queries that some story may match, in the order given.
        undecided: the queries that words alone do not decide, whatever the batch.
        failures: query id -> why it cannot be run.
    """

    possible: list[PossibleMatch] = field(default_factory=list)
    undecided: list[StoredQuery] = field(default_factory=list)
    failures: dict[int, str] = field(default_factory=dict)


class StoredQueries:
    """The compiled queries of one process. Safe for one thread at a time."""

    def __init__(self) -> None:
        self._compiled = dict[str, CompiledQuery | str]()  # a text instead of a query says why it cannot be run
        self._leaf_table = LeafTable()

    def evaluate(self, batch: StoryBitsets, queries: Sequence[StoredQuery], now: datetime) -> BatchEvaluation:
        """Find out which queries some story may match, and for which of them an engine must be asked.

        Args:
            batch: the stories.
            queries: the stored queries, those that cannot be run among them.
            now: what date math in a query counts from.
        """
        self._compile_all(queries, now)
        sets = [batch.stories_with(leaf) for leaf in self._leaf_table.leaves]
        evaluation = BatchEvaluation()
        for stored in queries:
            compiled = self._compiled[stored.query]
            if isinstance(compiled, str):
                evaluation.failures[stored.id] = compiled
                continue
            table, leaf_sets = self._leaf_table, sets
            if compiled.time_dependent:
                table = LeafTable()
                compiled = table.compile(parse_query(stored.query, now), time_dependent=True)
                leaf_sets = [batch.stories_with(leaf) for leaf in table.leaves]
            if not compiled.exact:
                evaluation.undecided.append(stored)
            if stories := stories_of(compiled.plan, leaf_sets):
                leaves = tuple(table.wanted(compiled.plan))
                evaluation.possible.append(PossibleMatch(stored, stories, compiled.exact, Bool(should=leaves)))
        return evaluation

    def _compile_all(self, queries: Sequence[StoredQuery], now: datetime) -> None:
        if len(self._compiled) > 2 * len(queries) + _SPARE:
            self._compiled.clear()
            self._leaf_table = LeafTable()
        for stored in queries:
            if stored.query not in self._compiled:
                self._compiled[stored.query] = self._compile(stored.query, now)

    def _compile(self, query: str, now: datetime) -> CompiledQuery | str:
        try:
            tree = parse_query(query, now)
        except QueryError as error:
            return str(error)
        if is_time_dependent(query, tree, now):
            return CompiledQuery(0, exact=False, time_dependent=True)
        return self._leaf_table.compile(tree, time_dependent=False)


def is_time_dependent(query: str, tree: Node, now: datetime) -> bool:
    """Whether a query counts from now, so that it means something else tomorrow."""
    return "now" in query and tree != parse_query(query, now + _LATER)


def stories_of(plan: Plan, sets: Sequence[int]) -> int:
    """Evaluate a plan.

    Args:
        plan: see ``Plan``.
        sets: by leaf number, the stories that the leaf holds for, as bits.

    Returns:
        The stories that the plan holds for, as bits.
    """
    if isinstance(plan, int):
        return sets[plan]
    must, should, must_not = plan
    if must:
        stories = -1
        for part in must:
            stories &= sets[part] if isinstance(part, int) else stories_of(part, sets)
            if not stories:
                return 0
    else:
        stories = 0
        for part in should:
            stories |= sets[part] if isinstance(part, int) else stories_of(part, sets)
    for part in must_not:
        stories &= ~stories_of(part, sets)
    return stories
