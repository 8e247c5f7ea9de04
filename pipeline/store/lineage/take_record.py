"""A take as decisions see it, and its place among the takes of its uri. Times are microseconds since 1970, UTC."""

from collections.abc import Sequence
from dataclasses import dataclass
from json import dumps, loads
from typing import NamedTuple, TypeAlias

from pipeline.models import TakeKind, TakeState

# Takes of one time and version number: a correction comes after what it corrects, and a kill after all.
_KIND_ORDER = {
    TakeKind.FIRST: 0,
    TakeKind.REPEAT: 1,
    TakeKind.UPDATE: 2,
    TakeKind.WRAPUP: 2,
    TakeKind.REFILE: 3,
    TakeKind.CORRECTION: 4,
    TakeKind.ADVISORY: 5,
    TakeKind.KILL: 9,
}

# Publisher's version, time of sending, order of the kind, number of the take.
Position: TypeAlias = tuple[int, int, int, int]


class Sighting(NamedTuple):
    """The number and dates with which a publisher sent a content.

    Attributes:
        publisher_version: The publisher's version number, None where it gives none.
        published_at: When the story was first published, as far as this sending says.
        updated_at: When this was sent, as far as the publisher says.
    """

    publisher_version: int | None
    published_at: int | None
    updated_at: int | None

    @property
    def sent_at(self) -> int | None:
        """When it was sent, None where the publisher does not say."""
        return self.published_at if self.updated_at is None else self.updated_at


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRecord:
    """What deciding needs of a take: everything but its texts.

    Attributes:
        version_id: The store's id of the take; 0 before it is placed.
        uri: The uri that it came under.
        publisher_version: The publisher's version number, None where it gives none.
        published_at: When the story was first published, as far as this take says.
        updated_at: When the take was sent, as far as its publisher says.
        fetched_at: When it came in.
        kind: What its take line says.
        number: The number in its take line: 2 in "UPDATE 2-".
        state: Whether the take by itself may be shown.
        content: Hash of what readers see of it.
        corrected: Whether it says that it corrects something.
        seen: Further sightings of the same content that no other content interrupts.
        tagged: Whether it has an enrichment.
        related: Whether it went through relating, or was given up on.
        backfill: Whether it came by a backfill.
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
    def sent_at(self) -> int | None:
        """When the take was sent, None where its publisher does not say."""
        return self.sighting.sent_at

    @property
    def sighting(self) -> Sighting:
        """The take's own number and dates."""
        return Sighting(self.publisher_version, self.published_at, self.updated_at)

    @property
    def sightings(self) -> tuple[Sighting, ...]:
        """Its own sighting, then the further ones."""
        return (self.sighting, *self.seen)

    @property
    def dates(self) -> list[int]:
        """Every date that the take was seen with."""
        dates = [date for sighting in self.sightings for date in (sighting.published_at, sighting.updated_at)]
        return [date for date in dates if date is not None]


def dump_sightings(sightings: Sequence[Sighting]) -> str:
    """Sightings as one JSON text."""
    return dumps(list(sightings), separators=(",", ":"))


def load_sightings(data: str) -> tuple[Sighting, ...]:
    """The inverse of ``dump_sightings``."""
    return () if data == "[]" else tuple(Sighting(*sighting) for sighting in loads(data))


def position(take: TakeRecord, sighting: Sighting) -> Position:
    """Where the take stands in its publisher's order if it was sent so."""
    sent_at = take.fetched_at if sighting.sent_at is None else sighting.sent_at
    return (sighting.publisher_version or 0, sent_at, _KIND_ORDER[take.kind], take.number or 0)


def sort_key(take: TakeRecord) -> tuple[Position, int, bytes]:
    """The key that puts the takes of one uri in order; takes of one position go by time of fetching."""
    return position(take, take.sighting), take.fetched_at, take.content


def order_within_uri(takes: Sequence[TakeRecord]) -> list[TakeRecord]:
    """The takes of one uri in their publisher's order: version number, time, take line, then time of fetching."""
    return sorted(takes, key=sort_key)
