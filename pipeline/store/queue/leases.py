"""Claims with leases, as columns of a row: who has it, since when and until when."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, or_

from pipeline.store.db.epoch import span_us, to_epoch_us

UNCLAIMED: dict[str, None] = {"owner": None, "claimed_at": None, "lease_until": None}


def claim_values(worker: str, now: datetime, lease: timedelta) -> dict[str, Any]:
    """The columns of a row that a worker has just claimed for the time of a lease."""
    claimed_at = to_epoch_us(now)
    return {"owner": worker, "claimed_at": claimed_at, "lease_until": claimed_at + span_us(lease)}


def is_free(table: FromClause, now: datetime, lease: timedelta) -> ColumnElement[bool]:
    """Whether a row is unclaimed, or its claim no longer holds.

    A claim no longer holds once its lease has run out, or if it was made further in the future than a lease lasts:
    that only happens where the clock has been set back.
    """
    claimed_at, lease_until, at = table.c.claimed_at, table.c.lease_until, to_epoch_us(now)
    return or_(lease_until.is_(None), lease_until <= at, claimed_at > at + span_us(lease))
