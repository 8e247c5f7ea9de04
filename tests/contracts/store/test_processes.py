"""Several processes on one store, and processes that die: real ones, on both databases."""

import random
from pathlib import Path

import pytest

from pipeline.models import Delivery, DeliveryKind, Stage
from pipeline.store import open_store
from tests.servers.postgres import PostgresServer
from tests.store.builders import LEASE, NOW
from tests.store.opened_stores import SetClock, opened
from tests.store.stage_runner import StageRunner
from tests.store.worker_process import Workers, add, claim, claim_deliveries, corpus, open_only, step, walk

KILLS = 4


def finished(url: str) -> list[dict[str, object]]:
    """The canonical export once every claim of the dead has been taken back and the walk is done."""
    with opened(url) as store:
        for worker in store.work.workers():
            store.work.take_back(worker)
        runner = StageRunner(store)
        runner.add(*corpus())
        while step(runner):
            pass
        assert not runner.pending()
        return runner.export()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    rows = finished(f"sqlite:///{tmp_path_factory.mktemp('undisturbed') / 'store.db'}")
    assert len({row["lineage"] for row in rows}) < len(rows)
    assert any(row["copy_group"] for row in rows)
    return rows


def test_no_two_processes_get_the_same_work(store_url: str) -> None:
    with opened(store_url) as store:
        StageRunner(store).add(*corpus())
        answers = Workers(claim, store_url, ["one", "two", "three"]).let_loose().finish()
        claimed = [int(number) for answer in answers for line in answer for number in line.split()]
        assert len(claimed) == len(set(claimed)) == store.work.pending(Stage.ENRICH)


def test_no_two_processes_send_the_same_message(store_url: str) -> None:
    with opened(store_url) as store:
        line = {"id": 0, "kind": DeliveryKind.NEW, "version_id": 1, "channel": "file:x", "key": "k", "due_at": NOW}
        outbox = [Delivery(subscription_id=1, lineage=number, **line) for number in range(60)]  # type: ignore[arg-type]
        store.alerts.record_alerted([], [], outbox)
    answers = Workers(claim_deliveries, store_url, ["one", "two", "three"]).let_loose().finish()
    claimed = [int(number) for answer in answers for printed in answer for number in printed.split()]
    assert len(claimed) == len(set(claimed)) == 60


def test_processes_that_add_the_same_stories_at_once_store_them_once(
    store_url: str, undisturbed: list[dict[str, object]]
) -> None:
    Workers(add, store_url, ["1", "2", "3"]).let_loose().finish()
    assert finished(store_url) == undisturbed


def test_processes_that_walk_at_once_end_where_one_ends(store_url: str, undisturbed: list[dict[str, object]]) -> None:
    Workers(walk, store_url, ["1", "2"]).let_loose().finish()
    assert finished(store_url) == undisturbed


def test_a_walk_killed_at_any_moment_is_finished_by_the_next(
    store_url: str, undisturbed: list[dict[str, object]]
) -> None:
    rng = random.Random(2017)
    killed = 0
    for _ in range(KILLS):
        killed += Workers(walk, store_url, [""]).let_loose().killed_after(rng.uniform(0.02, 0.3))
    assert killed
    assert finished(store_url) == undisturbed


@pytest.mark.soak
def test_a_walk_killed_by_the_dozen(store_url: str, undisturbed: list[dict[str, object]]) -> None:
    rng = random.Random(2018)
    moments = [rng.uniform(0.0, 0.6) for _ in range(50)]
    assert sum(Workers(walk, store_url, [""]).let_loose().killed_after(moment) for moment in moments)
    assert finished(store_url) == undisturbed


def test_what_a_killed_process_had_claimed_comes_back_with_its_lease(store_url: str) -> None:
    with opened(store_url) as store:
        runner = StageRunner(store)
        runner.add(*corpus())
        workers = Workers(claim, store_url, ["doomed"]).let_loose()
        workers.wait_for_output()
        workers.killed_after(0)
        everything = store.work.pending(Stage.ENRICH)
        free = len(runner.claim(Stage.ENRICH))
        assert len(runner.claim(Stage.ENRICH, now=NOW + LEASE)) == everything > free


def test_processes_that_open_a_new_store_at_once_all_find_it(tmp_path: Path, postgres_server: PostgresServer) -> None:
    for url in (f"sqlite:///{tmp_path / 'new' / 'store.db'}", postgres_server.create_database()):
        answers = Workers(open_only, url, ["1", "2", "3", "4"]).let_loose().finish()
        assert answers == [["0"]] * 4
        open_store(url, SetClock()).close()
