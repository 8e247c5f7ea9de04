"""Rebuilds on a real server: nothing is lost, and nothing is missing meanwhile."""

import random
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from pipeline.errors import IndexUnavailable
from pipeline.index.elastic.writing.alias_registry import ALIVE
from pipeline.models import SearchRequest, Status, StoryDocument, WriteState
from tests.index.elastic.engines import FixedClock, Site, expected
from tests.index.stories import story
from tests.servers.elasticsearch import ElasticsearchServer

MONTHS = (None, "2017.11", "2017.12", "2018.01", "2018.02", "2018.03")


def in_month(lineage: int, **fields: Any) -> StoryDocument:
    return story(lineage, month=MONTHS[lineage % len(MONTHS)], **fields)


class Restless:
    """Does something again and again beside the test, until the block ends; then raises what went wrong with it."""

    def __init__(self, step: Callable[[], None]) -> None:
        self.steps = 0
        self._step = step
        self._done = threading.Event()
        self._threads = ThreadPoolExecutor(1)

    def __enter__(self) -> "Restless":
        self._going = self._threads.submit(self._go_on)
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._threads.shutdown()
        self._going.result()

    def _go_on(self) -> None:
        while not self._done.is_set():
            self._step()
            self.steps += 1


def test_ingestion_loses_nothing_and_no_search_sees_a_hole(site: Site) -> None:
    anchors = [in_month(n, headline="anchored") for n in range(1, 31)]
    store = {anchor.lineage: anchor for anchor in anchors}
    writer, reader, rebuilder = site.open(), site.open(), site.open()
    writer.write(anchors)
    chance, newest = random.Random(11), iter(range(1_000, 100_000))

    def write_more() -> None:
        """Stories come in and get further takes: stored first, indexed then, as the walk does."""
        known = (
            chance.sample(sorted(store.keys() - {anchor.lineage for anchor in anchors}), 4) if len(store) > 99 else []
        )
        batch = []
        for lineage in [*(next(newest) for _ in range(10)), *known]:
            revision = store[lineage].revision + 1 if lineage in store else 1
            status = Status.WITHDRAWN if chance.random() < 0.1 else Status.USABLE
            batch.append(in_month(lineage, headline=f"take {revision}", revision=revision, status=status))
        store.update((document.lineage, document) for document in batch)
        assert WriteState.REJECTED not in {outcome.state for outcome in writer.write(batch)}

    def read() -> None:
        result = reader.search(SearchRequest(query="anchored", limit=100, highlight=False))
        assert (result.total, len(result.hits)) == (len(anchors), len(anchors))

    def everything() -> Iterator[StoryDocument]:
        """As it is when the rebuild begins, as the walk reads its store. What is stored later is written to both."""
        yield from [store[lineage] for lineage in sorted(store)]

    with Restless(write_more) as writing, Restless(read) as reading:
        for _ in range(4):
            for _ in rebuilder.rebuild(everything()):
                pass
    assert writing.steps > 4
    assert reading.steps > 4
    assert site.documents() == expected(store.values())
    assert all(name.endswith("-r5") for name in site.indices()), site.indices()


def test_one_rebuild_at_a_time(site: Site) -> None:
    first, second = site.open(), site.open()
    first.write([in_month(1)])
    going = first.rebuild([in_month(1, revision=2)])
    next(going)
    with pytest.raises(IndexUnavailable, match="another process is rebuilding the index"):
        next(second.rebuild([]))
    assert isinstance(going, Generator)
    going.close()
    assert [outcome.lineage for outcome in second.rebuild([in_month(2)])] == [2]
    assert list(site.documents()) == [2]


def test_a_rebuild_whose_process_died_is_cleared_away_and_cannot_come_back(site: Site) -> None:
    clock, dead = FixedClock(), site.open(FixedClock())
    alive = site.open(clock)
    alive.write([in_month(1)])
    going = dead.rebuild(in_month(n, revision=9) for n in range(1, 3_000))
    next(going)
    alive.write([in_month(2)])
    assert "stories-undated-r2" in site.indices()
    clock.time += ALIVE + timedelta(seconds=1)
    alive.write([in_month(3)])
    assert site.indices() == ["stories-2017.11", "stories-2017.12", "stories-2018.01"]
    with pytest.raises(IndexUnavailable, match="taken for dead; start it again"):
        list(going)
    assert [outcome.lineage for outcome in alive.rebuild([in_month(7)])] == [7]
    assert site.documents() == expected([in_month(7)])


