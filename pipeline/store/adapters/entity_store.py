"""Operators' decisions about entities: the port ``EntityStore``."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from pipeline.errors import NotFoundError
from pipeline.models import EntityDecision
from pipeline.store.db.database import Database
from pipeline.store.entities.decisions import insert_decision, load_decisions, mark_undone, open_tagging_for


class SqlEntityStore:
    """See ``pipeline.ports.EntityStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def decide(self, decision: EntityDecision) -> EntityDecision:
        """See ``pipeline.ports.EntityStore.decide``."""

        def save(connection: Connection) -> EntityDecision:
            for saved in load_decisions(connection):
                if _is_same(saved, decision):
                    return saved
            number = insert_decision(connection, decision)
            open_tagging_for(connection, decision)
            return replace(decision, id=number, uris=tuple(sorted(decision.uris)))

        return self._database.write(save)

    def undo(self, decision_id: int, now: datetime) -> EntityDecision:
        """See ``pipeline.ports.EntityStore.undo``."""

        def take_back(connection: Connection) -> EntityDecision:
            holding = (decision for decision in load_decisions(connection) if not decision.undone_at)
            decision = next((decision for decision in holding if decision.id == decision_id), None)
            if decision is None:
                raise NotFoundError(f"no decision {decision_id} stands; `wirewatch entity decisions` lists them")
            open_tagging_for(connection, decision)
            mark_undone(connection, decision_id, now)
            return replace(decision, undone_at=now)

        return self._database.write(take_back)

    def decisions(self) -> list[EntityDecision]:
        """See ``pipeline.ports.EntityStore.decisions``."""
        with self._database.reading() as connection:
            return load_decisions(connection)


def _is_same(saved: EntityDecision, decision: EntityDecision) -> bool:
    """Whether a decision is saved already. Those taken back are the same only if made and taken back together."""
    if saved.undone_at is not None or decision.undone_at is not None:
        times = (saved.made_at, saved.undone_at) == (decision.made_at, decision.undone_at)
        return times and saved.entity_id == decision.entity_id
    return (
        saved.kind is decision.kind
        and (saved.entity_id, saved.into_id) == (decision.entity_id, decision.into_id)
        and set(saved.uris) == set(decision.uris)
    )
