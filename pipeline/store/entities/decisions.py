"""Operators' decisions about entities as rows of the store, and what they apply to."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, insert, or_, select, update

from pipeline.models import DecisionKind, Enrichment, EntityDecision, EntityType
from pipeline.store.db import tables as t
from pipeline.store.db.epoch import from_epoch_us, to_epoch_us
from pipeline.store.db.json_codec import dump_strings, load_strings
from pipeline.store.db.statements import chunks
from pipeline.store.entities.decision_rules import DecisionRules
from pipeline.store.queue.tasks import open_silent_tagging

_DECISIONS, _VERSIONS = t.entity_decisions.c, t.versions.c
_encode = json.JSONEncoder().encode  # as json_codec writes ids
_ESCAPE = str.maketrans({"%": "\\%", "_": "\\_", "\\": "\\\\"})


def load_decisions(connection: Connection) -> list[EntityDecision]:
    """Every decision in the order in which they were made, those taken back included."""
    rows = connection.execute(select(t.entity_decisions).order_by(_DECISIONS.id)).mappings()
    return [
        EntityDecision(
            id=row["id"],
            kind=DecisionKind(row["kind"]),
            entity_id=row["entity_id"],
            into_id=row["into_id"],
            name=row["name"],
            type=EntityType(row["type"]),
            uris=load_strings(row["uris"]),
            made_at=from_epoch_us(row["made_at"]),
            undone_at=from_epoch_us(row["undone_at"]),
        )
        for row in rows
    ]


def insert_decision(connection: Connection, decision: EntityDecision) -> int:
    """Save a decision; its number."""
    row: dict[str, Any] = {
        "kind": decision.kind,
        "entity_id": decision.entity_id,
        "into_id": decision.into_id,
        "name": decision.name,
        "type": decision.type,
        "uris": dump_strings(sorted(decision.uris)),
        "made_at": to_epoch_us(decision.made_at),
        "undone_at": to_epoch_us(decision.undone_at),
    }
    statement = insert(t.entity_decisions).values(row).returning(_DECISIONS.id)
    number: int = connection.execute(statement).scalar_one()
    return number


def mark_undone(connection: Connection, decision_id: int, at: datetime) -> None:
    """Note that a decision was taken back."""
    statement = update(t.entity_decisions).where(_DECISIONS.id == decision_id)
    connection.execute(statement.values(undone_at=to_epoch_us(at)))


def apply_decisions(connection: Connection, enrichments: Mapping[int, Enrichment]) -> dict[int, Enrichment]:
    """Apply the decisions that hold to enrichments. Both are by version id."""
    rules = DecisionRules(load_decisions(connection))
    if not rules:
        return dict(enrichments)
    uris: dict[int, str] = {}
    with_uri = select(_VERSIONS.id, t.items.c.uri).select_from(
        t.versions.join(t.items, t.items.c.id == _VERSIONS.item_id)
    )
    for chunk in chunks(sorted(enrichments)):
        uris |= {row.id: row.uri for row in connection.execute(with_uri.where(_VERSIONS.id.in_(chunk)))}
    return {
        version_id: rules.apply(enrichment, uris.get(version_id, "")) for version_id, enrichment in enrichments.items()
    }


# --------------------------------------------------------------------------- the takes that a decision is about


def open_tagging_for(connection: Connection, decision: EntityDecision) -> None:
    """Open the takes for tagging, silently, that carry either entity of a decision, or what it became by merges."""
    merged_id = DecisionRules(load_decisions(connection)).merged_id(decision.into_id)
    ids = (decision.entity_id, decision.into_id, merged_id)
    in_either = or_(_VERSIONS.id.in_(_takes_with(t.enrichments, ids)), _VERSIONS.id.in_(_takes_with(t.mentions, ids)))
    open_silent_tagging(connection, in_either)


def _takes_with(table: Table, entity_ids: Sequence[str]) -> Select[tuple[int]]:
    """Takes whose row names one of these. It reads the whole table: decisions are rare, an index of entities costs."""
    quoted = (_encode(entity_id).translate(_ESCAPE) for entity_id in entity_ids)
    return select(table.c.version_id).where(or_(*(table.c.data.like(f"%{text}%", escape="\\") for text in quoted)))
