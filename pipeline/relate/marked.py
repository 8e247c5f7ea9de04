"""Readers' marks, applied to an answer: wrong ones are never shown, right ones always, and first.

A mark is about texts: it holds for the copies of either story as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.models import Mark
from pipeline.ports import Store


@dataclass(frozen=True, slots=True)
class Marked:
    """The marks on one story's pairs. right: the other lineage -> mark. wrong: other lineages and their copy groups."""

    right: Mapping[int, Mark] = field(default_factory=dict)
    wrong: frozenset[int] = frozenset()
    wrong_groups: frozenset[int] = frozenset()

    def is_wrong(self, lineage: int, copy_group: int) -> bool:
        """Whether readers said that this one, or a copy of it, does not belong here. copy_group: -1 for none."""
        return lineage in self.wrong or copy_group in self.wrong_groups

    def first(self, lineages: Sequence[int]) -> Sequence[int]:
        """The same lineages behind those marked right, the newest mark first."""
        if not self.right:
            return lineages
        right = sorted(self.right, key=lambda lineage: (self.right[lineage].at, lineage), reverse=True)
        return [*right, *(lineage for lineage in lineages if lineage not in self.right)]


def read_marks(store: Store, lineage: int) -> tuple[Marked, Marked]:
    """What readers say of a story's follow-ups, and of its background."""
    own = {lineage, *store.relations.copies(lineage)}
    marks = store.marks.marks(sorted(own))
    later = {mark.later: mark for mark in marks if mark.earlier in own and mark.later not in own}
    earlier = {mark.earlier: mark for mark in marks if mark.later in own and mark.earlier not in own}
    return _sorted_out(store, later), _sorted_out(store, earlier)


def _sorted_out(store: Store, marks: Mapping[int, Mark]) -> Marked:
    """Those marked right only if readers may see them: nothing else may take a place in an answer."""
    if not marks:
        return Marked()
    seen = {head.lineage: head.copy_group for head in store.relations.heads(marks)}
    wrong = frozenset(lineage for lineage, mark in marks.items() if not mark.right)
    return Marked(
        right={lineage: mark for lineage, mark in marks.items() if mark.right and lineage in seen},
        wrong=wrong,
        wrong_groups=frozenset(group for lineage, group in seen.items() if lineage in wrong and group is not None),
    )
