"""When an outbox line is due: rhythms in the reader's local time, and retries. Decisions only."""

import hashlib
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.models import Rhythm

DIGEST_TIME = time(8)  # local
_MONDAY = 0
_WAITS = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60)
)  # 46 h 21 min in all
_SPREAD = 0.1


def first_due(rhythm: Rhythm, timezone: str, now: datetime) -> datetime:
    """When something decided now goes out: at once, at the next full hour, at eight the next morning, next Monday.

    timezone: an IANA name; one that does not exist (any more) counts as UTC, so that nothing is held up by it.
    """
    local = now.astimezone(_zone(timezone))
    match rhythm:
        case Rhythm.AT_ONCE:
            return now
        case Rhythm.HOURLY:
            into_the_hour = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
            return now + timedelta(hours=1) - into_the_hour
        case Rhythm.DAILY:
            return _morning(local, days=0 if local.time() < DIGEST_TIME else 1)
        case Rhythm.WEEKLY:
            days = (_MONDAY - local.weekday()) % 7
            return _morning(local, days if days or local.time() < DIGEST_TIME else 7)


def retry_due(failures: int, key: str, now: datetime) -> datetime | None:
    """When to try again after so many failures (at least 1); None when about two days of trying are over.

    key: spreads lines that failed together, always in the same way for the same line.
    """
    if failures > len(_WAITS):
        return None
    share = int.from_bytes(hashlib.sha256(key.encode("utf-8")).digest()[:4]) / 2**32
    return now + _WAITS[failures - 1] * (1 + _SPREAD * share)


def _morning(local: datetime, days: int) -> datetime:
    day = local.date() + timedelta(days=days)
    return datetime.combine(day, DIGEST_TIME, local.tzinfo).astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
