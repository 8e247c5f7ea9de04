"""What keeps subscriptions from working: a query that cannot be run, or a channel that takes nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, select, update

from pipeline.models import Delivery, Problem
from pipeline.store.alerts.outbox import fill_outbox
from pipeline.store.alerts.rows import problem_of
from pipeline.store.db import alert_tables as ta
from pipeline.store.db.epoch import to_epoch_us

_PROBLEMS = ta.problems.c


def begin_problem(connection: Connection, problem: Problem, notices: Sequence[Delivery]) -> bool:
    """Note a problem and put its notices into the outbox, unless the same problem lasts already.

    Returns:
        Whether it was noted.
    """
    same = select(_PROBLEMS.id).where(_lasts(problem.subscription_id, problem.channel)).limit(1)
    if connection.execute(same).first() is not None:
        return False
    row = {
        "subscription_id": problem.subscription_id,
        "channel": problem.channel,
        "reason": problem.reason,
        "since": to_epoch_us(problem.since),
    }
    problem_id: int = connection.execute(insert(ta.problems).values(**row).returning(_PROBLEMS.id)).scalar_one()
    lines = [replace(notice, version_id=problem_id, key=f"{notice.key}{problem_id}") for notice in notices]
    fill_outbox(connection, lines)
    return True


def end_problem(connection: Connection, subscription_id: int, channel: str | None, now: datetime) -> None:
    """Note that the query (``channel`` None), or the channel, works again."""
    lasting = update(ta.problems).where(_lasts(subscription_id, channel))
    connection.execute(lasting.values(until=to_epoch_us(now)))


def end_query_problems(connection: Connection, subscription_id: int) -> None:
    """End the problem with a query that was replaced. It counts as over from its start."""
    lasting = update(ta.problems).where(_lasts(subscription_id, None))
    connection.execute(lasting.values(until=_PROBLEMS.since))


def load_problems(connection: Connection, ids: Sequence[int] | None) -> list[Problem]:
    """Those that last (``ids`` None); or these, whether they last or not. Oldest first."""
    condition = _PROBLEMS.until.is_(None) if ids is None else _PROBLEMS.id.in_(sorted(ids))
    rows = connection.execute(select(ta.problems).where(condition).order_by(_PROBLEMS.id))
    return [problem_of(row) for row in rows]


def _lasts(subscription_id: int, channel: str | None) -> ColumnElement[bool]:
    """Whether a problem is this subscription's with the channel (None: with its query), and lasts."""
    is_about = _PROBLEMS.channel.is_(None) if channel is None else _PROBLEMS.channel == channel
    return (_PROBLEMS.subscription_id == subscription_id) & _PROBLEMS.until.is_(None) & is_about
