"""Retention: whole months leave the index, and where that is wanted the texts of their stories leave the store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pipeline.wiring import Parts

UNDATED = ""


@dataclass(frozen=True, slots=True)
class Retention:
    """What was dropped, or would be. first_kept: "2017.11". months: those that the index held -> their stories."""

    first_kept: str
    months: Mapping[str, int]

    @property
    def stories(self) -> int:
        """How many stories that are."""
        return sum(self.months.values())


def retain(parts: Parts, keep: int, drop_texts: bool, dry_run: bool = False) -> Retention:
    """Keep so many months of stories, and the one they began in, in the index. dry_run: say only what would go.

    Stories stay in the store, and with them all that is told of them; drop_texts empties their texts, for good. The
    store is told first, so that whoever writes to the index meanwhile leaves dropped months alone. Undated ones stay.
    """
    first = first_kept(parts.clock.now(), keep)
    held = parts.store.stories.months()
    result = Retention(first, {month: count for month, count in held.items() if month != UNDATED and month < first})
    if not dry_run:
        parts.store.stories.drop_before(first, drop_texts)
        parts.index.drop_before(first)
    return result


def retain_as_set(parts: Parts) -> Retention | None:
    """``retain`` as the settings say; None where they say nothing: everything is kept."""
    if parts.settings.retention is None:
        return None
    return retain(parts, parts.settings.retention, parts.settings.drop_texts)


def first_kept(now: datetime, keep: int) -> str:
    """The first month to keep ("2012.11"), so many months before this one. Pure."""
    number = max(12 * now.year + now.month - 1 - keep, 12)
    return f"{number // 12:04}.{number % 12 + 1:02}"
