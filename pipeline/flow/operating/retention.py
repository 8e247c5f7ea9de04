"""Retention: whole months leave the index, and where that is wanted the texts of their stories leave the store."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.models.month_key import months_before
from pipeline.wiring import Adapters

UNDATED = ""


@dataclass(frozen=True, slots=True)
class DroppedMonths:
    """What was dropped from the index, or would be.

    Attributes:
        first_kept: The first month that stays: "2017.11".
        months: The months that the index held and that go -> how many stories each.
    """

    first_kept: str
    months: Mapping[str, int]

    @property
    def stories(self) -> int:
        """How many stories there are in these months."""
        return sum(self.months.values())


class Retention:
    """How far back the index goes."""

    def __init__(self, adapters: Adapters) -> None:
        self._adapters = adapters

    def drop(self, keep: int, drop_texts: bool, dry_run: bool = False) -> DroppedMonths:
        """Drop old months from the index. Undated stories stay in it; the store keeps all that is known of the others.

        Args:
            keep: How many months of stories stay, beside the month in which the first of them began.
            drop_texts: Also empty the texts of the dropped stories in the store, for good.
            dry_run: Only say what would be dropped.
        """
        first = months_before(self._adapters.clock.now(), keep)
        stories = self._adapters.store.stories
        dropped = {month: count for month, count in stories.months().items() if month != UNDATED and month < first}
        if not dry_run:
            # The store comes first: whoever writes to the index meanwhile then leaves dropped months alone.
            stories.drop_before(first, drop_texts)
            self._adapters.index.drop_before(first)
        return DroppedMonths(first, dropped)

    def apply_settings(self) -> DroppedMonths | None:
        """``drop`` as the settings say; None where they say nothing, since everything is kept then."""
        settings = self._adapters.settings
        return None if settings.retention is None else self.drop(settings.retention, settings.drop_texts)
