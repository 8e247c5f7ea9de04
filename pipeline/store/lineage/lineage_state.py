"""Lineages in memory while a transaction decides about them: their takes without texts, and their publisher links."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, RowMapping, select

from pipeline.models import Status, TakeKind, TakeState
from pipeline.store.db import tables as t
from pipeline.store.db.statements import chunks
from pipeline.store.lineage.versions import ResolvedLineage, TakeRecord, load_sightings, resolve_lineage


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageRow:
    """What a lineage's row says."""

    status: Status
    current: int
    counted: int | None
    revision: int
    corrected: bool
    published_at: int | None
    updated_at: int | None
    copy_group: int | None
    month: str | None


@dataclass(slots=True)
class LineageState:
    """One lineage. row: its row as loaded, None if it is new in this transaction."""

    id: int
    row: LineageRow | None = None
    takes: dict[int, TakeRecord] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)
    follows: dict[str, frozenset[str]] = field(default_factory=dict)

    def of_uri(self, uri: str) -> list[TakeRecord]:
        """The takes under one uri."""
        return [take for take in self.takes.values() if take.uri == uri]

    def resolve(self) -> ResolvedLineage:
        """How the lineage stands with the takes that it has now."""
        return resolve_lineage(list(self.takes.values()), self.follows)

    def absorb(self, other: "LineageState") -> None:
        """Take over another lineage's takes and links."""
        self.takes |= other.takes
        self.numbers |= other.numbers
        for uri, parents in other.follows.items():
            self.follows[uri] = self.follows.get(uri, frozenset()) | parents


_KNOWN = (
    t.lineages.c.id,
    t.lineages.c.status,
    t.lineages.c.current,
    t.lineages.c.counted,
    t.lineages.c.revision,
    t.lineages.c.corrected,
    t.lineages.c.published_at,
    t.lineages.c.updated_at,
    t.lineages.c.copy_group,
    t.lineages.c.month,
)
_TAKE = (
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
)


def _take(row: RowMapping) -> TakeRecord:
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


def load_states(connection: Connection, lineages: Collection[int]) -> dict[int, LineageState]:
    """The states of these lineages; ids that no lineage has are left out."""
    states: dict[int, LineageState] = {}
    for some in chunks(sorted(lineages)):
        for row in connection.execute(select(*_KNOWN).where(t.lineages.c.id.in_(some))).mappings():
            known = {name: value for name, value in row.items() if name not in ("id", "status")}
            states[row["id"]] = LineageState(row["id"], LineageRow(status=Status(row["status"]), **known))
        joined = t.versions.join(t.items, t.items.c.id == t.versions.c.item_id)
        takes = select(*_TAKE).select_from(joined).where(t.versions.c.lineage.in_(some))
        for row in connection.execute(takes).mappings():
            state = states[row["lineage"]]
            state.takes[row["id"]] = _take(row)
            state.numbers[row["id"]] = row["number"]
    several = [state.id for state in states.values() if len({take.uri for take in state.takes.values()}) > 1]
    for lineage, child, parent in _links_within(connection, several):
        states[lineage].follows[child] = states[lineage].follows.get(child, frozenset()) | {parent}
    return states


def _links_within(connection: Connection, lineages: Iterable[int]) -> list[tuple[int, str, str]]:
    """The publisher links between items of one lineage: (lineage, uri that follows, uri that is followed)."""
    child, parent = t.items.alias("child"), t.items.alias("parent")
    joined = (
        t.item_links.join(child, child.c.id == t.item_links.c.source_item)
        .join(parent, parent.c.uri_key == t.item_links.c.target_key)
    )  # fmt: skip
    found: list[tuple[int, str, str]] = []
    for some in chunks(lineages):
        statement = (
            select(child.c.lineage, child.c.uri, parent.c.uri)
            .select_from(joined)
            .where(child.c.lineage.in_(some), parent.c.lineage == child.c.lineage)
        )
        found += [(lineage, follower, followed) for lineage, follower, followed in connection.execute(statement)]
    return found
