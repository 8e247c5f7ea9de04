"""How long work tells whoever waits for it how far it is."""

from typing import Protocol


class Progress(Protocol):
    """Told by the walk as it goes."""

    def advance(self, stage: str, done: int, total: int | None = None) -> None:
        """``done`` more items of a stage are finished; total: how many there will be in all, where known."""


class Silent:
    """Progress for callers that do not show any."""

    def advance(self, stage: str, done: int, total: int | None = None) -> None:
        """Shows nothing."""
