"""Operators' decisions about entities, read back and applied to what is about to be recorded."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from pipeline.models import DecisionKind, Enrichment, EntityDecision, EntityType
from pipeline.store.db import tables as t
from pipeline.store.db.epoch import from_epoch_us
from pipeline.store.db.json_codec import load_strings
from pipeline.store.db.statements import chunks
from pipeline.store.entities.decision_rules import EntityRules

_d, _v = t.entity_decisions.c, t.versions.c


def decided(connection: Connection, enrichments: Mapping[int, Enrichment]) -> dict[int, Enrichment]:
    """The enrichments, by version id, as the decisions that stand have them."""
    rules = EntityRules(read_decisions(connection))
    if not rules:
        return dict(enrichments)
    uris: dict[int, str] = {}
    for some in chunks(sorted(enrichments)):
        joined = t.versions.join(t.items, t.items.c.id == _v.item_id)
        rows = connection.execute(select(_v.id, t.items.c.uri).select_from(joined).where(_v.id.in_(some)))
        uris |= {row.id: row.uri for row in rows}
    return {key: rules.applied(enrichment, uris.get(key, "")) for key, enrichment in enrichments.items()}


def read_decisions(connection: Connection) -> list[EntityDecision]:
    rows = connection.execute(select(t.entity_decisions).order_by(_d.id)).mappings()
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
