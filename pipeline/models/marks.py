"""A reader's word on a follow-up."""

from dataclasses import dataclass
from datetime import datetime

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
