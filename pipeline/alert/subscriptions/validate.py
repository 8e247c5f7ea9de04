"""What a subscription must be, whoever makes it: a command, a file or a web page."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.errors import UsageError
from pipeline.models import QuietHours, Subscription

_LONGEST_NAME = 200
_CHANNELS = 50


def check_subscription(subscription: Subscription) -> None:
    """Check a subscription; whether its query runs and its channels exist is checked elsewhere.

    Raises:
        UsageError: with what is wrong.
    """
    if (subscription.query is None) == (subscription.follow is None):
        raise UsageError("give either a query or a story to follow")
    if subscription.query is not None and not subscription.query.strip():
        raise UsageError("the query is empty; `*` finds every story")
    if not subscription.channels:
        raise UsageError("say where messages are to go: one channel or more")
    if len(subscription.channels) > _CHANNELS:
        raise UsageError(f"a subscription may have {_CHANNELS} channels, not {len(subscription.channels)}")
    for what, text in (("name", subscription.name or "-"), ("owner", subscription.owner)):
        if not text.strip() or not text.isprintable() or len(text) > _LONGEST_NAME:
            raise UsageError(f"the {what} must be one line of at most {_LONGEST_NAME} printable characters")
    for channel in subscription.channels:
        if not channel.strip().isprintable():
            raise UsageError("a channel must be one line of printable characters")
    if not 0 <= subscription.closeness <= 1:
        raise UsageError(f"closeness must be from 0 to 1, not {subscription.closeness}")
    if subscription.look_back < timedelta(minutes=1):
        raise UsageError("look_back must be a minute or longer")
    if subscription.quiet is not None and subscription.quiet.start == subscription.quiet.end:
        raise UsageError("quiet hours that end when they begin would never end; to stop messages, pause it")
    for mute in subscription.mutes:
        if not mute.value.strip() or not mute.value.isprintable():
            raise UsageError(f"there is nothing to mute in the {mute.kind} {mute.value!r}")
    try:
        ZoneInfo(subscription.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"there is no time zone {subscription.timezone!r} (try Europe/Istanbul)") from error


def quiet_hours(text: str) -> QuietHours:
    """``22:00-07:00``. Raises ValueError."""
    start, _, end = text.strip().partition("-")
    try:
        return QuietHours(_time(start), _time(end))
    except ValueError as error:
        raise ValueError(f"{text!r} are no quiet hours; write them like 22:00-07:00") from error


def _time(text: str) -> time:
    hour, colon, minute = text.strip().partition(":")
    if not (colon and hour.isdecimal() and minute.isdecimal() and len(minute) == 2):
        raise ValueError(text)
    return time(int(hour), int(minute))
