"""Open work: one row per task. A task that is done is a deleted row.

ENRICH, RELATE and ALERT are tasks on a take; INDEX is one on a lineage, see ``index_tasks``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, delete, func, literal, or_, select
from sqlalchemy import cast as as_type
from sqlalchemy.dialects import postgresql, sqlite

from pipeline.models import Stage, Status, TakeState
from pipeline.store.db import tables as t
from pipeline.store.db.statements import chunks
from pipeline.store.stories.kept_months import kept, texts_from

UNDATED = 2**62  # in order_at: sorts after every date


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A take's open task.

    Attributes:
        subject: The take.
        lineage: Its lineage.
        silent: Whether no alert is to follow.
        tagged: Whether the take was tagged before.
        backfill: Whether the take came by a backfill.
        sent_at: When its publisher sent it, microseconds since 1970; None where undated.
    """

    subject: int
    lineage: int
    silent: bool
    tagged: bool
    backfill: bool
    sent_at: int | None


def task_row(stage: Stage, subject: int, lineage: int, sent_at: int | None, silent: bool = False) -> dict[str, Any]:
    """A row of open work.

    Args:
        stage: The stage that is to do it.
        subject: The take, or for INDEX the lineage.
        lineage: The lineage.
        sent_at: Microseconds since 1970. Tasks are claimed in this order, undated ones last.
        silent: Whether no alert is to follow.
    """
    return {
        "stage": stage,
        "subject": subject,
        "lineage": lineage,
        "order_at": UNDATED if sent_at is None else sent_at,
        "silent": silent,
    }


def load_open_tasks(connection: Connection, stage: Stage, version_ids: Iterable[int]) -> dict[int, OpenTask]:
    """Read the open tasks of a stage on these takes, by take.

    A take that is missing has no open task: an outcome for it comes too late, and another worker's stands.
    """
    versions, tasks = t.versions.c, t.tasks.c
    sent_at = func.coalesce(versions.updated_at, versions.published_at)
    columns = select(tasks.subject, tasks.lineage, tasks.silent, versions.tagged, versions.backfill, sent_at)
    statement = columns.select_from(t.tasks.join(t.versions, versions.id == tasks.subject))
    open_tasks: dict[int, OpenTask] = {}
    for chunk in chunks(set(version_ids)):
        for row in connection.execute(statement.where(tasks.stage == stage, tasks.subject.in_(chunk))):
            open_tasks[row[0]] = OpenTask(*row)
    return open_tasks


def close_tasks(connection: Connection, stage: Stage, subjects: Iterable[int]) -> None:
    """Close the tasks of a stage on these takes or lineages."""
    for chunk in chunks(sorted(subjects)):
        connection.execute(delete(t.tasks).where(t.tasks.c.stage == stage, t.tasks.c.subject.in_(chunk)))


def count_tasks(connection: Connection, stage: Stage) -> int:
    """How many tasks of a stage are open, claimed ones included."""
    statement = select(func.count()).select_from(t.tasks).where(t.tasks.c.stage == stage)
    return connection.execute(statement).scalar_one()


def open_silent_tagging(connection: Connection, *where: ColumnElement[bool]) -> None:
    """Open ENRICH again, silently, for takes that may be shown and whose texts are kept.

    Args:
        connection: The transaction.
        where: Conditions on ``versions`` and ``lineages`` that say which takes are meant.
    """
    versions, lineages = t.versions.c, t.lineages.c
    order_at = func.coalesce(versions.updated_at, versions.published_at, literal(UNDATED, BigInteger))
    silent = as_type(literal(True), t.tasks.c.silent.type)
    has_text = or_(lineages.month.is_(None), kept(texts_from(connection)))
    usable = (
        select(literal(Stage.ENRICH.value), versions.id, versions.lineage, order_at, silent)
        .select_from(t.versions.join(t.lineages, lineages.id == versions.lineage))
        .where(versions.state == TakeState.USABLE, lineages.status == Status.USABLE, has_text, *where)
    )
    columns = ["stage", "subject", "lineage", "order_at", "silent"]
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(t.tasks).from_select(columns, usable).on_conflict_do_nothing())
