"""Which stories are looked at together when happenings are found: bounded sets of stories that are near each other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.text.union_find import UnionFind

MAX_STORIES = 300  # stories that are looked at together; the nearest first

Neighbour = tuple[float, int, int]
"""How near (see ``likeness.nearness``), a story of the batch, and another one."""

_Node = tuple[bool, int]
"""(False, lineage) of a story without a happening, or (True, happening)."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Stories that may report the same events.

    Attributes:
        lineages: Those without a happening so far.
        happenings: Happenings with all their stories.
    """

    lineages: tuple[int, ...]
    happenings: tuple[int, ...]


def neighbourhoods(
    lineages: Sequence[int], neighbours: Iterable[Neighbour], known: Mapping[int, int], sizes: Mapping[int, int]
) -> list[Neighbourhood]:
    """Part the stories of a batch, with all that they are near to, into disjoint sets.

    The nearest are tied first. No set grows beyond ``MAX_STORIES``.

    Args:
        lineages: The stories of the batch.
        neighbours: Which stories they are near to.
        known: Lineage -> its happening so far.
        sizes: Happening -> how many of its stories are looked at.
    """

    def node_of(lineage: int) -> _Node:
        happening = known.get(lineage)
        return (False, lineage) if happening is None else (True, happening)

    own_nodes = [node_of(lineage) for lineage in lineages]
    sets: UnionFind[_Node] = UnionFind(own_nodes)
    loads: dict[_Node, int] = {}  # of the member that stands for a set: how many stories it has

    def find(node: _Node) -> _Node:
        is_happening, number = node
        loads.setdefault(node, sizes.get(number, 1) if is_happening else 1)
        return sets.find(node)

    for _, lineage, other in sorted(neighbours, key=lambda neighbour: (-neighbour[0], neighbour[1:])):
        first, second = find(node_of(lineage)), find(node_of(other))
        load = loads[first] + loads[second]
        if first != second and load <= MAX_STORIES:
            loads[sets.union(first, second)] = load
    touched = {sets.find(node) for node in own_nodes}
    return [
        Neighbourhood(
            lineages=tuple(number for is_happening, number in group if not is_happening),
            happenings=tuple(number for is_happening, number in group if is_happening),
        )
        for group in sets.groups()
        if sets.find(group[0]) in touched
    ]
