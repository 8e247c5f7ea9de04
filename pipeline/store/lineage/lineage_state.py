"""Lineages in memory while a transaction decides about them: their rows, their takes without texts, and their links."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, RowMapping, select

from pipeline.models import Status, TakeKind, TakeState
from pipeline.store.db import tables as t
from pipeline.store.db.statements import chunks
from pipeline.store.lineage.take_record import TakeRecord, load_sightings
from pipeline.store.lineage.winning_take import ResolvedLineage, resolve_lineage


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageRow:
    """What deciding needs of a lineage's row; the columns of ``lineages`` of the same names."""

    status: Status
    current_version_id: int
    counted_version_id: int | None
    revision: int
    corrected: bool
    published_at: int | None
    updated_at: int | None
    copy_group: int | None
    month: str | None


@dataclass(slots=True)
class LineageState:
    """One lineage as a transaction has it so far.

    Attributes:
        id: The lineage.
        row: Its row as it was loaded, None if the lineage is new in this transaction.
        takes: Version id -> take.
        numbers: Version id -> its stored number within the lineage. Takes that are not written yet are missing.
        follows: Uri -> the uris that it evolved from.
    """

    id: int
    row: LineageRow | None = None
    takes: dict[int, TakeRecord] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)
    follows: dict[str, frozenset[str]] = field(default_factory=dict)

    def takes_of_uri(self, uri: str) -> list[TakeRecord]:
        """The takes under one uri."""
        return [take for take in self.takes.values() if take.uri == uri]

    def resolve(self) -> ResolvedLineage:
        """Decide order, winning take and status with the takes that the lineage has now."""
        return resolve_lineage(list(self.takes.values()), self.follows)

    def add_link(self, uri: str, parents: frozenset[str]) -> bool:
        """Note the uris that a uri evolved from; whether any of them is new."""
        known = self.follows.get(uri, frozenset())
        self.follows[uri] = known | parents
        return not parents <= known

    def absorb(self, other: "LineageState") -> None:
        """Take over another lineage's takes and links."""
        self.takes |= other.takes
        self.numbers |= other.numbers
        for uri, parents in other.follows.items():
            self.add_link(uri, parents)


_LINEAGE_COLUMNS = (
    t.lineages.c.id,
    t.lineages.c.status,
    t.lineages.c.current_version_id,
    t.lineages.c.counted_version_id,
    t.lineages.c.revision,
    t.lineages.c.corrected,
    t.lineages.c.published_at,
    t.lineages.c.updated_at,
    t.lineages.c.copy_group,
    t.lineages.c.month,
)
_TAKES = select(
    t.versions.c.lineage,
    t.versions.c.number,
    t.versions.c.id,
    t.items.c.uri,
    t.versions.c.publisher_version,
    t.versions.c.published_at,
    t.versions.c.updated_at,
    t.versions.c.fetched_at,
    t.versions.c.kind,
    t.versions.c.take_number,
    t.versions.c.state,
    t.versions.c.content,
    t.versions.c.corrected,
    t.versions.c.seen,
    t.versions.c.tagged,
    t.versions.c.related,
    t.versions.c.backfill,
).select_from(t.versions.join(t.items, t.items.c.id == t.versions.c.item_id))


def load_states(connection: Connection, lineages: Collection[int]) -> dict[int, LineageState]:
    """Load the states of these lineages, by id. Ids that no lineage has are left out."""
    states: dict[int, LineageState] = {}
    for chunk in chunks(sorted(lineages)):
        for row in connection.execute(select(*_LINEAGE_COLUMNS).where(t.lineages.c.id.in_(chunk))).mappings():
            columns = {name: value for name, value in row.items() if name not in ("id", "status")}
            states[row["id"]] = LineageState(row["id"], LineageRow(status=Status(row["status"]), **columns))
        for row in connection.execute(_TAKES.where(t.versions.c.lineage.in_(chunk))).mappings():
            state = states[row["lineage"]]
            state.takes[row["id"]] = _take_record(row)
            state.numbers[row["id"]] = row["number"]
    with_uris = [state.id for state in states.values() if len({take.uri for take in state.takes.values()}) > 1]
    for lineage, uri, parent in _load_links_within(connection, with_uris):
        states[lineage].add_link(uri, frozenset((parent,)))
    return states


def _take_record(row: RowMapping) -> TakeRecord:
    return TakeRecord(
        version_id=row["id"],
        uri=row["uri"],
        publisher_version=row["publisher_version"],
        published_at=row["published_at"],
        updated_at=row["updated_at"],
        fetched_at=row["fetched_at"],
        kind=TakeKind(row["kind"]),
        number=row["take_number"],
        state=TakeState(row["state"]),
        content=row["content"],
        corrected=row["corrected"],
        seen=load_sightings(row["seen"]),
        tagged=row["tagged"],
        related=row["related"],
        backfill=row["backfill"],
    )


def _load_links_within(connection: Connection, lineages: Iterable[int]) -> list[tuple[int, str, str]]:
    """The publisher's links between items of one lineage: (lineage, uri that follows, uri that is followed)."""
    child, parent = t.items.alias("child"), t.items.alias("parent")
    linked = (
        t.item_links.join(child, child.c.id == t.item_links.c.source_item)
        .join(parent, parent.c.uri_key == t.item_links.c.target_key)
    )  # fmt: skip
    links: list[tuple[int, str, str]] = []
    for chunk in chunks(lineages):
        statement = (
            select(child.c.lineage, child.c.uri, parent.c.uri)
            .select_from(linked)
            .where(child.c.lineage.in_(chunk), parent.c.lineage == child.c.lineage)
        )
        links += [(lineage, follower, followed) for lineage, follower, followed in connection.execute(statement)]
    return links
