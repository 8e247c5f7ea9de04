"""What a subscription must be, whoever makes it: a command, a file or a web page."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.errors import UsageError
from pipeline.models import QuietHours, Subscription

_LONGEST_NAME = 200
_CHANNELS = 50


def check_subscription(made: Subscription) -> None:
    """Raises UsageError: what it says cannot be. Whether its query runs and its channels exist is not looked at."""
    if (made.query is None) == (made.follow is None):
        raise UsageError("give either a query or a story to follow")
    if made.query is not None and not made.query.strip():
        raise UsageError("the query is empty; `*` finds every story")
    if not made.channels:
        raise UsageError("say where messages are to go: one channel or more")
    if len(made.channels) > _CHANNELS:
        raise UsageError(f"a subscription may have {_CHANNELS} channels, not {len(made.channels)}")
    for what, text in (("name", made.name or "-"), ("owner", made.owner)):
        if not text.strip() or not text.isprintable() or len(text) > _LONGEST_NAME:
            raise UsageError(f"the {what} must be one line of at most {_LONGEST_NAME} printable characters")
    for channel in made.channels:
        if not channel.strip().isprintable():
            raise UsageError("a channel must be one line of printable characters")
    if not 0 <= made.closeness <= 1:
        raise UsageError(f"closeness must be from 0 to 1, not {made.closeness}")
    if made.look_back < timedelta(minutes=1):
        raise UsageError("look_back must be a minute or longer")
    if made.quiet is not None and made.quiet.start == made.quiet.end:
        raise UsageError("quiet hours that end when they begin would never end; to stop messages, pause it")
    for mute in made.mutes:
        if not mute.value.strip() or not mute.value.isprintable():
            raise UsageError(f"there is nothing to mute in the {mute.kind} {mute.value!r}")
    try:
        ZoneInfo(made.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"there is no time zone {made.timezone!r} (try Europe/Istanbul)") from error


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
