"""What operators decided about entities: that two names are one, or that one name is two."""

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
    """One decision, applied to all that tagging finds, in the order made. ``id`` is the store's; 0 before it is saved.

    name, type: what ``into_id`` is called and is. uris: the stories that a split is about. undone_at: when it was
    taken back; it is kept, and no longer applied.
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
