"""Takes that may carry the same text: found by the bands that their signatures share."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from pipeline.models import Status, TakeState
from pipeline.store.copies.lsh import nearby_keys
from pipeline.store.db import tables as t
from pipeline.store.db.statements import chunks

CANDIDATES = 50
FIRST = 10  # of these, the first published: they stand for the hundreds that carried the same text after them

_v, _e = t.versions.c, t.enrichments.c
_AT = func.coalesce(_v.updated_at, _v.published_at)


class _Asked(NamedTuple):
    lineage: int
    at: int | None
    keys: list[int]


def find_copy_candidates(connection: Connection, version_ids: Collection[int], window: int) -> dict[int, list[int]]:
    """Version id -> at most 50 usable takes of other lineages, within ``window`` microseconds where both are dated:
    those that share most bands, then the nearest in time, then by id; and where there are more, in place of the last
    ten of them the first published of those that share at least half as many bands as the first."""
    asked = _asked(connection, version_ids, window)
    filed: dict[int, list[int]] = {}
    for some in chunks(sorted({key for one in asked.values() for key in one.keys})):
        for key, other in connection.execute(
            select(t.bands.c.key, t.bands.c.version_id).where(t.bands.c.key.in_(some))
        ):
            filed.setdefault(key, []).append(other)
    places = _places(connection, {other for found in filed.values() for other in found})
    return {
        version_id: _nearest(one, window, Counter(other for key in one.keys for other in filed.get(key, ())), places)
        for version_id, one in asked.items()
    }


def _asked(connection: Connection, version_ids: Collection[int], window: int) -> dict[int, _Asked]:
    signed = (
        select(_v.id, _v.lineage, _AT, _e.signature)
        .select_from(t.versions.join(t.enrichments, _e.version_id == _v.id))
        .where(_e.signature.is_not(None))
    )
    found: dict[int, _Asked] = {}
    for some in chunks(set(version_ids)):
        for version_id, lineage, at, signature in connection.execute(signed.where(_v.id.in_(some))):
            found[version_id] = _Asked(lineage, at, nearby_keys(signature, at, window))
    return found


def _places(connection: Connection, version_ids: Iterable[int]) -> dict[int, tuple[int, int | None]]:
    """The usable ones of these takes -> their lineage and time."""
    usable = (
        select(_v.id, _v.lineage, _AT)
        .select_from(t.versions.join(t.lineages, t.lineages.c.id == _v.lineage))
        .where(_v.state == TakeState.USABLE, t.lineages.c.status == Status.USABLE)
    )
    found: dict[int, tuple[int, int | None]] = {}
    for some in chunks(sorted(version_ids)):
        found.update((key, (lineage, at)) for key, lineage, at in connection.execute(usable.where(_v.id.in_(some))))
    return found


def _nearest(one: _Asked, window: int, shared: Counter[int], places: Mapping[int, tuple[int, int | None]]) -> list[int]:
    ranked: list[tuple[int, int, int]] = []
    for other, count in shared.items():
        lineage, at = places.get(other, (one.lineage, None))
        if lineage == one.lineage:
            continue
        apart = 0 if one.at is None or at is None else abs(one.at - at)
        if apart <= window:
            ranked.append((-count, apart, other))
    ranked.sort()
    if len(ranked) <= CANDIDATES:
        return [other for _, _, other in ranked]
    nearest, rest = ranked[: CANDIDATES - FIRST], ranked[CANDIDATES - FIRST :]
    alike = [other for count, _, other in rest if 2 * count <= ranked[0][0]]
    return [other for _, _, other in nearest] + sorted(alike, key=lambda other: _published(other, places))[:FIRST]


def _published(other: int, places: Mapping[int, tuple[int, int | None]]) -> tuple[bool, int, int]:
    """For ordering: undated ones come last."""
    at = places[other][1]
    return at is None, at or 0, other
