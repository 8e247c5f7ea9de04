"""The real clock."""

from datetime import UTC, datetime


class SystemClock:
    """The machine's time, UTC."""

    def now(self) -> datetime:
        """The current instant."""
        return datetime.now(UTC)
