"""What a sending is beside the known takes of its uri: known already, a further sighting, or a new take. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pipeline.store.lineage.take_record import Position, Sighting, TakeRecord, order_within_uri, position, sort_key

# Some publishers send a story again and again without a new version number or date. The first CHURN_TAKES of such takes
# are kept, then one per CHURN_PAUSE (microseconds). These numbers, and SIGHTINGS_KEPT, were chosen on the project's own
# development stories.
CHURN_TAKES = 8
CHURN_PAUSE = 6 * 3600 * 1_000_000
SIGHTINGS_KEPT = 32


class ResendKind(StrEnum):
    """What a sending is beside the takes of its uri that are known."""

    KNOWN = "known"  # there is nothing to keep of it
    SEEN_AGAIN = "seen again"  # the content of a take under a further date: noted at that take
    SENT_BEFORE = "sent before"  # the content of a take, sent earlier than it: that take moves back to here
    NEW = "new"
    BETWEEN = "between"  # new, and inside a stretch in which another content was seen before and after


@dataclass(frozen=True, slots=True)
class Resend:
    """What a sending is. take: the known take that it concerns, None for NEW."""

    kind: ResendKind
    take: TakeRecord | None = None


def classify_resend(known: Sequence[TakeRecord], sent: TakeRecord) -> Resend:
    """Decide what ``sent`` is beside the ``known`` takes of its uri, which may be in any order."""
    ordered = order_within_uri(known)
    for take in ordered:
        if take.content == sent.content and _was_seen_so(take, sent):
            return Resend(ResendKind.KNOWN if sent.sighting in take.sightings else ResendKind.SEEN_AGAIN, take)
    alike = [take for take in ordered if _number_and_time(take.sighting) == _number_and_time(sent.sighting)]
    if len(alike) >= CHURN_TAKES and sent.fetched_at - max(take.fetched_at for take in alike) < CHURN_PAUSE:
        return Resend(ResendKind.KNOWN, alike[-1])
    before = [take for take in ordered if sort_key(take) <= sort_key(sent)]
    after = ordered[len(before) :]
    if before and before[-1].content == sent.content:
        return Resend(ResendKind.SEEN_AGAIN, before[-1])
    if before and _last_position(before[-1]) > position(sent, sent.sighting):
        return Resend(ResendKind.BETWEEN, before[-1])
    if after and after[0].content == sent.content:
        return Resend(ResendKind.SENT_BEFORE, after[0])
    return Resend(ResendKind.NEW)


def _was_seen_so(take: TakeRecord, sent: TakeRecord) -> bool:
    """Whether the take was seen with this version number and time of sending, whenever it was first published."""
    return _number_and_time(sent.sighting) in map(_number_and_time, take.sightings)


def _number_and_time(sighting: Sighting) -> tuple[int | None, int | None]:
    return sighting.publisher_version, sighting.sent_at


def _last_position(take: TakeRecord) -> Position:
    return max(position(take, sighting) for sighting in take.sightings)


def add_sighting(take: TakeRecord, sighting: Sighting) -> TakeRecord:
    """The take, also seen so. Of many sightings the first and the last are kept."""
    return replace(take, seen=_kept_sightings([*take.seen, sighting], take))


def move_back(take: TakeRecord, sent: TakeRecord) -> TakeRecord:
    """The take with the number and dates of an earlier sending of the same content; its own become a sighting."""
    moved = _with_sighting(take, sent.sighting)
    return replace(moved, seen=_kept_sightings([*take.seen, take.sighting], moved))


def split_take(take: TakeRecord, sent: TakeRecord, version_id: int) -> tuple[TakeRecord, TakeRecord]:
    """Split a take whose content was seen before and after ``sent``.

    Args:
        take: The take that is split.
        sent: The other content, which comes between its sightings.
        version_id: Id of the later half, which is a take of its own and not tagged yet.

    Returns:
        The earlier half, which keeps the take's id, and the later half.
    """
    ordered = sorted(take.seen, key=lambda sighting: position(take, sighting))
    boundary = position(sent, sent.sighting)
    later = [sighting for sighting in ordered if position(take, sighting) > boundary]
    earlier = [sighting for sighting in ordered if sighting not in later]
    returned = replace(_with_sighting(take, later[0]), version_id=version_id, tagged=False, related=False)
    returned = replace(returned, seen=_kept_sightings(later[1:], returned))
    return replace(take, seen=_kept_sightings(earlier, take)), returned


def _with_sighting(take: TakeRecord, sighting: Sighting) -> TakeRecord:
    version, published_at, updated_at = sighting
    return replace(take, publisher_version=version, published_at=published_at, updated_at=updated_at)


def _kept_sightings(sightings: Sequence[Sighting], take: TakeRecord) -> tuple[Sighting, ...]:
    ordered = sorted(set(sightings) - {take.sighting}, key=lambda sighting: position(take, sighting))
    half = SIGHTINGS_KEPT // 2
    return tuple(ordered if len(ordered) <= SIGHTINGS_KEPT else ordered[:half] + ordered[-half:])
