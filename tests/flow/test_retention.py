"""Old months leave the index, and nothing brings them back; on the embedded engine, the store beside it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline import Wirewatch
from pipeline.index.documents import document
from pipeline.models import Origin, SearchRequest, Stage, WriteState
from pipeline.models.month_key import months_before
from pipeline.settings import load_settings
from tests.store.builders import story
from tests.store.opened_stores import SetClock
from tests.store.stage_runner import StageRunner

YEARS = range(2013, 2018)


@pytest.fixture
def wirewatch(tmp_path: Path) -> Iterator[Wirewatch]:
    """Five years of one story each, and an undated one."""
    wirewatch = Wirewatch.open(
        load_settings({"WIREWATCH_HOME": str(tmp_path)}), SetClock(datetime(2017, 11, 20, tzinfo=UTC))
    )
    dated = [
        story(str(year), published_at=datetime(year, 11, 5, tzinfo=UTC), updated_at=datetime(year, 11, 5, tzinfo=UTC))
        for year in YEARS
    ]
    runner = StageRunner(wirewatch.adapters.store)
    runner.add(*dated, story("undated", published_at=None, updated_at=None))
    runner.tag()
    runner.relate()
    wirewatch.stages.index()
    assert uris_in_index(wirewatch) == {*map(str, YEARS), "undated"}
    yield wirewatch
    wirewatch.close()


def uris_in_index(wirewatch: Wirewatch) -> set[str]:
    return {hit.fields["uri"] for hit in wirewatch.adapters.index.search(SearchRequest(query="*:*", limit=100)).hits}


def test_a_dry_run_says_what_would_go(wirewatch: Wirewatch) -> None:
    dropped = wirewatch.retention.drop(36, drop_texts=False, dry_run=True)
    assert (dropped.first_kept, dict(dropped.months), dropped.stories) == ("2014.11", {"2013.11": 1}, 1)
    assert uris_in_index(wirewatch) == {*map(str, YEARS), "undated"}


def test_months_are_dropped_and_a_rebuild_leaves_them_out(wirewatch: Wirewatch) -> None:
    assert wirewatch.retention.drop(24, drop_texts=False).stories == 2
    left = {"2015", "2016", "2017", "undated"}
    assert uris_in_index(wirewatch) == left
    assert wirewatch.retention.drop(24, drop_texts=False).stories == 0
    assert wirewatch.stages.reindex().indexed == 4
    assert uris_in_index(wirewatch) == left
    wirewatch.adapters.store.work.requeue(Stage.INDEX)
    wirewatch.stages.index()
    assert uris_in_index(wirewatch) == left
    assert len(list(wirewatch.stories.export())) == 6


def test_a_longer_period_and_a_rebuild_bring_months_back(wirewatch: Wirewatch) -> None:
    wirewatch.retention.drop(24, drop_texts=False)
    wirewatch.retention.drop(36, drop_texts=False)
    wirewatch.stages.reindex()
    assert uris_in_index(wirewatch) == {"2014", "2015", "2016", "2017", "undated"}


def test_texts_go_where_that_is_wanted(wirewatch: Wirewatch) -> None:
    wirewatch.retention.drop(24, drop_texts=True)
    texts = {
        uri: wirewatch.adapters.store.stories.history(wirewatch.stories.resolve(uri))[0].story.body
        for uri in ("2014", "2015")
    }
    assert texts["2014"] == ""
    assert texts["2015"]


def test_a_writer_that_was_under_way_is_undone_the_next_time(wirewatch: Wirewatch) -> None:
    lineage = wirewatch.stories.resolve("2013")
    (record,) = wirewatch.adapters.store.stories.records([lineage])
    wirewatch.retention.drop(24, drop_texts=False)
    late = document(replace(record, revision=record.revision + 1))
    assert [outcome.state for outcome in wirewatch.adapters.index.write([late])] == [WriteState.WRITTEN]
    wirewatch.retention.drop(24, drop_texts=False)
    assert "2013" not in uris_in_index(wirewatch)


def test_maintenance_keeps_to_the_settings(wirewatch: Wirewatch, tmp_path: Path) -> None:
    assert wirewatch.retention.apply_settings() is None
    wirewatch.adapters.settings = replace(wirewatch.settings, retention=12)
    kept = wirewatch.retention.apply_settings()
    assert kept is not None
    assert kept.first_kept == "2016.11"
    assert uris_in_index(wirewatch) == {"2016", "2017", "undated"}


def test_so_does_a_walk(wirewatch: Wirewatch) -> None:
    wirewatch.adapters.settings = replace(wirewatch.settings, retention=12)
    wirewatch.stages.run()
    assert uris_in_index(wirewatch) == {"2016", "2017", "undated"}


def test_an_old_archive_is_stored_and_not_indexed(wirewatch: Wirewatch) -> None:
    wirewatch.retention.drop(24, drop_texts=False)
    archive = Origin("import", "archive", wirewatch.clock.now(), backfill=True)
    old = datetime(2010, 1, 1, tzinfo=UTC)
    wirewatch.adapters.store.stories.add([story("2010", published_at=old, updated_at=old)], archive)
    runner = StageRunner(wirewatch.adapters.store)
    runner.tag()
    runner.relate()
    wirewatch.stages.index()
    assert "2010" not in uris_in_index(wirewatch)
    assert wirewatch.adapters.store.work.pending(Stage.INDEX) == 0
    assert wirewatch.stories.resolve("2010")


@pytest.mark.parametrize(
    ("keep", "first"), [(1, "2017.10"), (10, "2017.01"), (11, "2016.12"), (60, "2012.11"), (99_999, "0001.01")]
)
def test_the_first_month_kept(keep: int, first: str) -> None:
    assert months_before(datetime(2017, 11, 20, tzinfo=UTC), keep) == first
