"""Recording what tagging came to: the enrichment, its copy bands, and the corpus counts."""

from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter

from sqlalchemy import Connection, delete, func, select, update

from pipeline.models import Enrichment, Stage
from pipeline.shared_formats.sketch import pack_sketch
from pipeline.store.copies.lsh import BUCKET_CAP, band_keys
from pipeline.store.db import tables as t
from pipeline.store.db.ids import allocate_ids
from pipeline.store.db.json_codec import dump_enrichment, dump_mentions
from pipeline.store.db.statements import chunks, insert_new, upsert
from pipeline.store.entities.decisions import apply_decisions
from pipeline.store.lineage.lineage_state import load_states
from pipeline.store.queue.tasks import OpenTask, close_tasks, load_open_tasks, task_row
from pipeline.store.ranking.document_frequencies import recount


def record_enriched(connection: Connection, enrichments: Sequence[Enrichment]) -> None:
    """Save the enrichments whose tasks are open. A lineage is counted by them where their take wins."""
    tasks = load_open_tasks(connection, Stage.ENRICH, (enrichment.version_id for enrichment in enrichments))
    new = {enrichment.version_id: enrichment for enrichment in enrichments if enrichment.version_id in tasks}
    if not new:
        return
    new = apply_decisions(connection, new)
    _delete_earlier_tagging(connection, [tasks[version_id] for version_id in sorted(new) if tasks[version_id].tagged])
    _save_enrichments(connection, new)
    _file_bands(connection, new, tasks)
    for chunk in chunks(sorted(new)):
        connection.execute(update(t.versions).where(t.versions.c.id.in_(chunk)).values(tagged=True))
    _count_lineages(connection, {tasks[version_id].lineage for version_id in new}, new)
    close_tasks(connection, Stage.ENRICH, new)
    done = [tasks[version_id] for version_id in sorted(new)]
    relate = [task_row(Stage.RELATE, task.subject, task.lineage, task.sent_at, task.silent) for task in done]
    insert_new(connection, t.tasks, relate)


def _save_enrichments(connection: Connection, new: Mapping[int, Enrichment]) -> None:
    tagging_version = allocate_ids(connection, "tagging_versions", 1)[0]
    rows = [
        {
            "version_id": version_id,
            "tagging_version": tagging_version,
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


def _delete_earlier_tagging(connection: Connection, tagged: Sequence[OpenTask]) -> None:
    """Take back what earlier taggings of these takes left in the counts and the bands."""
    lineages, enrichments = t.lineages.c, t.enrichments.c
    counted = select(lineages.id, lineages.counted_version_id)
    signed = select(enrichments.version_id, enrichments.signature).where(enrichments.signature.is_not(None))
    for chunk in chunks(tagged):
        of_version = {task.subject: task for task in chunk}
        is_counted = lineages.counted_version_id.in_(of_version)
        by_these = counted.where(lineages.id.in_([task.lineage for task in chunk]), is_counted)
        recount(connection, {lineage: (version_id, None) for lineage, version_id in connection.execute(by_these)})
        rows = connection.execute(signed.where(enrichments.version_id.in_(of_version))).all()
        for version_id, signature in rows:
            keys = band_keys(signature, of_version[version_id].sent_at)
            is_filed = t.bands.c.key.in_(keys) & (t.bands.c.version_id == version_id)
            connection.execute(delete(t.bands).where(is_filed))


def _file_bands(connection: Connection, new: Mapping[int, Enrichment], tasks: Mapping[int, OpenTask]) -> None:
    """File takes under the bands of their signatures, but for bands that are full."""
    rows = [
        {"key": key, "version_id": version_id}
        for version_id, enrichment in sorted(new.items())
        if enrichment.signature is not None
        for key in band_keys(enrichment.signature, tasks[version_id].sent_at)
    ]
    full: set[int] = set()
    for chunk in chunks(sorted({row["key"] for row in rows})):
        filled = select(t.bands.c.key).where(t.bands.c.key.in_(chunk)).group_by(t.bands.c.key)
        full.update(connection.execute(filled.having(func.count() >= BUCKET_CAP)).scalars())
    # In order of key: each page of a large table is read and written once per batch.
    insert_new(connection, t.bands, sorted((row for row in rows if row["key"] not in full), key=itemgetter("key")))


def _count_lineages(connection: Connection, lineages: Collection[int], new: Mapping[int, Enrichment]) -> None:
    """Count lineages by the takes that count now."""
    changes: dict[int, tuple[int | None, int | None]] = {}
    for lineage, state in load_states(connection, lineages).items():
        assert state.row is not None
        changes[lineage] = (state.row.counted_version_id, state.resolve().counted_version_id)
    recount(connection, changes, new)
