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

_ENTRIES = select(
    t.quarantine.c.id,
    t.quarantine.c.stage,
    t.quarantine.c.subject,
    t.quarantine.c.reason,
    t.quarantine.c.at,
    t.quarantine.c.payload,
    t.quarantine.c.origin,
)


def quarantine_rejected(connection: Connection, stage: str, rejected: Sequence[Rejected], now: datetime) -> None:
    """Keep rejected items. The same payload from the same place is kept once, with the latest reason."""
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
    _save_entries(connection, rows)


def quarantine_work(
    connection: Connection, stage: str, failed: Sequence[tuple[int, str, str | None]], reason: str, now: datetime
) -> None:
    """Keep stored work that a stage gave up on. Its text stays where it is.

    Args:
        connection: The transaction.
        stage: The stage that gave up.
        failed: (take, or for INDEX lineage; its uri; its origin as JSON).
        reason: Why it gave up.
        now: The time.
    """
    rows = [
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
    ]
    _save_entries(connection, rows)


def load_latest(connection: Connection, limit: int) -> list[Quarantined]:
    """What is in quarantine, newest first."""
    newest_first = _ENTRIES.order_by(t.quarantine.c.at.desc(), t.quarantine.c.id.desc())
    return [_entry(row) for row in connection.execute(newest_first.limit(limit))]


def load_entries(connection: Connection, ids: Sequence[int] | None) -> list[Quarantined]:
    """These entries, or (None) everything that is in quarantine, oldest first.

    Raises:
        NotFoundError: One of the ids is not in quarantine.
    """
    oldest_first = _ENTRIES.order_by(t.quarantine.c.id)
    if ids is None:
        return [_entry(row) for row in connection.execute(oldest_first)]
    entries: list[Quarantined] = []
    for chunk in chunks(sorted(set(ids))):
        entries += [_entry(row) for row in connection.execute(oldest_first.where(t.quarantine.c.id.in_(chunk)))]
    missing = set(ids) - {entry.id for entry in entries}
    if missing:
        raise NotFoundError(f"there is no entry {min(missing)} in quarantine; `wirewatch quarantine` lists them")
    return entries


def delete_entries(connection: Connection, ids: Iterable[int]) -> None:
    """Take entries out of quarantine."""
    for chunk in chunks(sorted(ids)):
        connection.execute(delete(t.quarantine).where(t.quarantine.c.id.in_(chunk)))


def load_failed_work(connection: Connection, ids: Iterable[int]) -> dict[str, list[int]]:
    """Stage -> the takes (for INDEX: the lineages) that these entries stand for."""
    entries = t.quarantine.c
    failed: dict[str, list[int]] = {}
    for chunk in chunks(sorted(ids)):
        for stage, subject in connection.execute(select(entries.stage, entries.work).where(entries.id.in_(chunk))):
            failed.setdefault(stage, []).append(subject)
    return failed


def _key(*parts: bytes) -> bytes:
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def _save_entries(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    by_key = {row["dedupe"]: row for row in rows}
    upsert(connection, t.quarantine, [by_key[key] for key in sorted(by_key)], ("dedupe",))


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
