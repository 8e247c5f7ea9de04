"""A scheduler in a process of its own: matches and delivers what there is, then ends. Made to be killed.

    python -m tests.alert.delivery.faults_worker HOME SECONDS

SECONDS: how far its clock is ahead, so that nobody waits for leases and retries. Says ``ready`` before it begins.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline import Wirewatch
from pipeline.fetch.webhook_client import WebhookClient
from pipeline.settings import load_settings


class AheadClock:
    """The system's clock, so much ahead."""

    def __init__(self, ahead: timedelta) -> None:
        self._ahead = ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead


def main(home: Path, seconds: float) -> None:
    """Work until nothing is left that is due."""
    settings = load_settings({**os.environ, "WIREWATCH_HOME": str(home)})
    with Wirewatch.open(settings, AheadClock(timedelta(seconds=seconds))) as wirewatch:
        wirewatch.adapters.webhook_client = WebhookClient(allow_private=True, seconds=0.4)
        wirewatch.adapters.store.work.workers()
        print("ready", flush=True)
        wirewatch.stages.free_abandoned_claims()
        wirewatch.stages.match()
        wirewatch.stages.deliver()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
