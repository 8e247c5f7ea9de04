"""Claims, and what could not be processed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.models.story import Origin


class Stage(StrEnum):
    """The stages that claim work from the store, in the order of the walk."""

    ENRICH = "enrich"
    RELATE = "relate"
    INDEX = "index"
    ALERT = "alert"


PAYLOAD_KEPT = 1_000_000  # bytes of what is quarantined: of what is larger, the beginning only


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Something a stage could not process, kept with its reason until it is replayed or dropped."""

    id: int
    stage: str
    subject: str
    reason: str
    at: datetime
    payload: bytes
    origin: Origin | None = None
