"""Embargoes that end, and takes that expire."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from pipeline.models import TakeState
from pipeline.store.db import tables as t
from pipeline.store.db.epoch import to_epoch_us
from pipeline.store.lineage.lineage_state import load_states
from pipeline.store.lineage.refresh import refresh_lineages


def is_any_due(connection: Connection, now: datetime) -> bool:
    """Whether an embargo has ended or a take has expired, and that is not noted yet."""
    statement = select(t.versions.c.id).where(_is_released(now) | _is_expired(now)).limit(1)
    return connection.execute(statement).first() is not None


def release_due_takes(connection: Connection, now: datetime) -> list[int]:
    """Make takes whose embargo has ended usable, and expire those whose time is over. Returns their lineages."""
    due = select(t.versions.c.lineage).where(_is_released(now) | _is_expired(now))
    lineages = sorted(set(connection.execute(due).scalars()))
    connection.execute(update(t.versions).where(_is_expired(now)).values(state=TakeState.EXPIRED))
    connection.execute(update(t.versions).where(_is_released(now)).values(state=TakeState.USABLE))
    states = load_states(connection, lineages)
    refresh_lineages(connection, [states[lineage] for lineage in lineages], recompared=lineages)
    return lineages


def _is_released(now: datetime) -> ColumnElement[bool]:
    versions = t.versions.c
    return (versions.state == TakeState.WITHHELD) & (versions.release_at <= to_epoch_us(now))


def _is_expired(now: datetime) -> ColumnElement[bool]:
    versions = t.versions.c
    return versions.state.in_((TakeState.USABLE, TakeState.WITHHELD)) & (versions.expires_at <= to_epoch_us(now))
