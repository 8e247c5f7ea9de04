"""Where servers' logs stay when the servers and their folders are gone: .cache/server-logs in the repository."""

import contextlib
import os
import time
from pathlib import Path

_KEPT = 40


def new_log(server: str) -> Path:
    """A path for the log of one ``server``; of the logs there, only the newest are kept."""
    folder = Path(__file__).parents[2] / ".cache" / "server-logs"
    folder.mkdir(parents=True, exist_ok=True)
    # Names begin with the time, so that their order is the order of the starts.
    for old in sorted(folder.glob("*.log"))[: -_KEPT + 1]:
        # A run beside this one may have removed it first.
        with contextlib.suppress(FileNotFoundError):
            old.unlink()
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
    return folder / f"{stamp}-{server}-{os.getpid()}-{time.monotonic_ns()}.log"
