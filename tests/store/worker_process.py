"""A process of its own that works on a store: ``python -m tests.store.worker_process TASK URL ARGUMENT``.

It says "ready", waits for a line on its standard input, and then works, so that several can be let loose together.
"""

import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from pipeline.errors import NotFoundError, StoreUnavailable
from pipeline.models import CopyEdge, PublisherLink, Relations, Stage, StoredTake, Story
from tests.store.builders import LEASE, NOW, at, story
from tests.store.opened_stores import opened
from tests.store.stage_runner import StageRunner

BATCH = 7


def corpus() -> list[Story]:
    """Sixty stories, some with several versions, some linked, all published within hours."""
    stories: list[Story] = []
    for number in range(60):
        time = at(8) + timedelta(minutes=number)
        links = (PublisherLink("evolved_from", f"s{number - 1}"),) if number % 9 == 5 else ()
        words = f"NATO story {number} names EUROSAM" if number % 2 else f"Story {number} of nobody"
        first = story(f"s{number}", version=1, body=words, published_at=time, updated_at=time, links=links)
        stories.append(first)
        if number % 4 == 0:
            later = time + timedelta(hours=3)
            stories.append(replace(first, version=2, headline=f"Update {number}", updated_at=later))
    return stories


def claim(url: str, name: str) -> None:
    """Claim every take in small parts, and print what was claimed."""
    with opened(url) as store:
        ready()
        while ids := store.work.claim(Stage.ENRICH, name, NOW, LEASE, BATCH):
            print(*ids, flush=True)


def claim_deliveries(url: str, name: str) -> None:
    """Claim every delivery in small parts, and print which."""
    with opened(url) as store:
        ready()
        while lines := store.alerts.claim_deliveries(name, NOW, LEASE, BATCH):
            print(*(line.id for line in lines), flush=True)


def add(url: str, seed: str) -> None:
    """Add the corpus in an order of its own."""
    stories = corpus()
    random.Random(seed).shuffle(stories)
    with opened(url) as store:
        ready()
        for start in range(0, len(stories), BATCH):
            StageRunner(store).add(*stories[start : start + BATCH])


def walk(url: str, _: str) -> None:
    """Everything: add the corpus and run every stage in small parts until nothing is left."""
    stories = corpus()
    with opened(url) as store:
        runner = StageRunner(store)
        ready()
        for start in range(0, len(stories), BATCH):
            runner.add(*stories[start : start + BATCH])
            step(runner)
        while step(runner):
            pass


def step(runner: StageRunner) -> bool:
    """A part of each stage's work; whether there was any."""
    tagged = runner.tag(limit=BATCH)
    ids = runner.claim(Stage.RELATE, BATCH)
    takes = runner.store.stories.takes(ids)
    relations = [
        Relations(lineage=take.lineage, version_id=take.version_id, copies=copies(runner, take)) for take in takes
    ]
    runner.store.work.record_related(relations)
    indexed = runner.index(limit=BATCH)
    alerted = runner.alert(limit=BATCH)
    return bool(tagged or ids or indexed or alerted)


def copies(runner: StageRunner, take: StoredTake) -> tuple[CopyEdge, ...]:
    """Stories 1 and 2, 7 and 8, 13 and 14 ... carry one text; whichever is related later finds the other."""
    number = int(take.story.uri[1:])
    partner = {1: number + 1, 2: number - 1}.get(number % 6)
    try:
        others = runner.store.stories.history(runner.store.stories.resolve(f"s{partner}"))
    except NotFoundError:
        return ()
    near = [other for other in others if other.story.uri == f"s{partner}"]
    return tuple(CopyEdge(other.version_id, take.version_id, 0.9) for other in near)


def open_only(url: str, _: str) -> None:
    """Open the store together with others, and read it."""
    ready()
    with opened(url) as store:
        print(len(store.feeds.states()), flush=True)


def add_as_nobody(url: str, _: str) -> None:
    """Add a story as a user who owns nothing, and print what comes of it."""
    from alembic import command  # loaded while its files can be read

    ready()
    if command and os.geteuid() == 0:
        os.setuid(65534)
    try:
        with opened(url) as store:
            print(StageRunner(store).add(story()))
    except StoreUnavailable as error:
        print(error)


def ready() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


class Workers:
    """Worker processes, started and let loose together."""

    def __init__(self, task: Callable[[str, str], None], url: str, arguments: Sequence[str]) -> None:
        environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
        command = [sys.executable, "-m", "tests.store.worker_process", task.__name__, url]
        self._processes = [
            subprocess.Popen(
                [*command, argument],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environment,
            )
            for argument in arguments
        ]

    def let_loose(self) -> "Workers":
        """Wait until all are ready, then start them."""
        for process in self._processes:
            assert process.stdout is not None
            first = process.stdout.readline()
            assert first == "ready\n", process.communicate()[1]
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        return self

    def finish(self) -> list[list[str]]:
        """What each printed, by line. Fails if one failed."""
        answers = []
        for process in self._processes:
            out, errors = process.communicate(timeout=120)
            assert process.returncode == 0, errors
            answers.append(out.splitlines())
        return answers

    def wait_for_output(self) -> None:
        """Until the only worker has printed a line."""
        (process,) = self._processes
        assert process.stdout is not None
        assert process.stdout.readline()

    def killed_after(self, seconds: float) -> bool:
        """Kill -9 after that long; whether it was still at work."""
        (process,) = self._processes
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        return process.returncode == -9


if __name__ == "__main__":
    tasks = {task.__name__: task for task in (claim, claim_deliveries, add, walk, open_only, add_as_nobody)}
    tasks[sys.argv[1]](*sys.argv[2:4])
