"""Disjoint sets: which things belong together, given pairs that do."""

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class UnionFind(Generic[Item]):
    """Disjoint sets of items, merged pair by pair (union by size, path halving).

    An item is in a set of its own from the first time that it is named. Sets and their members keep the order in which
    the items were first named, so that results do not depend on which item stands for its set.
    """

    def __init__(self, items: Iterable[Item] = ()) -> None:
        """Start with each of the items in a set of its own.

        Args:
            items: Items in the order that ``groups`` keeps. More may be named later.
        """
        self._parents: dict[Item, Item] = {}
        self._sizes: dict[Item, int] = {}
        for item in items:
            self.find(item)

    def find(self, item: Item) -> Item:
        """Return the member that stands for the item's set; it may be another one after the next ``union``."""
        parents = self._parents
        if item not in parents:
            parents[item] = item
            self._sizes[item] = 1
            return item
        while (parent := parents[item]) != item:
            parents[item] = item = parents[parent]
        return item

    def union(self, first: Item, second: Item) -> Item:
        """Merge the sets of two items and return the member that stands for the merged set."""
        larger, smaller = self.find(first), self.find(second)
        if larger == smaller:
            return larger
        if self._sizes[larger] < self._sizes[smaller]:
            larger, smaller = smaller, larger
        self._parents[smaller] = larger
        self._sizes[larger] += self._sizes.pop(smaller)
        return larger

    def groups(self) -> list[list[Item]]:
        """Return all sets, in the order in which their first members were named; members in that order too."""
        members: dict[Item, list[Item]] = {}
        for item in list(self._parents):
            members.setdefault(self.find(item), []).append(item)
        return list(members.values())
