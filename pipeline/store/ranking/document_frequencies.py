"""The corpus counts: in how many lineages a label (a term or an entity) occurs. Each lineage is counted by one take."""

from collections import Counter
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select, update
from sqlalchemy import bindparam as bind

from pipeline.models import Enrichment
from pipeline.shared_formats.sketch import counted_keys, entity_key, label_key
from pipeline.store.db import tables as t
from pipeline.store.db.statements import add_to, chunks

_LINEAGES, _ENRICHMENTS, _COUNTERS = t.lineages.c, t.enrichments.c, t.counters.c
_SET_COUNTED = (
    update(t.lineages).where(_LINEAGES.id == bind("lineage_id")).values(counted_version_id=bind("new_counted"))
)


def recount(
    connection: Connection,
    changes: Mapping[int, tuple[int | None, int | None]],
    just_tagged: Mapping[int, Enrichment] | None = None,
) -> None:
    """Change the takes by which lineages are counted.

    Args:
        connection: The transaction.
        changes: Lineage -> (the take that it is counted by, the take that it is to be counted by); None for no take.
        just_tagged: Enrichments at hand, by version id: they need not be read again.
    """
    moved = {lineage: (before, after) for lineage, (before, after) in changes.items() if before != after}
    if not moved:
        return
    keys = {version_id: _keys_of(enrichment) for version_id, enrichment in (just_tagged or {}).items()}
    takes = {version_id for pair in moved.values() for version_id in pair if version_id is not None}
    keys |= _load_keys(connection, takes - keys.keys())
    labels: Counter[int] = Counter()
    documents = 0
    for before, after in moved.values():
        if before is not None:
            labels.subtract(keys[before])
            documents -= 1
        if after is not None:
            labels.update(keys[after])
            documents += 1
    add_to(connection, t.label_counts, "key", labels)
    if documents:
        statement = update(t.counters).where(_COUNTERS.name == "documents")
        connection.execute(statement.values(value=_COUNTERS.value + documents))
    rows = [{"lineage_id": lineage, "new_counted": after} for lineage, (_, after) in sorted(moved.items())]
    connection.execute(_SET_COUNTED, rows)


def _keys_of(enrichment: Enrichment) -> set[int]:
    """The keys of the labels by which a take is counted: ``counted_keys`` of its sketch."""
    return {*map(label_key, enrichment.terms), *(entity_key(entity.entity_id) for entity in enrichment.entities)}


def _load_keys(connection: Connection, version_ids: Iterable[int]) -> dict[int, set[int]]:
    keys: dict[int, set[int]] = {}
    for chunk in chunks(sorted(version_ids)):
        sketches = select(_ENRICHMENTS.version_id, _ENRICHMENTS.sketch).where(_ENRICHMENTS.version_id.in_(chunk))
        keys.update((version_id, counted_keys(sketch)) for version_id, sketch in connection.execute(sketches))
    return keys
