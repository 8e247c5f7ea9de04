"""Readers' marks, applied to an answer: stories marked wrong are never shown, those marked right always, and first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.models import Mark
from pipeline.ports import Store


@dataclass(frozen=True, slots=True)
class MarkFilter:
    """The marks on one story's follow-ups, or on its background.

    Attributes:
        right: The other story's lineage -> the mark that says that it belongs here.
        wrong: Texts that do not belong here, as ``ResolvedMarks`` numbers them.
    """

    right: Mapping[int, Mark] = field(default_factory=dict)
    wrong: frozenset[int] = frozenset()

    def is_wrong(self, lineage: int, copy_group: int) -> bool:
        """Return whether readers said that a story, or a copy of it, does not belong here.

        Args:
            lineage: The story.
            copy_group: Its copy group; -1 for none.
        """
        return (lineage if copy_group < 0 else copy_group) in self.wrong

    def right_first(self, lineages: Sequence[int]) -> Sequence[int]:
        """Return these lineages behind those marked right, the newest mark first."""
        if not self.right:
            return lineages
        right = sorted(self.right, key=lambda lineage: (self.right[lineage].at, lineage), reverse=True)
        return [*right, *(lineage for lineage in lineages if lineage not in self.right)]


def load_mark_filters(store: Store, lineage: int) -> tuple[MarkFilter, MarkFilter]:
    """Return what readers say of a story's follow-ups, and of its background."""
    resolved = store.marks.resolved([lineage])
    own, pairs = resolved.text_of(lineage), resolved.marks.items()
    followups = [(later, mark.later, mark) for (earlier, later), mark in pairs if earlier == own]
    background = [(earlier, mark.earlier, mark) for (earlier, later), mark in pairs if later == own]
    return _filter_of(store, followups), _filter_of(store, background)


def _filter_of(store: Store, marks: Sequence[tuple[int, int, Mark]]) -> MarkFilter:
    """Make a filter of marks.

    Stories marked right count only if readers may see them, or they would take up room in an answer in which nothing of
    them can be shown.

    Args:
        store: Says which stories may be seen.
        marks: (the other text, the lineage of it that was marked, the mark).
    """
    right = {lineage: mark for _, lineage, mark in marks if mark.right}
    visible = {head.lineage for head in store.relations.heads(right)}
    return MarkFilter(
        right={lineage: mark for lineage, mark in right.items() if lineage in visible},
        wrong=frozenset(text for text, _, mark in marks if not mark.right),
    )
