"""Which take wins: the pure decisions about versions and lineages. No database, no clock.

A lineage is a set of takes under one or more uris. Its publishing order and its winner depend on that set alone, so
that every order of arrival ends in the same state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from json import dumps, loads
from typing import TypeAlias

from pipeline.models import Status, TakeKind, TakeState

Sighting: TypeAlias = tuple[int | None, int | None, int | None]  # publisher version, published_at, updated_at
_Place: TypeAlias = tuple[int, int, int, int]

CHURN_TAKES = 8  # takes of one uri with one version number and date; after these, one is kept in ...
CHURN_PAUSE = 6 * 3600 * 1_000_000
SEEN_KEPT = 32

_RANK = {
    TakeKind.FIRST: 0,
    TakeKind.REPEAT: 1,
    TakeKind.UPDATE: 2,
    TakeKind.WRAPUP: 2,
    TakeKind.REFILE: 3,
    TakeKind.CORRECTION: 4,
    TakeKind.ADVISORY: 5,
    TakeKind.KILL: 9,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRecord:
    """What deciding needs of a take. Times are microseconds, UTC. content: hash of what it says.

    seen: further sightings of the same content under other dates or version numbers, that no other take interrupts.
    """

    version_id: int
    uri: str
    publisher_version: int | None
    published_at: int | None
    updated_at: int | None
    fetched_at: int
    kind: TakeKind
    number: int | None
    state: TakeState
    content: bytes
    corrected: bool = False
    seen: tuple[Sighting, ...] = ()
    tagged: bool = False
    related: bool = False
    backfill: bool = False

    @property
    def at(self) -> int | None:
        """When the take was sent, as far as its publisher says."""
        return self.published_at if self.updated_at is None else self.updated_at

    @property
    def sighting(self) -> Sighting:
        """The take's own place in its publisher's sequence."""
        return self.publisher_version, self.published_at, self.updated_at

    @property
    def sightings(self) -> tuple[Sighting, ...]:
        """Its own, and the further ones."""
        return (self.sighting, *self.seen)

    @property
    def dates(self) -> list[int]:
        """Every date that the take has been seen with."""
        return [date for _, *dates in self.sightings for date in dates if date is not None]


def dump_sightings(sightings: Sequence[Sighting]) -> str:
    """Sightings as one JSON text."""
    return dumps(list(sightings), separators=(",", ":"))


def load_sightings(data: str) -> tuple[Sighting, ...]:
    """The inverse of ``dump_sightings``."""
    if data == "[]":
        return ()
    return tuple((version, published, updated) for version, published, updated in loads(data))


# --------------------------------------------------------------------------- one uri


class ResendKind(StrEnum):
    """What a sending under a known uri is."""

    SAME = "same"  # nothing to keep
    SEEN = "seen"  # same content, further date: remembered at the take that has it
    EARLIER = "earlier"  # same content as a take, sent earlier than it: that take moves back to here
    NEW = "new"
    BETWEEN = "between"  # new, and inside a stretch in which another content was seen before and after


@dataclass(frozen=True, slots=True)
class Resend:
    """The verdict; take: the known take concerned, None for NEW."""

    kind: ResendKind
    take: TakeRecord | None = None


def _place(take: TakeRecord, sighting: Sighting | None = None) -> _Place:
    version, published, updated = take.sighting if sighting is None else sighting
    at = published if updated is None else updated
    return (version or 0, take.fetched_at if at is None else at, _RANK[take.kind], take.number or 0)


def _own_key(take: TakeRecord) -> tuple[_Place, int, bytes]:
    return _place(take), take.fetched_at, take.content


def sequence(takes: Sequence[TakeRecord]) -> list[TakeRecord]:
    """The takes of one uri in its publisher's order: version number, time, take line, then time of fetching."""
    return sorted(takes, key=_own_key)


def _last(take: TakeRecord) -> _Place:
    return max(_place(take, sighting) for sighting in take.sightings)


def classify_resend(known: Sequence[TakeRecord], sent: TakeRecord) -> Resend:
    """What ``sent`` is beside the ``known`` takes of its uri (in any order)."""
    ordered = sequence(known)
    for take in ordered:
        if take.content == sent.content and _is_known(take, sent):
            return Resend(ResendKind.SAME if sent.sighting in take.sightings else ResendKind.SEEN, take)
    twins = [take for take in ordered if (take.publisher_version, take.at) == (sent.publisher_version, sent.at)]
    if len(twins) >= CHURN_TAKES and sent.fetched_at - max(take.fetched_at for take in twins) < CHURN_PAUSE:
        return Resend(ResendKind.SAME, twins[-1])
    before = [take for take in ordered if _own_key(take) <= _own_key(sent)]
    after = ordered[len(before) :]
    if before and before[-1].content == sent.content:
        return Resend(ResendKind.SEEN, before[-1])
    if before and _last(before[-1]) > _place(sent):
        return Resend(ResendKind.BETWEEN, before[-1])
    if after and after[0].content == sent.content:
        return Resend(ResendKind.EARLIER, after[0])
    return Resend(ResendKind.NEW)


def _is_known(take: TakeRecord, sent: TakeRecord) -> bool:
    """Whether the take was seen with this version number and time of sending, whenever it was first published."""
    places = [(version, published if updated is None else updated) for version, published, updated in take.sightings]
    return (sent.publisher_version, sent.at) in places


def _kept(sightings: Sequence[Sighting], take: TakeRecord) -> tuple[Sighting, ...]:
    ordered = sorted(set(sightings) - {take.sighting}, key=lambda sighting: _place(take, sighting))
    half = SEEN_KEPT // 2
    return tuple(ordered if len(ordered) <= SEEN_KEPT else ordered[:half] + ordered[-half:])


