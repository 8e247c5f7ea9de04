"""Which take of a lineage wins: the order of its takes, and what follows from it. Pure: no database, no clock.

A lineage is a set of takes under one or more uris. Its publishing order and its winning take depend on that set alone,
so every order of arrival ends in the same state. Times are microseconds since 1970, UTC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from pipeline.models import Status, TakeKind, TakeState
from pipeline.store.lineage.take_record import TakeRecord, order_within_uri, position


def publishing_order(takes: Sequence[TakeRecord], follows: Mapping[str, frozenset[str]]) -> list[TakeRecord]:
    """All takes of a lineage, oldest first.

    Within a uri its publisher's order holds. A uri that evolved from another one comes after all of that. Otherwise
    time decides, then the take line. Links in a circle are cut where the circle's earliest uri is entered.

    Args:
        takes: The lineage's takes, in any order.
        follows: Uri -> the uris that it evolved from.
    """
    by_uri: dict[str, list[TakeRecord]] = {}
    for take in takes:
        by_uri.setdefault(take.uri, []).append(take)
    if len(by_uri) == 1:
        return order_within_uri(takes)
    by_uri = {uri: order_within_uri(of_uri) for uri, of_uri in by_uri.items()}
    last_of: dict[str, tuple[int, int, int]] = {}
    keyed: list[tuple[tuple[int, int, int], int, str, int, TakeRecord]] = []
    depths: dict[str, int] = {}
    for uri in _predecessors_first(by_uri, follows):
        parents = [parent for parent in follows.get(uri, ()) if parent in last_of]
        latest = max((last_of[parent] for parent in parents), default=(-(2**63), 0, 0))
        depths[uri] = 1 + max((depths[parent] for parent in parents), default=-1)
        for number, take in enumerate(by_uri[uri]):
            latest = max(latest, _time_and_kind(take))
            keyed.append((latest, depths[uri], uri, number, take))
        last_of[uri] = latest
    return [row[-1] for row in sorted(keyed, key=lambda row: row[:-1])]


def _time_and_kind(take: TakeRecord) -> tuple[int, int, int]:
    return position(take, take.sighting)[1:]


def _predecessors_first(by_uri: Mapping[str, list[TakeRecord]], follows: Mapping[str, frozenset[str]]) -> list[str]:
    """The uris by time, but each after those that it evolved from; a circle is entered at its earliest uri."""
    by_time = sorted(by_uri, key=lambda uri: (_time_and_kind(by_uri[uri][0]), uri))
    rank = {uri: number for number, uri in enumerate(by_time)}
    waits_for = {uri: {parent for parent in follows.get(uri, ()) if parent in rank and parent != uri} for uri in rank}
    followers: dict[str, list[str]] = {}
    for uri, parents in waits_for.items():
        for parent in parents:
            followers.setdefault(parent, []).append(uri)
    free = [rank[uri] for uri in by_time if not waits_for[uri]]  # ascending, so a heap already
    ordered: dict[str, None] = {}
    earliest_left = 0
    while len(ordered) < len(by_time):
        while by_time[earliest_left] in ordered:
            earliest_left += 1
        uri = by_time[heappop(free) if free else earliest_left]
        ordered[uri] = None
        for follower in followers.get(uri, ()):
            waits_for[follower].discard(uri)
            if not waits_for[follower] and follower not in ordered:
                heappush(free, rank[follower])
    return list(ordered)


@dataclass(frozen=True, slots=True)
class ResolvedLineage:
    """What a lineage's takes come to.

    Attributes:
        ordered: All takes, oldest first.
        current: The winning take.
        status: Whether readers may see the story.
        published_at: The earliest date of its takes.
        updated_at: When the winning take was sent.
        fetched_at: When the winning take came in.
        corrected: Whether the winning take says that it corrects something.
    """

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

    @property
    def counted_version_id(self) -> int | None:
        """The take by which the corpus counts the lineage.

        It is the winning take; while that is not tagged, the newest tagged take before it. None where no usable take is
        tagged, or where readers may not see the story.
        """
        if self.status is not Status.USABLE:
            return None
        if self.current.tagged:
            return self.current.version_id
        tagged = [take.version_id for take in self.ordered if take.tagged and take.state is TakeState.USABLE]
        return tagged[-1] if tagged else None


def resolve_lineage(takes: Sequence[TakeRecord], follows: Mapping[str, frozenset[str]]) -> ResolvedLineage:
    """Decide a lineage's order, its winning take and its status.

    A kill is final, whatever comes later: a substitute is a story of its own. Otherwise the newest take that may be
    shown wins. An advisory wins only where there is nothing else. A take that has expired hides those before it.

    Args:
        takes: The lineage's takes, in any order.
        follows: Uri -> the uris that it evolved from.
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
        updated_at=current.sent_at,
        fetched_at=current.fetched_at,
        corrected=current.corrected,
    )
