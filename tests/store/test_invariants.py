"""Whatever happens in whatever order, the store's tables agree with its takes, and the end is the same."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from pipeline.models import CopyEdge, Link, Origin, PublisherLink, Relations, Stage, Status, StoredTake, Story, TakeKind
from tests.servers.postgres import PostgresServer
from tests.store.builders import NOW, at, story
from tests.store.invariants import check
from tests.store.opened_stores import SqliteStores, opened
from tests.store.stage_runner import StageRunner

URIS = [f"w:{number}" for number in range(7)]
STEPS = 40


def wire(rng: random.Random) -> list[Story]:
    """Some dozen sendings of two agencies: versions, returns to older texts, links, kills, embargoes, expiries."""
    sent: list[Story] = []
    for uri in URIS:
        agency = rng.choice(["Bosphorus", "Aegean"])
        texts = [story(f"{uri}/{number}", agency=agency, source=agency) for number in range(3)]
        for version in range(1, rng.randint(2, 6)):
            text = rng.choice(texts)
            take = replace(
                text,
                uri=uri,
                version=version if uri != URIS[0] else None,
                body=f"{text.body} {rng.choice(['NATO', 'EUROSAM', 'ASELSAN'])}",
                updated_at=at(8) + timedelta(minutes=rng.randint(0, 5000)),
                published_at=at(8) + timedelta(minutes=rng.randint(0, 50)),
                embargo_until=NOW + timedelta(hours=1) if rng.random() < 0.15 else None,
                expires_at=NOW + timedelta(hours=2) if rng.random() < 0.05 else None,
            )
            if rng.random() < 0.2:
                take = replace(take, links=(PublisherLink("evolved_from", rng.choice(URIS)),))
            if rng.random() < 0.04:
                take = replace(take, status=Status.WITHDRAWN, take=TakeKind.KILL)
            sent.append(take)
    return sent


def copied(a: str, b: str) -> float | None:
    """Whether two uris run one text, and how similar: the same answer whoever asks."""
    rng = random.Random(f"{min(a, b)} {max(a, b)}")
    return rng.choice([0.6, 0.8]) if rng.random() < 0.3 else None


def relate(runner: StageRunner, rng: random.Random, limit: int = 1000) -> None:
    takes = runner.store.stories.takes(runner.claim(Stage.RELATE, limit))
    runner.store.work.record_related([_relations(runner, take, rng) for take in takes])


def _relations(runner: StageRunner, take: StoredTake, rng: random.Random) -> Relations:
    lineages = list(runner.store.stories.lineages())
    others = [other for lineage in lineages for other in runner.store.stories.history(lineage)]
    edges = [(other, copied(other.story.uri, take.story.uri)) for other in others if other.lineage != take.lineage]
    earlier = rng.sample(lineages, min(2, len(lineages)))
    return Relations(
        lineage=take.lineage,
        version_id=take.version_id,
        links=tuple(Link(earlier=lineage, later=take.lineage, score=0.5) for lineage in earlier),
        copies=tuple(CopyEdge(other.version_id, take.version_id, alike) for other, alike in edges if alike),
    )


def steps(runner: StageRunner, rng: random.Random) -> list[Callable[[], object]]:
    """What may happen next, in any order."""
    work = runner.store.work

    def take_back_all() -> None:
        for worker in work.workers():
            work.take_back(worker)

    return [
        lambda: runner.tag(limit=rng.randint(1, 5)),
        lambda: relate(runner, rng, rng.randint(1, 5)),
        lambda: runner.index(rng.randint(1, 5)),
        lambda: runner.alert(rng.randint(1, 5)),
        lambda: runner.claim(rng.choice(list(Stage)), 2),
        take_back_all,
        lambda: work.requeue(rng.choice([Stage.ENRICH, Stage.INDEX])) if rng.random() < 0.2 else None,
    ]


def play(url: str, sent: list[Story], seed: int, each: Callable[[], None]) -> list[dict[str, object]]:
    rng = random.Random(seed)
    arrivals = [(rng.random(), take) for take in sent]
    arrivals.sort(key=lambda pair: pair[0])
    waiting = [take for _, take in arrivals]
    with opened(url) as store:
        runner = StageRunner(store)
        while waiting:
            if rng.random() < 0.5:
                batch = [waiting.pop() for _ in range(min(len(waiting), rng.randint(1, 4)))]
                runner.add(*batch, origin=Origin("feed", "x", NOW, backfill=rng.random() < 0.3))
            else:
                rng.choice(steps(runner, rng))()
            each()
        for worker in store.work.workers():
            store.work.take_back(worker)
        store.stories.release_due(NOW + timedelta(hours=1))
        each()
        store.stories.release_due(NOW + timedelta(hours=3))
        while runner.pending():
            runner.tag()
            relate(runner, rng)
            runner.index()
            runner.alert()
            each()
        records = {record.lineage: record for record in store.stories.records(list(runner.indexed))}
        assert all(runner.indexed[lineage] == record.revision for lineage, record in records.items())
        return runner.export()


@pytest.mark.parametrize("seed", range(6))
def test_the_tables_agree_at_every_step_and_every_order_ends_the_same(seed: int, tmp_path: Path) -> None:
    stores = SqliteStores(tmp_path)
    sent = wire(random.Random(seed))
    ends = []
    for order in range(3):
        url = stores.fresh()
        ends.append(play(url, sent, 100 * seed + order, partial(check, url)))
    assert ends[0] == ends[1] == ends[2]


@pytest.mark.parametrize("seed", range(2))
def test_the_same_on_postgresql(seed: int, postgres_server: PostgresServer, tmp_path: Path) -> None:
    sent = wire(random.Random(seed))
    url = postgres_server.create_database()
    end = play(url, sent, seed, lambda: check(url))
    assert end == play(SqliteStores(tmp_path).fresh(), sent, seed + 1, lambda: None)
    postgres_server.drop_database(url)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 400))
def test_many_more_orders(seed: int, tmp_path: Path) -> None:
    test_the_tables_agree_at_every_step_and_every_order_ends_the_same(seed, tmp_path)
