"""The stages that claim work, and what could not be processed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.models.story import Origin


class Stage(StrEnum):
    """The stages that claim work from the store, in their order."""

    ENRICH = "enrich"
    RELATE = "relate"
    INDEX = "index"
    ALERT = "alert"


PAYLOAD_KEPT = 1_000_000  # bytes of what is quarantined; of what is larger, the beginning only


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Something that a stage could not process. It is kept until it is replayed or discharged.

    Attributes:
        id: The entry's number.
        stage: The stage that could not process it.
        subject: What it is: part of a document ("line 17"), or the uri of a stored story.
        reason: Why it could not be processed.
        at: When that was.
        payload: The bytes, cut at ``PAYLOAD_KEPT``; empty for a stored story, whose text is in the store.
        origin: Where it came from, if that is known.
    """

    id: int
    stage: str
    subject: str
    reason: str
    at: datetime
    payload: bytes
    origin: Origin | None = None