def test_a_rebuild_that_takes_long_stays_alive(site: Site) -> None:
    clock = FixedClock()
    slow, writer = site.open(clock), site.open(clock)
    writer.write([in_month(1)])
    stories = [in_month(n) for n in range(1, 5_000)]

    def slowly() -> Iterator[StoryDocument]:
        for number, document in enumerate(stories):
            if number % 1_000 == 0:
                clock.time += ALIVE / 4
                writer.write([in_month(1, revision=number + 2)])
            yield document

    for _ in slow.rebuild(slowly()):
        pass
    assert site.documents() == expected([*stories, in_month(1, revision=4_002)])


def test_a_month_made_for_a_rebuild_that_was_just_over_is_not_lost(site: Site) -> None:
    engine, other = site.open(), site.open()
    engine.write([in_month(1)])
    list(engine.rebuild([in_month(1)]))
    next_alias: dict[str, Any] = {"aliases": {f"{site.prefix}-stories-next": {}}}
    for month, lineage in (("2017.12", 2), ("2017.11", 7)):
        site.call("PUT", f"/{{}}-stories-{month}-r{2 if lineage == 2 else 7}", next_alias)
    site.call("PUT", "/{}-stories-2017.12-r2/_doc/2?version=1&version_type=external", {"lineage": 2, "revision": 1})
    assert other.count() == 1
    other.write([in_month(3)])
    assert other.count() == 3
    assert site.indices() == [
        *("stories-2017.11-r2", "stories-2017.12-r2", "stories-2018.01-r2", "stories-undated-r2"),
    ]


def test_indices_made_with_another_mapping_are_not_written_until_they_are_built_anew(site: Site) -> None:
    engine = site.open()
    stories = [in_month(n) for n in range(1, 5)]
    engine.write(stories)
    site.call("PUT", "/{}-stories-2017.12/_mapping", {"_meta": {"layout": "0-older"}})
    newer = site.open()
    with pytest.raises(IndexUnavailable, match=r"2017\.12 .*another mapping \(0-older.*run `wirewatch reindex`"):
        newer.write([in_month(9)])
    list(newer.rebuild(stories))
    newer.write([in_month(9)])
    assert site.documents() == expected([*stories, in_month(9)])


def test_an_index_of_somebody_else_in_a_month_s_place_is_named(site: Site) -> None:
    engine = site.open()
    engine.write([in_month(1)])
    site.call("PUT", "/{}-stories-2017.12", {"mappings": {"properties": {"mine": {"type": "keyword"}}}})
    with pytest.raises(IndexUnavailable, match=r"index for 2017\.12 .* none of our aliases; rename or remove it"):
        engine.write([in_month(2)])
    site.call("DELETE", "/{}-stories-2017.12")
    engine.write([in_month(2)])
    assert site.documents() == expected([in_month(1), in_month(2)])


def test_months_are_dropped_and_may_come_again(site: Site) -> None:
    engine, other = site.open(), site.open()
    stories = [in_month(n) for n in range(12)]
    other.write(stories)
    assert engine.drop_before("2018.01") == ["2017.11", "2017.12"]
    assert engine.drop_before("2018.01") == []
    kept = [story for story in stories if story.month not in ("2017.11", "2017.12")]
    assert site.documents() == expected(kept)
    other.write([in_month(1, revision=2)])
    assert site.documents() == expected([*kept, in_month(1, revision=2)])
    assert [hit.lineage for hit in other.search(SearchRequest(query="revision:2")).hits] == [1]


def test_nothing_is_made_by_writing_to_it(site: Site, elasticsearch_server: ElasticsearchServer) -> None:
    site.open().write([in_month(1)])
    with pytest.raises(Exception, match="404"):
        site.call("PUT", "/{}-stories-2031.01/_doc/1", {"lineage": 1})
    with pytest.raises(Exception, match="strict_dynamic_mapping_exception"):
        site.call("PUT", "/{}-stories-2017.11/_doc/1", {"something": "else"})


def test_operators_settings_go_over_ours(site: Site) -> None:
    settings = {"template": {"settings": {"index.codec": "best_compression", "index.number_of_shards": 2}}}
    site.call("PUT", "/_component_template/{}-stories@custom", settings)
    site.open().write([in_month(1)])
    (created,) = site.call("GET", "/{}-stories-2017.11/_settings").values()
    assert created["settings"]["index"]["codec"] == "best_compression"
    assert created["settings"]["index"]["number_of_shards"] == "2"
    assert created["settings"]["index"]["auto_expand_replicas"] == "0-1"


def test_only_usable_stories_are_behind_the_readers_alias(site: Site) -> None:
    site.open().write([in_month(1), in_month(2, status=Status.WITHDRAWN), in_month(3, status=Status.WITHHELD)])
    assert site.call("GET", "/{}-stories/_count")["count"] == 1
    assert site.call("GET", "/{}-stories-all/_count")["count"] == 3
