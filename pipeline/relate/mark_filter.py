"""Readers' marks, applied to an answer: wrong ones are never shown, right ones always, and first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.models import Mark
from pipeline.ports import Store


@dataclass(frozen=True, slots=True)
class Marked:
    """What holds of one story's pairs. right: the other lineage -> mark. wrong: the others' texts, as
    ``ResolvedMarks`` numbers them."""

    right: Mapping[int, Mark] = field(default_factory=dict)
    wrong: frozenset[int] = frozenset()

    def is_wrong(self, lineage: int, copy_group: int) -> bool:
        """Whether readers said that this one, or a copy of it, does not belong here. copy_group: -1 for none."""
        return (lineage if copy_group < 0 else copy_group) in self.wrong

    def first(self, lineages: Sequence[int]) -> Sequence[int]:
        """The same lineages behind those marked right, the newest mark first."""
        if not self.right:
            return lineages
        right = sorted(self.right, key=lambda lineage: (self.right[lineage].at, lineage), reverse=True)
        return [*right, *(lineage for lineage in lineages if lineage not in self.right)]


def read_marks(store: Store, lineage: int) -> tuple[Marked, Marked]:
    """What readers say of a story's follow-ups, and of its background."""
    resolved = store.marks.resolved([lineage])
    own, pairs = resolved.text_of(lineage), resolved.marks.items()
    later = [(after, mark.later, mark) for (before, after), mark in pairs if before == own]
    earlier = [(before, mark.earlier, mark) for (before, after), mark in pairs if after == own]
    return _sorted_out(store, later), _sorted_out(store, earlier)


def _sorted_out(store: Store, marks: Sequence[tuple[int, int, Mark]]) -> Marked:
    """marks: on the other text, made on this story of it. Those marked right count only if readers may see them, or
    they would take places in an answer that nothing can be shown in."""
    right = {lineage: mark for _, lineage, mark in marks if mark.right}
    seen = {head.lineage for head in store.relations.heads(right)}
    return Marked(
        right={lineage: mark for lineage, mark in right.items() if lineage in seen},
        wrong=frozenset(text for text, _, mark in marks if not mark.right),
    )
