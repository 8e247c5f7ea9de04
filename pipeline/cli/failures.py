"""The error of a command that did some of its work: what failed goes to stderr, and into the exit status."""

from collections.abc import Sequence

from pipeline.errors import WirewatchError

_SHOWN = 20


class Failures(WirewatchError):
    """Some items failed, and the others are done.

    Attributes:
        status: The exit status: 2 if nothing at all was recorded, else 1.
    """

    def __init__(self, failures: Sequence[str], nothing_recorded: bool) -> None:
        self.status = 2 if nothing_recorded else 1
        shown = [*failures[:_SHOWN], *([f"and {len(failures) - _SHOWN} more"] if len(failures) > _SHOWN else [])]
        counted = f"{len(failures)} item{'s' if len(failures) != 1 else ''} failed:"
        super().__init__(shown[0] if len(failures) == 1 else "\n  ".join([counted, *shown]))
