"""Marks: a reader's verdict on whether one story follows up another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Self

from pipeline.models.relations import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The verdict of someone who read both stories.

    Attributes:
        earlier: Lineage of the earlier story.
        later: Lineage of the story that follows it up, or does not.
        right: Whether ``later`` follows up ``earlier``.
        by: Who says so.
        at: When it was said.
    """

    earlier: int
    later: int
    right: bool
    by: str
    at: datetime

    def prepend_reason(self, score: float, reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
        """Put this mark, which says that the pair is right, before the other reasons of the pair.

        Args:
            score: What the pair scored without the mark. The mark adds what is missing to 1.
            reasons: The reasons of that score.
        """
        return (Reason("mark", f"marked right by {self.by}", 1.0 - score), *reasons)


@dataclass(frozen=True, slots=True)
class ResolvedMarks:
    """Marks as they hold now for some stories and their copies.

    A mark is about texts, so it holds for the copies of both stories as well. Where several marks are on the same two
    texts, the newest counts.

    Attributes:
        texts: Lineage -> the number of its text: its copy group, or its own number where it has no copies. A lineage
            that is missing here has a text of its own.
        marks: (earlier text, later text) -> the mark.
    """

    texts: Mapping[int, int] = field(default_factory=dict)
    marks: Mapping[tuple[int, int], Mark] = field(default_factory=dict)

    @classmethod
    def resolve(cls, marks: Iterable[Mark], texts: Mapping[int, int]) -> Self:
        """Find which marks hold. A mark on two stories that turned out to be copies of each other no longer does."""
        newest = {
            (texts.get(mark.earlier, mark.earlier), texts.get(mark.later, mark.later)): mark
            for mark in sorted(marks, key=lambda mark: (mark.at, mark.earlier, mark.later))
        }
        return cls(texts, {pair: mark for pair, mark in newest.items() if pair[0] != pair[1]})

    def text_of(self, lineage: int) -> int:
        """The number of the text that a story carries."""
        return self.texts.get(lineage, lineage)

    def mark_on(self, earlier: int, later: int) -> Mark | None:
        """The mark that holds for these two stories."""
        return self.marks.get((self.text_of(earlier), self.text_of(later)))

    def is_wrong(self, earlier: int, later: int) -> bool:
        """Whether readers say that ``later`` does not follow up ``earlier``."""
        mark = self.mark_on(earlier, later)
        return mark is not None and not mark.right

    def right_pairs(self) -> dict[tuple[int, int], Mark]:
        """(earlier, later) -> the mark, for all stories whose texts are a pair that is marked right."""
        carrying: dict[int, list[int]] = {}
        for lineage, text in sorted(self.texts.items()):
            carrying.setdefault(text, []).append(lineage)
        return {
            pair: mark
            for (earlier, later), mark in self.marks.items()
            if mark.right
            for pair in product(carrying.get(earlier, [earlier]), carrying.get(later, [later]))
        }
