"""Recording what the alert stage decided: matches, lines of the outbox, and the end of its tasks."""

from collections.abc import Sequence

from sqlalchemy import Connection

from pipeline.models import Delivery, Match, Stage
from pipeline.store.alerts.matches import save_matches
from pipeline.store.alerts.outbox import fill_outbox
from pipeline.store.queue.tasks import close_tasks


def record_alerted(
    connection: Connection, version_ids: Sequence[int], matches: Sequence[Match], deliveries: Sequence[Delivery]
) -> None:
    """Save matches and lines of the outbox, and close the takes' ALERT tasks."""
    save_matches(connection, matches)
    fill_outbox(connection, deliveries)
    close_tasks(connection, Stage.ALERT, version_ids)
