"""What operators decided about entities: that two names are one entity, or that one name is two."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.models.enrichment import EntityType


class DecisionKind(StrEnum):
    """What a decision does."""

    MERGE = "merge"  # entity_id is into_id, everywhere
    SPLIT = "split"  # in these stories, entity_id is into_id


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityDecision:
    """One decision. Decisions are applied to all that tagging finds, in the order in which they were made.

    Attributes:
        id: The store's number; 0 before it is saved.
        kind: Whether it merges or splits.
        entity_id: The entity that is decided about.
        into_id: The entity that it is, everywhere (merge) or in some stories (split).
        name: The canonical name of ``into_id``.
        type: The type of ``into_id``.
        uris: The stories that a split is about.
        made_at: When it was made.
        undone_at: When it was taken back: it is kept, and no longer applied. None while it holds.
    """

    id: int = 0
    kind: DecisionKind
    entity_id: str
    into_id: str
    name: str
    type: EntityType
    uris: tuple[str, ...] = ()
    made_at: datetime
    undone_at: datetime | None = None
