"""Entities across stories, and operators' decisions about them: the port ``EntityStore``."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, or_, select, update

from pipeline.errors import NotFoundError
from pipeline.models import EntityDecision
from pipeline.store.db import tables as t
from pipeline.store.db.database import Database
from pipeline.store.db.epoch import to_epoch_us
from pipeline.store.db.json_codec import dump_strings
from pipeline.store.entities.decision_rules import EntityRules
from pipeline.store.entities.load_decisions import read_decisions
from pipeline.store.queue.tasks import open_silent_tagging

_d, _v = t.entity_decisions.c, t.versions.c
_encode = json.JSONEncoder().encode  # as the codec writes ids
_ESCAPE = str.maketrans({"%": "\\%", "_": "\\_", "\\": "\\\\"})


class SqlEntityStore:
    """See ``pipeline.ports.EntityStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def decide(self, decision: EntityDecision) -> EntityDecision:
        """Save a decision and open its stories for tagging, silently: one transaction. Saved twice, it stands once."""

        def work(connection: Connection) -> EntityDecision:
            same = next((one for one in read_decisions(connection) if _says_the_same(one, decision)), None)
            if same is not None:
                return same
            row: dict[str, Any] = {
                "kind": decision.kind,
                "entity_id": decision.entity_id,
                "into_id": decision.into_id,
                "name": decision.name,
                "type": decision.type,
                "uris": dump_strings(sorted(decision.uris)),
                "made_at": to_epoch_us(decision.made_at),
                "undone_at": None if decision.undone_at is None else to_epoch_us(decision.undone_at),
            }
            key = connection.execute(t.entity_decisions.insert().values(row).returning(_d.id)).scalar_one()
            _reopen(connection, decision)
            return replace(decision, id=key, uris=tuple(sorted(decision.uris)))

        return self._database.write(work)

    def undo(self, decision_id: int, now: datetime) -> EntityDecision:
        """Take a decision back and open its stories for tagging, silently. Raises NotFoundError."""

        def work(connection: Connection) -> EntityDecision:
            decision = next(
                (one for one in read_decisions(connection) if one.id == decision_id and not one.undone_at), None
            )
            if decision is None:
                raise NotFoundError(f"no decision {decision_id} stands; `wirewatch entity decisions` lists them")
            _reopen(connection, decision)
            connection.execute(
                update(t.entity_decisions).where(_d.id == decision_id).values(undone_at=to_epoch_us(now))
            )
            return replace(decision, undone_at=now)

        return self._database.write(work)

    def decisions(self) -> list[EntityDecision]:
        """Every decision in the order made, those taken back included."""
        with self._database.reading() as connection:
            return read_decisions(connection)


def _says_the_same(one: EntityDecision, other: EntityDecision) -> bool:
    if one.undone_at is not None or other.undone_at is not None:
        return (one.made_at, one.undone_at) == (other.made_at, other.undone_at) and one.entity_id == other.entity_id
    return (one.kind, one.entity_id, one.into_id, set(one.uris)) == (
        other.kind, other.entity_id, other.into_id, set(other.uris),
    )  # fmt: skip


def _reopen(connection: Connection, decision: EntityDecision) -> None:
    """Open the takes that carry either entity, or what it has become by other merges."""
    further = EntityRules(read_decisions(connection)).merged(decision.into_id)
    ids = (decision.entity_id, decision.into_id, further)
    open_silent_tagging(
        connection, or_(_v.id.in_(_carrying(t.enrichments, ids)), _v.id.in_(_carrying(t.mentions, ids)))
    )


def _carrying(table: Table, entity_ids: Sequence[str]) -> Select[tuple[int]]:
    """Takes whose row names one of these. Reads the whole table: decisions are rare, and an index of entities costs."""
    quoted = (_encode(entity_id).translate(_ESCAPE) for entity_id in entity_ids)
    return select(table.c.version_id).where(or_(*(table.c.data.like(f"%{text}%", escape="\\") for text in quoted)))
