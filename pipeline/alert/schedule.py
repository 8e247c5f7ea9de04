"""When an outbox line is due: rhythms and quiet hours in the reader's local time, and retries. Decisions only."""

import hashlib
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.models import QuietHours, Rhythm, Subscription

DIGEST_TIME = time(8)  # local
TOGETHER = timedelta(minutes=2)  # what follows a message within this time is collected into one
_MONDAY = 0
_WAITS = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60)
)  # 46 h 21 min in all
_SPREAD = 0.1


def news_due(subscription: Subscription, now: datetime, grouped: bool = True) -> datetime:
    """When news that is decided now goes out to a subscription.

    Args:
        subscription: whose rhythm and quiet hours count.
        now: the present instant.
        grouped: it may share a message. Then, in the rhythm "at once", the first story goes out immediately and those
            of the next minutes together. So a burst of stories is two messages and not forty.
    """
    due = first_due(subscription.rhythm, subscription.timezone, now)
    served = subscription.served_at
    if grouped and subscription.rhythm is Rhythm.AT_ONCE and served is not None and served <= now:
        due = max(due, served + TOGETHER)
    return after_quiet(subscription.quiet, subscription.timezone, due)


def first_due(rhythm: Rhythm, timezone: str, now: datetime) -> datetime:
    """When something decided now goes out: at once, at the next full hour, at eight the next morning, next Monday.

    Args:
        rhythm: which of these.
        timezone: an IANA name. One that does not exist (any more) counts as UTC, so that it holds nothing up.
        now: the present instant.
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


def after_quiet(quiet: QuietHours | None, timezone: str, moment: datetime) -> datetime:
    """The moment itself, or the end of the quiet hours that it falls in.

    An end that the clocks skip is taken as the same time after the change; of one that comes twice, the first that is
    still ahead.
    """
    if quiet is None:
        return moment
    zone = _zone(timezone)
    local = moment.astimezone(zone)
    at = local.time()
    over_midnight = quiet.end <= quiet.start
    within = (at >= quiet.start or at < quiet.end) if over_midnight else quiet.start <= at < quiet.end
    if not within:
        return moment
    day = local.date() + timedelta(days=1 if over_midnight and at >= quiet.start else 0)
    ends = [datetime.combine(day, quiet.end.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1)]
    return next((end for end in ends if end > moment), moment)


def retry_due(failures: int, key: str, now: datetime) -> datetime | None:
    """When to try again; None when about two days of trying are over.

    Args:
        failures: how many there were, at least 1.
        key: spreads lines that failed together, always in the same way for the same line.
        now: the present instant.
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
