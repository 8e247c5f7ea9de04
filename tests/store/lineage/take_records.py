"""Take records with defaults, for the pure decisions about takes."""

from dataclasses import replace

from pipeline.models import TakeKind, TakeState
from pipeline.store.lineage.take_record import TakeRecord


def take(version: int | None = None, content: str = "a", uri: str = "u", **fields: object) -> TakeRecord:
    at = fields.pop("at", version)
    record = TakeRecord(
        version_id=0,
        uri=uri,
        publisher_version=version,
        published_at=None,
        updated_at=at,  # type: ignore[arg-type]
        fetched_at=0,
        kind=TakeKind.FIRST,
        number=None,
        state=TakeState.USABLE,
        content=content.encode(),
    )
    return replace(record, **fields)  # type: ignore[arg-type]
