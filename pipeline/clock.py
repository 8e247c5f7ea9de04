"""The real clock."""

from datetime import UTC, datetime


class SystemClock:
    """The machine's time, UTC."""

    def now(self) -> datetime:
        """See ``pipeline.ports.Clock.now``."""
        return datetime.now(UTC)
