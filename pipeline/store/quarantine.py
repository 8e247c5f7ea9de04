"""What could not be processed, kept with its reason."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, select

from pipeline.models import Quarantined, Rejected
from pipeline.store import tables as t
from pipeline.store.clean import at_micros, clean_origin, clean_text, micros
from pipeline.store.codec import dump_origin, load_origin
from pipeline.store.rows import upsert

PAYLOAD_KEPT = 1_000_000  # bytes


def _key(*parts: bytes) -> bytes:
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def _keep(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    once = {row["dedupe"]: row for row in rows}
    upsert(connection, t.quarantine, [once[key] for key in sorted(once)], ("dedupe",))


def keep(connection: Connection, stage: str, rejected: Sequence[Rejected], now: datetime) -> None:
    """Keep rejected items; the same payload from the same place is kept once, with the latest reason."""
    rows = []
    for item in rejected:
        origin = clean_origin(item.origin)
        payload = item.payload[:PAYLOAD_KEPT]
        where = f"{stage}\x1f{origin.name}\x1f{origin.location}"
        rows.append(
            {
                "dedupe": _key(where.encode(), payload, b"" if payload else clean_text(item.part).encode()),
                "stage": stage,
                "subject": item.part,
                "reason": item.reason,
                "at": micros(now),
                "payload": payload,
                "origin": dump_origin(origin),
            }
        )
    _keep(connection, rows)


def keep_failed(
    connection: Connection, stage: str, failed: Sequence[tuple[int, str, str | None]], reason: str, now: datetime
) -> None:
    """Keep stored work that a stage gave up on: (subject id, uri, origin's JSON). Its text stays where it is."""
    _keep(
        connection,
        [
            {
                "dedupe": _key(f"{stage}\x1f{subject}".encode()),
                "stage": stage,
                "subject": uri,
                "reason": reason,
                "at": micros(now),
                "payload": b"",
                "origin": origin,
            }
            for subject, uri, origin in failed
        ],
    )


def latest(connection: Connection, limit: int) -> list[Quarantined]:
    """What is in quarantine, newest first."""
    q = t.quarantine.c
    columns = select(q.id, q.stage, q.subject, q.reason, q.at, q.payload, q.origin)
    return [
        Quarantined(
            id=row.id,
            stage=row.stage,
            subject=row.subject,
            reason=row.reason,
            at=at_micros(row.at),
            payload=row.payload,
            origin=None if row.origin is None else load_origin(row.origin),
        )
        for row in connection.execute(columns.order_by(q.at.desc(), q.id.desc()).limit(limit))
    ]
