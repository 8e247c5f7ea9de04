"""Recording what tagging found: the enrichment, its copy bands, and the corpus counts."""

from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter

from sqlalchemy import Connection, delete, func, select, update

from pipeline.models import Enrichment, Stage
from pipeline.shared_formats.sketch import pack_sketch
from pipeline.store.copies.lsh import BUCKET_CAP, band_keys
from pipeline.store.db import tables as t
from pipeline.store.db.json_codec import dump_enrichment, dump_mentions
from pipeline.store.db.statements import allocate_ids, chunks, insert_new, upsert
from pipeline.store.entities.decisions import apply_decisions
from pipeline.store.lineage.lineage_state import load_states
from pipeline.store.lineage.versions import counted_version
from pipeline.store.queue.tasks import OpenTask, close_tasks, load_open_tasks, task_row
from pipeline.store.ranking.document_frequencies import recount


def record_enriched(connection: Connection, enrichments: Sequence[Enrichment]) -> None:
    """Save the enrichments whose tasks are open; where their take wins, their lineage is counted_version by them."""
    work = load_open_tasks(connection, Stage.ENRICH, (enrichment.version_id for enrichment in enrichments))
    new = {enrichment.version_id: enrichment for enrichment in enrichments if enrichment.version_id in work}
    if not new:
        return
    new = apply_decisions(connection, new)
    again = [version_id for version_id in sorted(new) if work[version_id].tagged]
    if again:
        _forget(connection, again, work)
    _save(connection, new)
    _file_bands(connection, new, work)
    for some in chunks(sorted(new)):
        connection.execute(update(t.versions).where(t.versions.c.id.in_(some)).values(tagged=True))
    _count(connection, {work[version_id].lineage for version_id in new}, new)
    close_tasks(connection, Stage.ENRICH, new)
    relate = [
        task_row(Stage.RELATE, key, work[key].lineage, work[key].sent_at, work[key].silent) for key in sorted(new)
    ]
    insert_new(connection, t.tasks, relate)


def _save(connection: Connection, new: Mapping[int, Enrichment]) -> None:
    stamp = allocate_ids(connection, "stamps", 1)[0]
    rows = [
        {
            "version_id": version_id,
            "stamp": stamp,
            "revision": enrichment.revision,
            "data": dump_enrichment(enrichment),
            "sketch": pack_sketch(enrichment),
            "vector": enrichment.vector,
            "signature": enrichment.signature,
        }
        for version_id, enrichment in sorted(new.items())
    ]
    upsert(connection, t.enrichments, rows, ("version_id",))
    mentions = [{"version_id": key, "data": dump_mentions(new[key].mentions)} for key in sorted(new)]
    upsert(connection, t.mentions, mentions, ("version_id",))


def _forget(connection: Connection, again: Sequence[int], work: Mapping[int, OpenTask]) -> None:
    """Take back what earlier taggings of these takes left in the counts and the bands."""
    l = t.lineages.c  # noqa: E741
    e = t.enrichments.c
    for some in chunks(again):
        lineages = [work[version_id].lineage for version_id in some]
        counted_by = select(l.id, l.counted).where(l.id.in_(lineages), l.counted.in_(some))
        recount(connection, {lineage: (version_id, None) for lineage, version_id in connection.execute(counted_by)})
        signed = select(e.version_id, e.signature).where(e.version_id.in_(some), e.signature.is_not(None))
        for version_id, signature in connection.execute(signed).all():
            keys = band_keys(signature, work[version_id].sent_at)
            mine = t.bands.c.version_id == version_id
            connection.execute(delete(t.bands).where(t.bands.c.key.in_(keys), mine))


def _file_bands(connection: Connection, new: Mapping[int, Enrichment], work: Mapping[int, OpenTask]) -> None:
    rows = [
        {"key": key, "version_id": version_id}
        for version_id, enrichment in sorted(new.items())
        if enrichment.signature is not None
        for key in band_keys(enrichment.signature, work[version_id].sent_at)
    ]
    full: set[int] = set()
    for some in chunks(sorted({row["key"] for row in rows})):
        filled = select(t.bands.c.key).where(t.bands.c.key.in_(some)).group_by(t.bands.c.key)
        full.update(connection.execute(filled.having(func.count() >= BUCKET_CAP)).scalars())
    # in order of key: each page of a large table is read and written once a batch
    insert_new(connection, t.bands, sorted((row for row in rows if row["key"] not in full), key=itemgetter("key")))


def _count(connection: Connection, lineages: Collection[int], new: Mapping[int, Enrichment]) -> None:
    changes: dict[int, tuple[int | None, int | None]] = {}
    for lineage, state in load_states(connection, lineages).items():
        assert state.row is not None
        changes[lineage] = (state.row.counted, counted_version(state.resolve()))
    recount(connection, changes, new)
