"""Readers' marks, applied to an answer: wrong ones are never shown, right ones always, and first.

A mark is about texts: it holds for the copies of either story as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.models import LineageRecord, Mark
from pipeline.ports import Store
from pipeline.relate.scoring import Scored


@dataclass(frozen=True, slots=True)
class Marked:
    """The marks on one story's pairs. right: the other lineage -> mark. wrong: other lineages and their copy groups."""

    right: Mapping[int, Mark] = field(default_factory=dict)
    wrong: frozenset[int] = frozenset()
    wrong_groups: frozenset[int] = frozenset()

    def is_wrong(self, record: LineageRecord) -> bool:
        """Whether readers said that this one, or a copy of it, does not belong here."""
        return record.lineage in self.wrong or record.copy_group in self.wrong_groups


def read_marks(store: Store, record: LineageRecord) -> tuple[Marked, Marked]:
    """What readers say of a story's follow-ups, and of its background."""
    own = {record.lineage, *store.relations.copies(record.lineage)}
    marks = store.marks.marks(sorted(own))
    later = {mark.later: mark for mark in marks if mark.earlier in own and mark.later not in own}
    earlier = {mark.earlier: mark for mark in marks if mark.later in own and mark.earlier not in own}
    return _sorted_out(store, later), _sorted_out(store, earlier)


def _sorted_out(store: Store, marks: Mapping[int, Mark]) -> Marked:
    if not marks:
        return Marked()
    wrong = sorted(lineage for lineage, mark in marks.items() if not mark.right)
    groups = {record.copy_group for record in store.stories.records(wrong)} - {None}
    return Marked(
        right={lineage: mark for lineage, mark in marks.items() if mark.right},
        wrong=frozenset(wrong),
        wrong_groups=frozenset(group for group in groups if group is not None),
    )


def right_first(scored: Sequence[Scored], marked: Marked) -> list[tuple[int, Scored | None]]:
    """(lineage, its score if it has one): those marked right first, the newest mark first, then by score."""
    known = {each.story.lineage: each for each in scored}
    right = sorted(marked.right, key=lambda lineage: (marked.right[lineage].at, lineage), reverse=True)
    rest = [(lineage, each) for lineage, each in known.items() if lineage not in marked.right]
    return [*((lineage, known.get(lineage)) for lineage in right), *rest]
