"""The embedded engine: tantivy in a folder, one writer behind a lock that waits, readers in any process.

    index/
      current.json       which generation is searched, and the version of its layout; replaced atomically
      write.lock         held for one batch at a time
      rebuild.lock       held for a whole rebuild
      g-000001/          a tantivy index

A write is committed when it returns; a process killed in the middle of one leaves the commit before it, and its locks
end with it. A rebuild fills the next generation while the current one is searched; what is written meanwhile goes into
both.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.ports import Clock, SearchIndex


def open_embedded(path: Path, clock: "Clock | None" = None, wait: float = 600.0) -> "SearchIndex":
    """The embedded engine in a folder, which is made at the first write. clock: what ``now`` in a query means.

    wait: seconds that a write waits for another process's. The engine itself is loaded when it is first used.
    """
    from pipeline.index.embedded.engine import EmbeddedIndex

    return EmbeddedIndex(path, clock, wait)
