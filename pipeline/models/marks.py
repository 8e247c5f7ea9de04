"""A reader's word on a follow-up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Self

from pipeline.models.relations import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Someone who read both stories says whether ``later`` follows up ``earlier`` (both lineages). by: who said so."""

    earlier: int
    later: int
    right: bool
    by: str
    at: datetime

    def told(self, score: float, reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
        """The reasons of a pair marked right, this mark first: what ``score`` lacks to 1 is the mark's part."""
        return (Reason("mark", f"marked right by {self.by}", 1.0 - score), *reasons)


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds of pairs of stories. A mark is about texts, so it holds for the copies of both stories as well; of
    several on the same two texts the newest counts.

    texts: lineage -> the number of its text: its copy group, or for want of one itself; those that are missing here
    carry a text of their own. marks: (earlier text, later text) -> the mark.
    """

    texts: Mapping[int, int] = field(default_factory=dict)
    marks: Mapping[tuple[int, int], Mark] = field(default_factory=dict)

    @classmethod
    def of(cls, marks: Iterable[Mark], texts: Mapping[int, int]) -> Self:
        """What these marks come to. One on a story and what has turned out to be its copy says nothing any more."""
        newest = {
            (texts.get(mark.earlier, mark.earlier), texts.get(mark.later, mark.later)): mark
            for mark in sorted(marks, key=lambda mark: (mark.at, mark.earlier, mark.later))
        }
        return cls(texts, {pair: mark for pair, mark in newest.items() if pair[0] != pair[1]})

    def text(self, lineage: int) -> int:
        """The number of the text that a story carries."""
        return self.texts.get(lineage, lineage)

    def mark(self, earlier: int, later: int) -> Mark | None:
        """What holds of these two stories."""
        return self.marks.get((self.text(earlier), self.text(later)))

    def is_wrong(self, earlier: int, later: int) -> bool:
        """Whether ``later`` was said not to follow up ``earlier``."""
        mark = self.mark(earlier, later)
        return mark is not None and not mark.right

    def right(self) -> dict[tuple[int, int], Mark]:
        """(earlier, later) -> the mark, of all stories whose texts are a pair marked right."""
        carrying: dict[int, list[int]] = {}
        for lineage, text in sorted(self.texts.items()):
            carrying.setdefault(text, []).append(lineage)
        return {
            pair: mark
            for (earlier, later), mark in self.marks.items()
            if mark.right
            for pair in product(carrying.get(earlier, [earlier]), carrying.get(later, [later]))
        }
