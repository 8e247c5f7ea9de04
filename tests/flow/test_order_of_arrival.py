"""Four versions of a story in any order, in every format, with the index written between any two: one same end."""

from itertools import permutations
from typing import Any

import pytest

from pipeline.models import Status
from tests.parse.documents import document, only_story
from tests.parse.versions import FORMATS, VERSIONS, Version
from tests.store.opened_stores import SqliteStores, opened
from tests.store.stage_runner import StageRunner

pytestmark = pytest.mark.slow  # takes more than five seconds of processor time


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> SqliteStores:
    return SqliteStores(tmp_path_factory.mktemp("orders"))


def _final_state(runner: StageRunner) -> dict[str, Any]:
    rows = runner.export()
    (lineage,) = {runner.store.stories.resolve(row["uri"]) for row in rows}
    (record,) = runner.store.stories.records([lineage])
    history = runner.store.stories.history(lineage)
    return {
        "rows": rows,
        "takes": [(take.version, take.story) for take in history],
        "record": (record.status, record.corrected, record.published_at, record.updated_at, record.current.story),
        "pending": runner.pending(),
    }


@pytest.mark.parametrize("count", [3, 4], ids=["corrected", "killed"])
@pytest.mark.parametrize("name", FORMATS)
def test_every_order_of_arrival_ends_in_the_same_state(stores: SqliteStores, name: str, count: int) -> None:
    takes = [only_story(document(FORMATS[name](version), publisher="harbour")) for version in VERSIONS[:count]]
    ends = []
    for number, order in enumerate(permutations(range(count))):
        with opened(stores.fresh()) as store:
            runner = StageRunner(store)
            for step, position in enumerate(order):
                runner.add(takes[position])
                if (number + 1) >> step & 1:  # the index is written after some of the takes, others in each order
                    runner.walk()
            runner.walk()
            ends.append(_final_state(runner))
    status, corrected, *_, current = ends[0]["record"]
    assert (status, corrected) == ((Status.USABLE, True) if count == 3 else (Status.WITHDRAWN, corrected))
    assert "13 million" in current.body if count == 3 else current.body == ""
    assert len(ends[0]["takes"]) == count
    assert all(end == ends[0] for end in ends)


@pytest.mark.parametrize("name", FORMATS)
def test_a_version_that_only_has_another_date_is_no_version(stores: SqliteStores, name: str) -> None:
    first = VERSIONS[0]
    again = Version(
        first.number, first.hour + 3, first.take_line, first.headline, f"{first.text.replace(' two ', '  two ')}"
    )
    with opened(stores.fresh()) as store:
        runner = StageRunner(store)
        for version in (first, again):
            runner.add(only_story(document(FORMATS[name](version), publisher="harbour")))
        (lineage,) = store.stories.lineages()
        assert len(store.stories.history(lineage)) == 1
