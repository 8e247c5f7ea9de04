"""Which months the index and the texts go back to, on each database."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.models import PublisherLink, Stage, Status, Story, TakeKind
from pipeline.ports import Store
from tests.store.newsroom import Newsroom, at, story


def dated(uri: str, year: int, month: int, **fields: Any) -> Story:
    time = datetime(year, month, 5, tzinfo=UTC)
    return story(uri, published_at=time, updated_at=time, **fields)


@pytest.fixture
def years(newsroom: Newsroom) -> dict[str, int]:
    """Uri -> lineage of stories from five years and an undated one, all indexed."""
    stories = [dated(str(year), year, 11) for year in range(2013, 2018)]
    added = newsroom.add(*stories, story("undated", published_at=None, updated_at=None))
    newsroom.walk()
    assert newsroom.pending() == {}
    return {
        uri: one.lineage for uri, one in zip(["2013", "2014", "2015", "2016", "2017", "undated"], added, strict=True)
    }


def held(store: Store, years: dict[str, int]) -> set[str]:
    names = {lineage: uri for uri, lineage in years.items()}
    return {names[lineage] for lineage in store.stories.lineages(indexed=True)}


def bodies(store: Store, years: dict[str, int]) -> set[str]:
    return {uri for uri, lineage in years.items() if store.stories.history(lineage)[0].story.body}


def test_at_first_everything_is_kept(newsroom: Newsroom, years: dict[str, int]) -> None:
    assert held(newsroom.store, years) == set(years)
    assert newsroom.store.stories.months() == {
        "": 1,
        "2013.11": 1,
        "2014.11": 1,
        "2015.11": 1,
        "2016.11": 1,
        "2017.11": 1,
    }


def test_months_before_the_first_kept_one_are_out_and_the_store_has_them_still(
    newsroom: Newsroom, years: dict[str, int]
) -> None:
    stories = newsroom.store.stories
    assert stories.drop_before("2015.11") == 2
    assert stories.drop_before("2015.11") == 2
    assert held(newsroom.store, years) == {"2015", "2016", "2017", "undated"}
    assert list(stories.months()) == ["", "2015.11", "2016.11", "2017.11"]
    assert bodies(newsroom.store, years) == set(years)
    assert len(list(stories.lineages())) == 6


def test_nothing_that_comes_later_brings_them_back(newsroom: Newsroom, years: dict[str, int]) -> None:
    newsroom.store.stories.drop_before("2015.11")
    newsroom.indexed.clear()
    newsroom.add(
        dated("2013", 2013, 11, version=2, headline="Another headline", corrected=True),
        dated("2014", 2014, 11, version=2, status=Status.WITHDRAWN, take=TakeKind.KILL),
        dated("2012", 2012, 1),
        dated("2016", 2016, 11, version=2, headline="Another headline"),
    )
    newsroom.walk()
    newsroom.store.work.requeue(Stage.ENRICH)
    newsroom.walk()
    newsroom.store.work.requeue(Stage.INDEX)
    newsroom.walk()
    assert newsroom.indexed.keys() == {years[uri] for uri in ("2015", "2016", "2017", "undated")}
    assert newsroom.pending() == {}


def test_work_that_waits_is_closed_and_alerts_do_not_wait_for_it(newsroom: Newsroom) -> None:
    newsroom.add(dated("2013", 2013, 11), dated("2017", 2017, 11))
    newsroom.tag()
    newsroom.relate()
    assert newsroom.pending() == {"index": 2, "alert": 2}
    newsroom.store.stories.drop_before("2015.11")
    assert newsroom.pending() == {"index": 1, "alert": 2}
    newsroom.index()
    assert len(newsroom.alert()) == 2


def test_texts_go_for_good_and_the_index_cannot_go_back_further(newsroom: Newsroom, years: dict[str, int]) -> None:
    stories = newsroom.store.stories
    assert stories.drop_before("2015.11", texts=True) == 2
    assert bodies(newsroom.store, years) == {"2015", "2016", "2017", "undated"}
    assert stories.drop_before("2013.01") == 2
    assert held(newsroom.store, years) == {"2015", "2016", "2017", "undated"}
    assert stories.history(years["2013"])[0].story.headline == dated("2013", 2013, 11).headline


def test_an_earlier_first_month_lets_a_rebuild_bring_months_back(newsroom: Newsroom, years: dict[str, int]) -> None:
    stories = newsroom.store.stories
    stories.drop_before("2016.01")
    assert stories.drop_before("2014.01") == 1
    assert held(newsroom.store, years) == {"2014", "2015", "2016", "2017", "undated"}


def test_stories_without_text_are_not_tagged_again(newsroom: Newsroom, years: dict[str, int]) -> None:
    newsroom.store.stories.drop_before("2015.11", texts=True)
    newsroom.store.work.requeue(Stage.ENRICH)
    retagged = newsroom.store.stories.takes(newsroom.tag("tagger 2"))
    assert {take.story.uri for take in retagged} == {"2015", "2016", "2017", "undated"}


def test_what_was_never_offered_to_the_index_is_not_in_a_rebuild(newsroom: Newsroom) -> None:
    newsroom.add(story("a"), story("b", published_at=at(9)))
    assert list(newsroom.store.stories.lineages(indexed=True)) == []
    newsroom.walk()
    newsroom.add(story("b", version=2, links=(PublisherLink("evolved_from", "a"),), headline="Follows a"))
    newsroom.add(story("late"))
    assert list(newsroom.store.stories.lineages(indexed=True)) == [newsroom.store.stories.resolve("a")]
