"""Times as the store keeps them: whole microseconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta
from typing import overload

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_utc(value: datetime) -> datetime:
    """Convert an instant to UTC.

    A time without a zone is taken as UTC. A time whose conversion would leave the calendar keeps its clock reading.
    """
    if value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return value.replace(tzinfo=UTC)


@overload
def to_epoch_us(value: datetime) -> int: ...
@overload
def to_epoch_us(value: datetime | None) -> int | None: ...
def to_epoch_us(value: datetime | None) -> int | None:
    """Convert an instant to whole microseconds since 1970, UTC. None stays None."""
    return None if value is None else (to_utc(value) - _EPOCH) // _MICROSECOND


@overload
def from_epoch_us(value: int) -> datetime: ...
@overload
def from_epoch_us(value: int | None) -> datetime | None: ...
def from_epoch_us(value: int | None) -> datetime | None:
    """Convert whole microseconds since 1970 to an instant in UTC. None stays None."""
    return None if value is None else _EPOCH + timedelta(microseconds=value)


def span_us(span: timedelta) -> int:
    """A length of time in whole microseconds."""
    return span // _MICROSECOND
