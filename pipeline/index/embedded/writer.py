"""Writing a batch into one generation, by the revision rule."""

from collections.abc import Sequence
from pathlib import Path

import tantivy

from pipeline.index.documents import blanked
from pipeline.index.embedded.schema import ADDRESS, MONTH, build_schema, tantivy_document
from pipeline.models import StoryDocument, WriteOutcome, WriteState
from pipeline.models.month_key import month_as_number

_HEAP = 64_000_000  # bytes; one writing thread, so that documents keep their order


def write_batch(folder: Path, stories: Sequence[StoryDocument]) -> list[WriteOutcome]:
    """Write the documents that are newer than those in the index. The caller holds the write lock.

    The batch is committed when this returns.
    """
    index = tantivy.Index.open(str(folder))
    index.config_reader("manual")
    index.reload()
    stored = stored_revisions(index, [story.lineage for story in stories])
    outcomes = list[WriteOutcome]()
    newest = dict[int, tantivy.Document]()
    revisions = dict(stored)
    for story in stories:
        known = revisions.get(story.lineage)
        if known is not None and known >= story.revision:
            outcomes.append(WriteOutcome(story.lineage, story.revision, WriteState.SUPERSEDED))
            continue
        try:
            newest[story.lineage] = tantivy_document(blanked(story))
        except ValueError as error:
            outcomes.append(
                WriteOutcome(story.lineage, story.revision, WriteState.REJECTED, f"it cannot be indexed: {error}")
            )
            continue
        revisions[story.lineage] = story.revision
        outcomes.append(WriteOutcome(story.lineage, story.revision, WriteState.WRITTEN))
    if newest:
        _commit(index, newest, stored)
    return outcomes


def _commit(index: tantivy.Index, newest: dict[int, tantivy.Document], stored: dict[int, int]) -> None:
    writer = index.writer(_HEAP, 1)
    try:
        for lineage, document in newest.items():
            if lineage in stored:
                writer.delete_documents_by_term(ADDRESS, lineage)
            writer.add_document(document)
        writer.commit()
    finally:
        writer.wait_merging_threads()  # this also releases tantivy's own lock, whoever keeps the traceback


def drop_before(folder: Path, month: str) -> set[int]:
    """Remove the stories of all months before ``month`` (2017.11). The caller holds the write lock.

    The removal is committed when this returns.

    Returns:
        The months that were removed, as numbers: 201711.
    """
    index = tantivy.Index.open(str(folder))
    index.config_reader("manual")
    index.reload()
    searcher, last = index.searcher(), month_as_number(month) - 1
    old = tantivy.Query.range_query(index.schema, MONTH, tantivy.FieldType.Integer, None, last)
    addresses = [address for _, address in searcher.search(old, max(1, searcher.num_docs), count=False).hits]
    if not addresses:
        return set()
    writer = index.writer(_HEAP, 1)
    try:
        writer.delete_documents_by_query(old)
        writer.commit()
    finally:
        writer.wait_merging_threads()
    return {int(number) for number in searcher.fast_field_values(MONTH, addresses) if number is not None}


def stored_revisions(index: tantivy.Index, lineages: Sequence[int]) -> dict[int, int]:
    """Lineage -> revision, for those of ``lineages`` that the index holds."""
    searcher = index.searcher()
    if not lineages or searcher.num_docs == 0:
        return {}
    wanted = tantivy.Query.term_set_query(index.schema, ADDRESS, list(set(lineages)))
    addresses = [address for _, address in searcher.search(wanted, len(lineages), count=False).hits]
    indexed = searcher.fast_field_values(ADDRESS, addresses)
    revisions = searcher.fast_field_values("revision", addresses)
    return {int(lineage or 0): int(revision or 0) for lineage, revision in zip(indexed, revisions, strict=True)}


def in_memory(stories: Sequence[StoryDocument]) -> tantivy.Index:
    """Make an in-memory index of a batch, for matching stored queries.

    Raises:
        ValueError: a story cannot be indexed.
    """
    index = tantivy.Index(build_schema())
    writer = index.writer(_HEAP, 1)
    for story in stories:
        writer.add_document(tantivy_document(story))
    writer.commit()
    index.reload()
    return index
