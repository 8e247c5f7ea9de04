"""Killed at any moment, an import is finished by the next one: the same store, the same search results."""

import os
import random
import time
from pathlib import Path

import pytest

from tests.e2e.command import Command
from tests.sample_wire.loader import load_stories
from tests.sample_wire.publish import write_archive

QUERIES = ('product:"S-400"', "organization:Eurosam AND letter", "turkey OR turkish", 'place:Ankara AND NOT "loan"')


def state(command: Command) -> tuple[str, list[list[str]]]:
    """What a reader can see: the canonical export, and what each query finds, in order of time."""
    hits = [
        [hit["uri"] for hit in command.ok("search", query, "--limit", "500", "--sort", "oldest", "--json").json["hits"]]
        for query in QUERIES
    ]
    return command.ok("export", "--canonical").out, hits


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "sample.jsonl"
    write_archive(path, load_stories())
    return path


@pytest.fixture(scope="module")
def undisturbed(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[str, list[list[str]]], float]:
    """The state after a run that nothing disturbed, and how long it took."""
    command = Command(tmp_path_factory.mktemp("undisturbed"))
    started = time.monotonic()
    command.ok("import", archive)
    seconds = time.monotonic() - started
    after = state(command)
    assert all(after[1])
    return (after, seconds)


def kill_and_finish(archive: Path, home: Path, moment: float) -> tuple[str, list[list[str]]]:
    command = Command(home)
    command.killed_after(moment, "import", archive)
    command.ok("import", archive)
    return state(command)


@pytest.mark.parametrize("number", range(5))
def test_a_killed_import_is_finished_by_the_next(
    number: int, archive: Path, undisturbed: tuple[tuple[str, list[list[str]]], float], tmp_path: Path
) -> None:
    expected, seconds = undisturbed
    moment = random.Random(number).uniform(0.15, 1.0) * seconds
    assert kill_and_finish(archive, tmp_path, moment) == expected, f"killed after {moment:.2f} of {seconds:.2f} s"


@pytest.mark.soak
@pytest.mark.parametrize("number", range(int(os.environ.get("WIREWATCH_SOAK_KILLS", "50"))))
def test_killed_by_the_dozen(
    number: int, archive: Path, undisturbed: tuple[tuple[str, list[list[str]]], float], tmp_path: Path
) -> None:
    expected, seconds = undisturbed
    moment = random.Random(1000 + number).uniform(0.0, 1.1) * seconds
    assert kill_and_finish(archive, tmp_path, moment) == expected, f"killed after {moment:.2f} of {seconds:.2f} s"
