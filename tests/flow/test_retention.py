"""Old months leave the index, and nothing brings them back; on the embedded engine, the store beside it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline import flow
from pipeline.flow.retention import first_kept
from pipeline.flow.stages import index
from pipeline.index.documents import document
from pipeline.models import Origin, SearchRequest, Stage, WriteState
from pipeline.settings import load_settings
from pipeline.wiring import Parts
from tests.store.newsroom import Newsroom, SetClock, story

YEARS = range(2013, 2018)


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    """Five years of one story each, and an undated one."""
    parts = Parts(load_settings({"WIREWATCH_HOME": str(tmp_path)}), SetClock(datetime(2017, 11, 20, tzinfo=UTC)))
    dated = [
        story(str(year), published_at=datetime(year, 11, 5, tzinfo=UTC), updated_at=datetime(year, 11, 5, tzinfo=UTC))
        for year in YEARS
    ]
    newsroom = Newsroom(parts.store)
    newsroom.add(*dated, story("undated", published_at=None, updated_at=None))
    newsroom.tag()
    newsroom.relate()
    index(parts)
    assert found(parts) == {*map(str, YEARS), "undated"}
    yield parts
    parts.close()


def found(parts: Parts) -> set[str]:
    return {hit.fields["uri"] for hit in parts.index.search(SearchRequest(query="*:*", limit=100)).hits}


def test_a_dry_run_says_what_would_go(parts: Parts) -> None:
    told = flow.retain(parts, 36, drop_texts=False, dry_run=True)
    assert (told.first_kept, dict(told.months), told.stories) == ("2014.11", {"2013.11": 1}, 1)
    assert found(parts) == {*map(str, YEARS), "undated"}


def test_months_are_dropped_and_a_rebuild_leaves_them_out(parts: Parts) -> None:
    assert flow.retain(parts, 24, drop_texts=False).stories == 2
    left = {"2015", "2016", "2017", "undated"}
    assert found(parts) == left
    assert flow.retain(parts, 24, drop_texts=False).stories == 0
    assert flow.reindex(parts).indexed == 4
    assert found(parts) == left
    parts.store.work.requeue(Stage.INDEX)
    index(parts)
    assert found(parts) == left
    assert len(list(parts.store.stories.export())) == 6


def test_a_longer_period_and_a_rebuild_bring_months_back(parts: Parts) -> None:
    flow.retain(parts, 24, drop_texts=False)
    flow.retain(parts, 36, drop_texts=False)
    flow.reindex(parts)
    assert found(parts) == {"2014", "2015", "2016", "2017", "undated"}


def test_texts_go_where_that_is_wanted(parts: Parts) -> None:
    flow.retain(parts, 24, drop_texts=True)
    texts = {
        uri: parts.store.stories.history(parts.store.stories.resolve(uri))[0].story.body for uri in ("2014", "2015")
    }
    assert texts["2014"] == ""
    assert texts["2015"]


def test_a_writer_that_was_under_way_is_undone_the_next_time(parts: Parts) -> None:
    lineage = parts.store.stories.resolve("2013")
    (record,) = parts.store.stories.records([lineage])
    flow.retain(parts, 24, drop_texts=False)
    late = document(replace(record, revision=record.revision + 1))
    assert [outcome.state for outcome in parts.index.write([late])] == [WriteState.WRITTEN]
    flow.retain(parts, 24, drop_texts=False)
    assert "2013" not in found(parts)


def test_maintenance_keeps_to_the_settings(parts: Parts, tmp_path: Path) -> None:
    assert flow.retain_as_set(parts) is None
    parts.settings = replace(parts.settings, retention=12)
    kept = flow.retain_as_set(parts)
    assert kept is not None
    assert kept.first_kept == "2016.11"
    assert found(parts) == {"2016", "2017", "undated"}


def test_so_does_a_walk(parts: Parts) -> None:
    parts.settings = replace(parts.settings, retention=12)
    flow.walk(parts)
    assert found(parts) == {"2016", "2017", "undated"}


def test_an_old_archive_is_stored_and_not_indexed(parts: Parts) -> None:
    flow.retain(parts, 24, drop_texts=False)
    archive = Origin("import", "archive", parts.clock.now(), backfill=True)
    old = datetime(2010, 1, 1, tzinfo=UTC)
    parts.store.stories.add([story("2010", published_at=old, updated_at=old)], archive)
    newsroom = Newsroom(parts.store)
    newsroom.tag()
    newsroom.relate()
    index(parts)
    assert "2010" not in found(parts)
    assert parts.store.work.pending(Stage.INDEX) == 0
    assert parts.store.stories.resolve("2010")


@pytest.mark.parametrize(
    ("keep", "first"), [(1, "2017.10"), (10, "2017.01"), (11, "2016.12"), (60, "2012.11"), (99_999, "0001.01")]
)
def test_the_first_month_kept(keep: int, first: str) -> None:
    assert first_kept(datetime(2017, 11, 20, tzinfo=UTC), keep) == first
