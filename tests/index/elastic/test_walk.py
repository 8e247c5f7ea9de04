"""The walk and rebuilds beside each other, over a real store and server: afterwards the index equals the store."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline import Wirewatch
from pipeline.index.documents import document
from pipeline.models import PublisherLink, SearchRequest, Stage, Status, Story, TakeKind
from pipeline.settings import load_settings
from tests.index.elastic.engines import FixedClock, Site, expected
from tests.store.builders import NOW, story
from tests.store.stage_runner import StageRunner

STEPS = 8


def opened(tmp_path: Path, site: Site) -> Wirewatch:
    """As a process of its own would open them: one store, one place in the cluster."""
    wirewatch = Wirewatch.open(load_settings({"WIREWATCH_HOME": str(tmp_path)}), FixedClock(NOW))
    wirewatch.adapters.__dict__["index"] = site.open()
    return wirewatch


def of_three_years(number: int, **fields: object) -> Story:
    time = datetime(2015 + number % 3, 3 * (1 + number % 4), 5, tzinfo=UTC)
    return story(f"wire:{number}", **{"published_at": time, "updated_at": time, **fields})


def arrivals(chance: random.Random, step: int) -> list[Story]:
    """New stories, further takes, an earlier date, a kill, and a story that turns out to be part of another."""
    known = 10 * step
    taken = list[Story](of_three_years(number) for number in range(known, known + 10))
    if known:
        first, two, three, four = chance.sample(range(known), 4)
        taken += [
            of_three_years(first, version=step + 2, headline=f"Told again in step {step}"),
            replace(of_three_years(two, version=step + 2), published_at=datetime(2014, 6, 1, tzinfo=UTC)),
            of_three_years(three, version=step + 2, status=Status.WITHDRAWN, take=TakeKind.KILL),
            of_three_years(
                four, version=step + 2, links=(PublisherLink("evolved_from", f"wire:{(four * 7) % known}"),)
            ),
        ]
    return taken


def test_stories_arrive_while_the_index_is_rebuilt_again_and_again(tmp_path: Path, site: Site) -> None:
    chance = random.Random(5)
    walking, rebuilding = opened(tmp_path, site), opened(tmp_path, site)
    runner = StageRunner(walking.adapters.store)
    runner.add(story("wire:anchor", headline="Anchored", published_at=NOW, updated_at=NOW))
    runner.tag()
    runner.relate()
    walking.stages.index()

    def walk() -> None:
        for step in range(STEPS):
            runner.add(*arrivals(chance, step))
            runner.tag(limit=8)  # some are stored and no more, whenever the rebuild looks
            runner.relate()
            walking.stages.index()
            assert walking.adapters.index.search(SearchRequest(query="headline:anchored")).total == 1

    with ThreadPoolExecutor(1) as threads:
        going = threads.submit(walk)
        rebuilt = 0
        while not going.done() or rebuilt < 2:
            assert rebuilding.stages.reindex().failures == []
            rebuilt += 1
        going.result()
    runner.tag()
    runner.relate()
    walking.stages.index()
    assert walking.adapters.store.work.pending(Stage.INDEX) == 0
    offered = list(walking.adapters.store.stories.lineages(indexed=True))
    stored = site.documents()
    visible = {lineage: document for lineage, document in stored.items() if lineage in set(offered)}
    assert visible == expected(document(record) for record in walking.adapters.store.stories.records(offered))
    assert {status for lineage, (_, status, _) in stored.items() if lineage not in visible} <= {"withdrawn"}
    for wirewatch in (walking, rebuilding):
        wirewatch.adapters.store.close()


def test_retention_while_stories_arrive(tmp_path: Path, site: Site) -> None:
    wirewatch = opened(tmp_path, site)
    runner = StageRunner(wirewatch.adapters.store)
    runner.add(*(of_three_years(number) for number in range(36)))
    runner.tag()
    runner.relate()
    wirewatch.stages.index()
    wirewatch.adapters.clock = FixedClock(datetime(2017, 11, 20, tzinfo=UTC) + timedelta(days=1))
    dropped = wirewatch.retention.drop(12, drop_texts=False)
    assert dropped.first_kept == "2016.11"
    runner.add(*(of_three_years(number, version=2, headline="Told again") for number in range(40)))
    runner.tag()
    runner.relate()
    wirewatch.stages.index()
    months = {name.removeprefix("stories-") for name in site.indices()}
    assert min(months) >= "2016.11"
    wirewatch.stages.reindex()
    offered = list(wirewatch.adapters.store.stories.lineages(indexed=True))
    assert site.documents() == expected(
        document(record) for record in wirewatch.adapters.store.stories.records(offered)
    )
    assert min(name.removeprefix("stories-") for name in site.indices()) >= "2016.11"
    wirewatch.adapters.store.close()
