"""``merge`` and ``rulings``: over a real store, through the command's own entry."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.clock import SystemClock
from pipeline.models import Added
from pipeline.store import open_store
from tests.cli.in_process import InProcess
from tests.store.relating import dated, happenings, ids, relate
from tests.store.stage_runner import StageRunner


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[StageRunner]:
    store = open_store(f"sqlite:///{tmp_path / 'wirewatch.db'}", SystemClock())
    yield StageRunner(store)
    store.close()


@pytest.fixture
def command(runner: StageRunner, tmp_path: Path) -> InProcess:
    """The command, over the runner's store."""
    return InProcess(tmp_path)


@pytest.fixture
def stories(runner: StageRunner) -> list[Added]:
    added = runner.add(dated("wire:a", 8), dated("wire:b", 8), dated("wire:c", 9))
    relate(runner)
    return added


def ruling(first: str, other: str) -> str:
    fields = {
        "kind": "happening",
        "one": first,
        "other": other,
        "same": True,
        "by": "ana",
        "at": "2017-11-09T12:00:00Z",
    }
    return json.dumps(fields)


def test_rulings_on_stories_that_are_not_here_are_named_and_the_others_applied(
    runner: StageRunner, stories: list[Added], command: InProcess, tmp_path: Path
) -> None:
    file = tmp_path / "ruled.jsonl"
    lines = [ruling("wire:b", "wire:a"), ruling("wire:x", "wire:a"), ruling("wire:c", "wire:a")]
    file.write_text("\n".join(lines), encoding="utf-8")
    answer = command.run("rulings", "--apply", file)
    assert answer.status == 1
    assert f"{file}, line 2: no story has the id or uri 'wire:x'" in answer.err
    assert len(set(happenings(runner, *stories))) == 1
    file.write_text("\n".join([lines[0], lines[2]]), encoding="utf-8")
    assert "it was so already" in command.ok("rulings", "--apply", file).err
    assert len(command.ok("rulings", "--json").lines) == 2


def test_nothing_is_applied_of_a_file_none_of_whose_stories_are_here(
    stories: list[Added], command: InProcess, tmp_path: Path
) -> None:
    file = tmp_path / "ruled.jsonl"
    file.write_text(ruling("wire:x", "wire:a"), encoding="utf-8")
    answer = command.run("rulings", "--apply", file)
    assert answer.status == 2
    assert "line 1" in answer.err


def test_numbers_of_emptied_happenings_are_understood_or_refused_in_words(
    runner: StageRunner, stories: list[Added], command: InProcess
) -> None:
    (kept, _), (emptied, thread), _ = ids(runner, *stories)
    command.ok("merge", "happening", "wire:a", "wire:b")
    for kind, first, other in (("happening", kept, emptied), ("happening", emptied, kept), ("thread", thread, kept)):
        answer = command.run("merge", kind, str(first), str(other))
        assert answer.status == 2
        assert f"are of one {kind} already" in answer.err
    shown = command.ok("thread", str(emptied), "--json").json
    assert [happening["happening"] for happening in shown["happenings"]] == [kept]
