"""A rebuild: everything into new indices while the old ones are searched, then one request that swaps them.

Writers see it from its first moment on and write for it too (writing.py); what they wrote is newer than what comes here
and stays, by the version rule.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice

from pipeline.errors import IndexUnavailable
from pipeline.index.elastic.writing.bulk import Bulk, Fate
from pipeline.index.elastic.writing.index_registry import Catalogue
from pipeline.index.elastic.writing.write import Prepared, outcome, prepared
from pipeline.models import StoryDocument, WriteOutcome

_BATCH = 2_000


def rebuilt(catalogue: Catalogue, bulk: Bulk, documents: Iterable[StoryDocument]) -> Iterator[WriteOutcome]:
    """One outcome a document; given up, and removed, if the caller stops before the end."""
    number = catalogue.begin()
    try:
        pending = iter(documents)
        while batch := list(islice(pending, _BATCH)):
            yield from _written(catalogue, bulk, batch, number)
        catalogue.finish(number)
    except BaseException:
        with suppress(IndexUnavailable):  # then whoever meets the remains removes them
            catalogue.give_up(number)
        raise


def _written(catalogue: Catalogue, bulk: Bulk, batch: Sequence[StoryDocument], number: int) -> Iterator[WriteOutcome]:
    ready = [prepared(story) for story in batch]
    sound = [one for one in ready if isinstance(one, Prepared)]
    building = dict(catalogue.building(number))
    for month in sorted({one.month for one in sound} - building.keys()):
        building[month] = catalogue.make_for_rebuild(month, number)
    answers = bulk.send([one.to(building[one.month]) for one in sound])
    if any(answer.fate is Fate.GONE for answer in answers):
        raise IndexUnavailable("the rebuild was taken for dead and its indices were removed; start it again")
    given = iter(answers)
    for one in ready:
        yield one if isinstance(one, WriteOutcome) else outcome(one, next(given))
