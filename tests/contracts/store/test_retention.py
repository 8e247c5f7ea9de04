"""Which months the index and the texts go back to, on each database."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.models import PublisherLink, Stage, Status, Story, TakeKind
from pipeline.ports import Store
from tests.store.builders import at, story
from tests.store.stage_runner import StageRunner


def dated(uri: str, year: int, month: int, **fields: Any) -> Story:
    time = datetime(year, month, 5, tzinfo=UTC)
    return story(uri, published_at=time, updated_at=time, **fields)


@pytest.fixture
def years(runner: StageRunner) -> dict[str, int]:
    """Uri -> lineage of stories from five years and an undated one, all indexed."""
    stories = [dated(str(year), year, 11) for year in range(2013, 2018)]
    added = runner.add(*stories, story("undated", published_at=None, updated_at=None))
    runner.walk()
    assert runner.pending() == {}
    return {
        uri: answer.lineage
        for uri, answer in zip(["2013", "2014", "2015", "2016", "2017", "undated"], added, strict=True)
    }


def indexed_uris(store: Store, years: dict[str, int]) -> set[str]:
    names = {lineage: uri for uri, lineage in years.items()}
    return {names[lineage] for lineage in store.stories.lineages(indexed=True)}


def bodies(store: Store, years: dict[str, int]) -> set[str]:
    return {uri for uri, lineage in years.items() if store.stories.history(lineage)[0].story.body}


def test_at_first_everything_is_kept(runner: StageRunner, years: dict[str, int]) -> None:
    assert indexed_uris(runner.store, years) == set(years)
    assert runner.store.stories.months() == {
        "": 1,
        "2013.11": 1,
        "2014.11": 1,
        "2015.11": 1,
        "2016.11": 1,
        "2017.11": 1,
    }


def test_months_before_the_first_kept_one_are_out_and_the_store_has_them_still(
    runner: StageRunner, years: dict[str, int]
) -> None:
    stories = runner.store.stories
    assert stories.drop_before("2015.11") == 2
    assert stories.drop_before("2015.11") == 2
    assert indexed_uris(runner.store, years) == {"2015", "2016", "2017", "undated"}
    assert list(stories.months()) == ["", "2015.11", "2016.11", "2017.11"]
    assert bodies(runner.store, years) == set(years)
    assert len(list(stories.lineages())) == 6


def test_nothing_that_comes_later_brings_them_back(runner: StageRunner, years: dict[str, int]) -> None:
    runner.store.stories.drop_before("2015.11")
    runner.indexed.clear()
    runner.add(
        dated("2013", 2013, 11, version=2, headline="Another headline", corrected=True),
        dated("2014", 2014, 11, version=2, status=Status.WITHDRAWN, take=TakeKind.KILL),
        dated("2012", 2012, 1),
        dated("2016", 2016, 11, version=2, headline="Another headline"),
    )
    runner.walk()
    runner.store.work.requeue(Stage.ENRICH)
    runner.walk()
    runner.store.work.requeue(Stage.INDEX)
    runner.walk()
    assert runner.indexed.keys() == {years[uri] for uri in ("2015", "2016", "2017", "undated")}
    assert runner.pending() == {}


def test_work_that_waits_is_closed_and_alerts_do_not_wait_for_it(runner: StageRunner) -> None:
    runner.add(dated("2013", 2013, 11), dated("2017", 2017, 11))
    runner.tag()
    runner.relate()
    assert runner.pending() == {"index": 2, "alert": 2}
    runner.store.stories.drop_before("2015.11")
    assert runner.pending() == {"index": 1, "alert": 2}
    runner.index()
    assert len(runner.alert()) == 2


def test_texts_go_for_good_and_the_index_cannot_go_back_further(runner: StageRunner, years: dict[str, int]) -> None:
    stories = runner.store.stories
    assert stories.drop_before("2015.11", texts=True) == 2
    assert bodies(runner.store, years) == {"2015", "2016", "2017", "undated"}
    assert stories.drop_before("2013.01") == 2
    assert indexed_uris(runner.store, years) == {"2015", "2016", "2017", "undated"}
    assert stories.history(years["2013"])[0].story.headline == dated("2013", 2013, 11).headline


def test_an_earlier_first_month_lets_a_rebuild_bring_months_back(runner: StageRunner, years: dict[str, int]) -> None:
    stories = runner.store.stories
    stories.drop_before("2016.01")
    assert stories.drop_before("2014.01") == 1
    assert indexed_uris(runner.store, years) == {"2014", "2015", "2016", "2017", "undated"}


def test_stories_without_text_are_not_tagged_again(runner: StageRunner, years: dict[str, int]) -> None:
    runner.store.stories.drop_before("2015.11", texts=True)
    runner.store.work.requeue(Stage.ENRICH)
    retagged = runner.store.stories.takes(runner.tag("tagger 2"))
    assert {take.story.uri for take in retagged} == {"2015", "2016", "2017", "undated"}


def test_what_was_never_offered_to_the_index_is_not_in_a_rebuild(runner: StageRunner) -> None:
    runner.add(story("a"), story("b", published_at=at(9)))
    assert list(runner.store.stories.lineages(indexed=True)) == []
    runner.walk()
    runner.add(story("b", version=2, links=(PublisherLink("evolved_from", "a"),), headline="Follows a"))
    runner.add(story("late"))
    assert list(runner.store.stories.lineages(indexed=True)) == [runner.store.stories.resolve("a")]
