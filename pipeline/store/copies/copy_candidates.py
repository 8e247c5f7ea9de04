"""Takes that may carry the same text as others: found by the bands that their signatures share."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from pipeline.models import Status, TakeState
from pipeline.store.copies.lsh import nearby_keys
from pipeline.store.db import tables as t
from pipeline.store.db.statements import chunks

MAX_CANDIDATES = 50
FIRST_PUBLISHED = 10  # of these: they stand for the hundreds that carried the same text after them

_VERSIONS, _ENRICHMENTS, _BANDS = t.versions.c, t.enrichments.c, t.bands.c
_SENT_AT = func.coalesce(_VERSIONS.updated_at, _VERSIONS.published_at)


class _Take(NamedTuple):
    """A take: its lineage, and when it was sent (microseconds, None if undated)."""

    lineage: int
    sent_at: int | None


def find_copy_candidates(connection: Connection, version_ids: Collection[int], window: int) -> dict[int, list[int]]:
    """Find usable takes of other lineages that share signature bands with these takes.

    Args:
        connection: A transaction.
        version_ids: The takes.
        window: How far apart two dated takes may be, microseconds.

    Returns:
        Version id -> version ids of at most 50 candidates: those that share most bands, then the nearest in time, then
        by id. Where there are more, the last ten make room for the first published ones among the rest that share at
        least half as many bands as the best. Takes without a signature are absent.
    """
    takes, keys = _load_keys(connection, version_ids, window)
    filed = _load_filed(connection, {key for take_keys in keys.values() for key in take_keys})
    others = _load_usable(connection, {other for takes_of_key in filed.values() for other in takes_of_key})
    candidates = {}
    for version_id, take in takes.items():
        shared = Counter(other for key in keys[version_id] for other in filed.get(key, ()))
        candidates[version_id] = _choose(take, shared, others, window)
    return candidates


def _load_keys(
    connection: Connection, version_ids: Collection[int], window: int
) -> tuple[dict[int, _Take], dict[int, list[int]]]:
    """Version id -> the take, and version id -> the keys to look under; for takes with a signature."""
    signed = (
        select(_VERSIONS.id, _VERSIONS.lineage, _SENT_AT, _ENRICHMENTS.signature)
        .select_from(t.versions.join(t.enrichments, _ENRICHMENTS.version_id == _VERSIONS.id))
        .where(_ENRICHMENTS.signature.is_not(None))
    )
    takes: dict[int, _Take] = {}
    keys: dict[int, list[int]] = {}
    for chunk in chunks(set(version_ids)):
        for version_id, lineage, sent_at, signature in connection.execute(signed.where(_VERSIONS.id.in_(chunk))):
            takes[version_id] = _Take(lineage, sent_at)
            keys[version_id] = nearby_keys(signature, sent_at, window)
    return takes, keys


def _load_filed(connection: Connection, keys: Iterable[int]) -> dict[int, list[int]]:
    """Key -> the takes that are filed under it."""
    filed: dict[int, list[int]] = {}
    for chunk in chunks(sorted(keys)):
        for key, version_id in connection.execute(select(_BANDS.key, _BANDS.version_id).where(_BANDS.key.in_(chunk))):
            filed.setdefault(key, []).append(version_id)
    return filed


def _load_usable(connection: Connection, version_ids: Iterable[int]) -> dict[int, _Take]:
    """Version id -> the take, for the usable takes of usable lineages."""
    usable = (
        select(_VERSIONS.id, _VERSIONS.lineage, _SENT_AT)
        .select_from(t.versions.join(t.lineages, t.lineages.c.id == _VERSIONS.lineage))
        .where(_VERSIONS.state == TakeState.USABLE, t.lineages.c.status == Status.USABLE)
    )
    takes: dict[int, _Take] = {}
    for chunk in chunks(sorted(version_ids)):
        for version_id, lineage, sent_at in connection.execute(usable.where(_VERSIONS.id.in_(chunk))):
            takes[version_id] = _Take(lineage, sent_at)
    return takes


def _choose(take: _Take, shared: Mapping[int, int], others: Mapping[int, _Take], window: int) -> list[int]:
    """Choose the candidates of a take. shared: version id of another take -> how many bands they share."""
    ranked: list[tuple[int, int, int]] = []  # (-bands, microseconds apart, version id)
    for version_id, bands in shared.items():
        other = others.get(version_id)
        if other is None or other.lineage == take.lineage:
            continue
        apart = 0 if take.sent_at is None or other.sent_at is None else abs(take.sent_at - other.sent_at)
        if apart <= window:
            ranked.append((-bands, apart, version_id))
    ranked.sort()
    if len(ranked) <= MAX_CANDIDATES:
        return [version_id for _, _, version_id in ranked]
    nearest, rest = ranked[: MAX_CANDIDATES - FIRST_PUBLISHED], ranked[MAX_CANDIDATES - FIRST_PUBLISHED :]
    most_bands = -ranked[0][0]
    alike = [version_id for minus_bands, _, version_id in rest if -2 * minus_bands >= most_bands]
    first = sorted(alike, key=lambda version_id: _publication_order(version_id, others[version_id]))
    return [version_id for _, _, version_id in nearest] + first[:FIRST_PUBLISHED]


def _publication_order(version_id: int, take: _Take) -> tuple[bool, int, int]:
    """Sort key; undated takes come last."""
    return take.sent_at is None, take.sent_at or 0, version_id
