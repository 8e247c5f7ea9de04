"""What could not be processed, kept with its reason."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from pipeline.errors import NotFoundError
from pipeline.models import Quarantined, Rejected
from pipeline.models.work import PAYLOAD_KEPT
from pipeline.store.db import tables as t
from pipeline.store.db.epoch import from_epoch_us, to_epoch_us
from pipeline.store.db.json_codec import dump_origin, load_origin
from pipeline.store.db.sanitize import clean_origin, clean_text
from pipeline.store.db.statements import chunks, upsert


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
                "at": to_epoch_us(now),
                "payload": payload,
                "origin": dump_origin(origin),
                "work": None,
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
                "at": to_epoch_us(now),
                "payload": b"",
                "origin": origin,
                "work": subject,
            }
            for subject, uri, origin in failed
        ],
    )


def latest(connection: Connection, limit: int) -> list[Quarantined]:
    """What is in quarantine, newest first."""
    return [_entry(row) for row in connection.execute(_ENTRIES.order_by(_q.at.desc(), _q.id.desc()).limit(limit))]


def entries(connection: Connection, ids: Sequence[int] | None) -> list[Quarantined]:
    """These, or everything that is in quarantine, oldest first. Raises NotFoundError for an id that is not."""
    if ids is None:
        return [_entry(row) for row in connection.execute(_ENTRIES.order_by(_q.id))]
    found: list[Quarantined] = []
    for some in chunks(sorted(set(ids))):
        found += [_entry(row) for row in connection.execute(_ENTRIES.where(_q.id.in_(some)).order_by(_q.id))]
    missing = set(ids) - {entry.id for entry in found}
    if missing:
        raise NotFoundError(f"there is no entry {min(missing)} in quarantine; `wirewatch quarantine` lists them")
    return found


def discharge(connection: Connection, ids: Iterable[int]) -> None:
    """Take entries out of quarantine."""
    for some in chunks(sorted(ids)):
        connection.execute(delete(t.quarantine).where(_q.id.in_(some)))


def failed_work(connection: Connection, ids: Iterable[int]) -> dict[str, list[int]]:
    """Stage -> the subjects that entries stand for."""
    found: dict[str, list[int]] = {}
    for some in chunks(sorted(ids)):
        for stage, subject in connection.execute(select(_q.stage, _q.work).where(_q.id.in_(some))):
            found.setdefault(stage, []).append(subject)
    return found


def _entry(row: Row[int, str, str, str, int, bytes, str | None]) -> Quarantined:
    return Quarantined(
        id=row.id,
        stage=row.stage,
        subject=row.subject,
        reason=row.reason,
        at=from_epoch_us(row.at),
        payload=row.payload,
        origin=None if row.origin is None else load_origin(row.origin),
    )


_q = t.quarantine.c
_ENTRIES = select(_q.id, _q.stage, _q.subject, _q.reason, _q.at, _q.payload, _q.origin)
