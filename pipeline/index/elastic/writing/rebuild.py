"""A rebuild: everything into new indices while the old ones are searched, then one request that swaps them.

Writers see it from its first moment on and write for it too (writer.py); what they wrote is newer than what comes here
and stays, by the version rule.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice

from pipeline.errors import IndexUnavailable
from pipeline.index.elastic.writing.alias_registry import AliasRegistry
from pipeline.index.elastic.writing.bulk import Bulk, ItemStatus
from pipeline.index.elastic.writing.writer import PreparedDocument, outcome_of, prepare
from pipeline.models import StoryDocument, WriteOutcome

_BATCH = 2_000


def rebuild(registry: AliasRegistry, bulk: Bulk, documents: Iterable[StoryDocument]) -> Iterator[WriteOutcome]:
    """Write documents into new indices, then swap these in.

    If the caller stops before the end, the rebuild is given up and its indices are removed.

    Yields:
        One outcome per document.
    """
    number = registry.begin()
    try:
        pending = iter(documents)
        while batch := list(islice(pending, _BATCH)):
            yield from _write_batch(registry, bulk, batch, number)
        registry.finish(number)
    except BaseException:
        with suppress(IndexUnavailable):  # then whoever meets the remains removes them
            registry.give_up(number)
        raise


def _write_batch(
    registry: AliasRegistry, bulk: Bulk, batch: Sequence[StoryDocument], number: int
) -> Iterator[WriteOutcome]:
    prepared = [prepare(story) for story in batch]
    writable = [document for document in prepared if isinstance(document, PreparedDocument)]
    building = dict(registry.building(number))
    for month in sorted({document.month for document in writable} - building.keys()):
        building[month] = registry.make_for_rebuild(month, number)
    answers = bulk.send([document.to(building[document.month]) for document in writable])
    if any(answer.status is ItemStatus.GONE for answer in answers):
        raise IndexUnavailable("the rebuild was taken for dead and its indices were removed; start it again")
    results = iter(answers)
    for document in prepared:
        yield document if isinstance(document, WriteOutcome) else outcome_of(document, next(results))
