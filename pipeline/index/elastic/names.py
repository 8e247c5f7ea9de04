"""The names of indices, aliases and templates."""

import re
from dataclasses import dataclass

UNDATED = "undated"
"""Stands for the month of stories without one."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one installation.

    Attributes:
        prefix: of all names, so that several installations may share a cluster.
    """

    prefix: str = "wire"

    @property
    def usable(self) -> str:
        """The alias of what readers may see."""
        return f"{self.prefix}-stories"

    @property
    def all(self) -> str:
        """The alias of every document."""
        return f"{self.prefix}-stories-all"

    @property
    def next(self) -> str:
        """The alias of what a rebuild fills."""
        return f"{self.prefix}-stories-next"

    @property
    def template(self) -> str:
        """The index template, and the component template that it is made of."""
        return f"{self.prefix}-stories"

    @property
    def own_settings(self) -> str:
        """A component template that operators may make: it goes over ours (shards, replicas, lifecycle)."""
        return f"{self.prefix}-stories@custom"

    @property
    def matching(self) -> str:
        """The template of the indices that matching works in."""
        return f"{self.prefix}-matching"

    @property
    def feeds(self) -> str:
        """The index of how the feeds are doing, and its template."""
        return f"{self.prefix}-feeds"

    @property
    def queries(self) -> str:
        """How the names of indices with stored queries begin."""
        return f"{self.prefix}-queries"

    @property
    def batches(self) -> str:
        """How the names of indices with batches of stories begin."""
        return f"{self.prefix}-batches"

    def index(self, month: str, generation: int) -> str:
        """wire-stories-2017.11, and wire-stories-2017.11-r2 from the second generation on."""
        return f"{self.usable}-{month}" + (f"-r{generation}" if generation > 1 else "")

    def read(self, index: str) -> tuple[str, int] | None:
        """Month and generation of an index; None for a name that ``index`` does not make."""
        match = re.fullmatch(rf"{re.escape(self.usable)}-([0-9]{{4}}\.[0-9]{{2}}|{UNDATED})(?:-r([0-9]+))?", index)
        return (match[1], int(match[2] or 1)) if match else None
