"""How long work tells whoever waits for it how far it is."""

from typing import Final, Protocol


class Progress(Protocol):
    """Told by the walk as it goes."""

    def advance(self, stage: str, done: int, total: int | None = None) -> None:
        """``done`` more items of a stage are finished; total: how many there will be in all, where known."""


class _Silent:
    def advance(self, stage: str, done: int, total: int | None = None) -> None:
        """Shows nothing."""


SILENT: Final[Progress] = _Silent()
