"""Which times a publisher's word is taken for."""

from datetime import UTC, datetime, timedelta

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=2)  # clocks that go wrong and hand-typed days; a later date is no date of publication


def plausible_time(moment: datetime | None, fetched_at: datetime) -> datetime | None:
    """Return the moment, or None where it cannot be a time of publication: before 1900, or over two days ahead.

    Args:
        moment: A time with a zone, or None.
        fetched_at: When the document came in.
    """
    return moment if moment is not None and EARLIEST <= moment <= fetched_at + AHEAD else None
