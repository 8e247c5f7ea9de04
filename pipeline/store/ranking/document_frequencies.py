"""The corpus counts: in how many lineages a term or an entity occurs, each lineage counted by one take."""

from collections import Counter
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select, update
from sqlalchemy import bindparam as bind

from pipeline.models import Enrichment
from pipeline.shared_formats.sketch import counted_keys, entity_key, label_key
from pipeline.store.db import tables as t
from pipeline.store.db.statements import add_to, chunks


def counted_by(enrichment: Enrichment) -> set[int]:
    """The keys by which an enrichment counts: ``counted_keys`` of its sketch."""
    return {*map(label_key, enrichment.terms), *(entity_key(entity.entity_id) for entity in enrichment.entities)}


class Tally:
    """Changes to the counts, gathered over a transaction."""

    def __init__(self) -> None:
        self._labels: Counter[int] = Counter()
        self._documents = 0

    def add(self, keys: Iterable[int], sign: int) -> None:
        """Count a take in (sign 1) or out (sign -1)."""
        count = self._labels.update if sign > 0 else self._labels.subtract
        count(keys)
        self._documents += sign

    def write(self, connection: Connection) -> None:
        """Apply the changes."""
        add_to(connection, t.label_counts, "key", self._labels)
        if self._documents:
            statement = update(t.counters).where(t.counters.c.name == "documents")
            connection.execute(statement.values(value=t.counters.c.value + self._documents))


def _stored(connection: Connection, version_ids: Iterable[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for some in chunks(sorted(version_ids)):
        statement = select(t.enrichments.c.version_id, t.enrichments.c.sketch)
        for version_id, sketch in connection.execute(statement.where(t.enrichments.c.version_id.in_(some))):
            found[version_id] = counted_keys(sketch)
    return found


_COUNTED = update(t.lineages).where(t.lineages.c.id == bind("lineage_id")).values(counted=bind("now_counted"))


def recount(
    connection: Connection,
    changes: Mapping[int, tuple[int | None, int | None]],
    just_tagged: Mapping[int, Enrichment] | None = None,
) -> None:
    """Lineage -> (the take it was counted by, the take it is to be counted by). just_tagged: need not be read again."""
    moved = {lineage: pair for lineage, pair in changes.items() if pair[0] != pair[1]}
    if not moved:
        return
    at_hand = {version_id: counted_by(enrichment) for version_id, enrichment in (just_tagged or {}).items()}
    concerned = {version_id for pair in moved.values() for version_id in pair if version_id is not None}
    values = at_hand | _stored(connection, concerned - at_hand.keys())
    tally = Tally()
    for before, after in moved.values():
        if before is not None:
            tally.add(values[before], -1)
        if after is not None:
            tally.add(values[after], 1)
    tally.write(connection)
    connection.execute(_COUNTED, [{"lineage_id": key, "now_counted": pair[1]} for key, pair in sorted(moved.items())])
