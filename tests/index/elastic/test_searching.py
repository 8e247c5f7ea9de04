"""Deep pages on a real server: they join to the whole, whatever happens in between."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pipeline.errors import UsageError
from pipeline.index.elastic.engine import ElasticIndex
from pipeline.models import SearchRequest, StoryDocument
from tests.index.elastic.engines import Site
from tests.index.stories import DAY, story


def stories(count: int, **fields: Any) -> list[StoryDocument]:
    """In four months, of ten times, with three words of different weight."""
    return [
        story(
            n,
            headline=" ".join(["deal"] * (1 + n % 3)),
            published_at=None if n % 11 == 0 else DAY + timedelta(days=n % 10),
            month=f"2017.{9 + n % 4:02}",
            **fields,
        )
        for n in range(1, count + 1)
    ]


def pages(engine: ElasticIndex, request: SearchRequest, between: Callable[[int], None]) -> list[int]:
    """The lineages of all pages, in order. between: called after each, with its number."""
    joined, number = list[int](), 1
    while True:
        page = engine.search(request)
        joined += [hit.lineage for hit in page.hits]
        if page.next_key is None:
            return joined
        between(number)
        number += 1
        request = replace(request, after_key=page.next_key)


def open_views(site: Site) -> int:
    nodes = site.call("GET", "/_nodes/stats/indices/search")["nodes"]
    return sum(int(node["indices"]["search"]["open_contexts"]) for node in nodes.values())


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
@pytest.mark.parametrize("fold", [False, True])
def test_pages_stand_still_while_stories_come_in(site: Site, sort: str, fold: bool) -> None:
    engine = site.open()
    engine.write(stories(60, copy_group=None))
    engine.write(
        [replace(story, revision=2, copy_group=story.lineage % 5) for story in stories(60) if story.lineage % 2]
    )
    request = SearchRequest(query="deal", sort=sort, fold_copies=fold, limit=7, highlight=False)
    all_hits = [hit.lineage for hit in engine.search(replace(request, limit=200)).hits]
    assert len(all_hits) == (35 if fold else 60)

    def come_in(page: int) -> None:
        if page > 1:  # the second page opens the point in time
            fresh = stories(200)[60 + 10 * page : 70 + 10 * page]
            engine.write([replace(document, published_at=DAY + timedelta(days=5, hours=page)) for document in fresh])

    assert pages(engine, request, come_in) == all_hits
    assert open_views(site) == 0


@pytest.mark.parametrize("sort", ["relevance", "newest"])
def test_pages_go_on_after_a_rebuild_and_when_the_point_in_time_has_run_out(site: Site, sort: str) -> None:
    engine, everything = site.open(), stories(50)
    engine.write(everything)
    request = SearchRequest(query="deal", sort=sort, limit=8, highlight=False)
    all_hits = [hit.lineage for hit in engine.search(replace(request, limit=200)).hits]

    def disturb(page: int) -> None:
        if page == 3:
            list(engine.rebuild(everything))

    assert pages(engine, request, disturb) == all_hits
    first = engine.search(request)
    second = engine.search(replace(request, after_key=first.next_key))
    assert second.next_key is not None
    view = json.loads(base64.urlsafe_b64decode(second.next_key))[-1]
    site.call("DELETE", "/_pit", {"id": view})
    third = engine.search(replace(request, after_key=second.next_key))
    assert [hit.lineage for page in (first, second, third) for hit in page.hits] == all_hits[:24]
    assert open_views(site) == len(site.indices())  # the last page was not asked for


def test_more_hits_than_one_answer_holds(site: Site) -> None:
    engine = site.open()
    many = [story(n, headline="deal", body="", published_at=None, month="2017.11") for n in range(1, 10_401)]
    engine.write(many)
    result = engine.search(SearchRequest(query="deal", limit=10_300, highlight=False))
    assert (result.total, [hit.lineage for hit in result.hits]) == (10_400, list(range(1, 10_301)))
    rest = engine.search(SearchRequest(query="deal", limit=10_300, highlight=False, after_key=result.next_key))
    assert [hit.lineage for hit in rest.hits] == list(range(10_301, 10_401))


@pytest.mark.parametrize(
    "key", ["", "!", "bm9uZQ==", base64.urlsafe_b64encode(b'["relevance", "x", 1, null]').decode()]
)
def test_a_key_that_no_search_has_returned_is_refused(site: Site, key: str) -> None:
    engine = site.open()
    engine.write(stories(3))
    request = SearchRequest(query="deal", after_key=key)
    if key == "":
        assert engine.search(request).total == 3
        return
    with pytest.raises(UsageError, match="start from the first page"):
        engine.search(request)