def with_sighting(take: TakeRecord, sighting: Sighting) -> TakeRecord:
    """The take, also seen there; of many sightings the first and the last are kept."""
    return replace(take, seen=_kept([*take.seen, sighting], take))


def moved_back(take: TakeRecord, sent: TakeRecord) -> TakeRecord:
    """The take with the dates and number of an earlier sending of the same content."""
    moved = replace(
        take,
        publisher_version=sent.publisher_version,
        published_at=sent.published_at,
        updated_at=sent.updated_at,
    )
    return replace(moved, seen=_kept([*take.seen, take.sighting], moved))


def split_take(take: TakeRecord, sent: TakeRecord, version_id: int) -> tuple[TakeRecord, TakeRecord]:
    """A take whose content was seen on both sides of ``sent``: what was before, and its return as a take of its own."""
    ordered = sorted(take.seen, key=lambda sighting: _place(take, sighting))
    later = [sighting for sighting in ordered if _place(take, sighting) > _place(sent)]
    version, published, updated = later[0]
    returned = replace(
        take,
        version_id=version_id,
        publisher_version=version,
        published_at=published,
        updated_at=updated,
        tagged=False,
        related=False,
        seen=(),
    )
    returned = replace(returned, seen=_kept(later[1:], returned))
    return replace(take, seen=_kept([sighting for sighting in ordered if sighting not in later], take)), returned


# --------------------------------------------------------------------------- a lineage


def publishing_order(takes: Sequence[TakeRecord], follows: Mapping[str, frozenset[str]]) -> list[TakeRecord]:
    """All takes of a lineage, oldest first.

    Within a uri its publisher's order holds; a uri that evolved from another one (``follows``: uri -> its predecessors)
    comes after all of that; otherwise time decides, then the take line. Links in a circle are cut where the circle's
    earliest uri is entered.
    """
    by_uri: dict[str, list[TakeRecord]] = {}
    for take in takes:
        by_uri.setdefault(take.uri, []).append(take)
    if len(by_uri) == 1:
        return sequence(takes)
    by_uri = {uri: sequence(own) for uri, own in by_uri.items()}
    floor_of: dict[str, tuple[int, int, int]] = {}
    keyed: list[tuple[tuple[int, int, int], int, str, int, TakeRecord]] = []
    depths: dict[str, int] = {}
    for uri in _topological(by_uri, follows):
        before = [parent for parent in follows.get(uri, ()) if parent in floor_of]
        floor = max((floor_of[parent] for parent in before), default=(-(2**63), 0, 0))
        depths[uri] = 1 + max((depths[parent] for parent in before), default=-1)
        for place, take in enumerate(by_uri[uri]):
            floor = max(floor, _place(take)[1:])
            keyed.append((floor, depths[uri], uri, place, take))
        floor_of[uri] = floor
    return [row[-1] for row in sorted(keyed, key=lambda row: row[:-1])]


def _topological(by_uri: Mapping[str, list[TakeRecord]], follows: Mapping[str, frozenset[str]]) -> list[str]:
    left = sorted(by_uri, key=lambda uri: (_place(by_uri[uri][0])[1:], uri))
    done: list[str] = []
    while left:
        free = [uri for uri in left if not any(parent in left for parent in follows.get(uri, ()) if parent != uri)]
        chosen = free[0] if free else left[0]
        left.remove(chosen)
        done.append(chosen)
    return done


@dataclass(frozen=True, slots=True)
class ResolvedLineage:
    """How a lineage stands: its takes in order, the winning one, and what follows from them."""

    ordered: tuple[TakeRecord, ...]
    current: TakeRecord
    status: Status
    published_at: int | None
    updated_at: int | None
    fetched_at: int
    corrected: bool

    @property
    def number(self) -> int:
        """The winning take's version, counted from 1."""
        return self.ordered.index(self.current) + 1


def resolve_lineage(takes: Sequence[TakeRecord], follows: Mapping[str, frozenset[str]]) -> ResolvedLineage:
    """How these takes leave their lineage.

    A kill is final, whatever comes later: a substitute is a story of its own. Otherwise the newest take that may be
    shown wins; an advisory only where there is nothing else; a take that has expired hides those before it.
    """
    ordered = publishing_order(takes, follows)
    kills = [take for take in ordered if take.state is TakeState.WITHDRAWN]
    shown = [take for take in ordered if take.state in (TakeState.USABLE, TakeState.EXPIRED)]
    stories = [take for take in shown if take.kind is not TakeKind.ADVISORY] or shown
    if kills:
        current, status = kills[-1], Status.WITHDRAWN
    elif stories:
        current = stories[-1]
        status = Status.WITHDRAWN if current.state is TakeState.EXPIRED else Status.USABLE
    else:
        current, status = ordered[-1], Status.WITHHELD
    dated = [take for take in ordered if take.state is not TakeState.WITHHELD] or ordered
    dates = [date for take in dated for date in take.dates]
    return ResolvedLineage(
        ordered=tuple(ordered),
        current=current,
        status=status,
        published_at=min(dates, default=None),
        updated_at=current.at,
        fetched_at=current.fetched_at,
        corrected=current.corrected,
    )


def counted_version(resolved: ResolvedLineage) -> int | None:
    """The take that counts in the corpus: the winning one, while that is not tagged the newest tagged one before it."""
    if resolved.status is not Status.USABLE:
        return None
    if resolved.current.tagged:
        return resolved.current.version_id
    tagged = [take.version_id for take in resolved.ordered if take.tagged and take.state is TakeState.USABLE]
    return tagged[-1] if tagged else None
