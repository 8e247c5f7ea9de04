"""How work that takes long shows whoever waits for it how far it is."""

from typing import Final, Protocol


class Progress(Protocol):
    """Shown by the stages as they work: bars on a terminal, a counter in a test."""

    def advance(self, stage: str, done: int, total: int | None = None) -> None:
        """Count finished items.

        Args:
            stage: What they were finished in: "fetch", "enrich" ...
            done: How many more are finished.
            total: How many there will be in all; None where that is not known.
        """


class _Silent:
    def advance(self, stage: str, done: int, total: int | None = None) -> None:
        """Show nothing."""


SILENT: Final[Progress] = _Silent()
