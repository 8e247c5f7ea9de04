"""``merge`` and ``rulings``: over a real store, through the command's own entry."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.cli.main import main
from pipeline.clock import SystemClock
from pipeline.models import Added
from pipeline.store import open_store
from tests.store.newsroom import Newsroom
from tests.store.related import dated, happenings, ids, relate

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def newsroom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Newsroom]:
    monkeypatch.setenv("WIREWATCH_HOME", str(tmp_path))
    for name in ("DATABASE_URL", "CONFIG", "ELASTICSEARCH_URL"):
        monkeypatch.delenv(f"WIREWATCH_{name}", raising=False)
    store = open_store(f"sqlite:///{tmp_path / 'wirewatch.db'}", SystemClock())
    yield Newsroom(store)
    store.close()


@pytest.fixture
def stories(newsroom: Newsroom) -> list[Added]:
    added = newsroom.add(dated("wire:a", 8), dated("wire:b", 8), dated("wire:c", 9))
    relate(newsroom)
    return added


@pytest.fixture
def run(newsroom: Newsroom, capsys: pytest.CaptureFixture[str]) -> Run:
    def told(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(one) for one in arguments])
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return told


def ruling(one: str, other: str) -> str:
    said = {"kind": "happening", "one": one, "other": other, "same": True, "by": "ana", "at": "2017-11-09T12:00:00Z"}
    return json.dumps(said)


def test_rulings_on_stories_that_are_not_here_are_named_and_the_others_applied(
    newsroom: Newsroom, stories: list[Added], run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "ruled.jsonl"
    lines = [ruling("wire:b", "wire:a"), ruling("wire:x", "wire:a"), ruling("wire:c", "wire:a")]
    file.write_text("\n".join(lines), encoding="utf-8")
    status, _, err = run("rulings", "--apply", file)
    assert status == 1
    assert f"{file}, line 2: no story has the id or uri 'wire:x'" in err
    assert len(set(happenings(newsroom, *stories))) == 1
    file.write_text("\n".join([lines[0], lines[2]]), encoding="utf-8")
    status, _, err = run("rulings", "--apply", file)
    assert status == 0
    assert "it was so already" in err
    status, out, _ = run("rulings", "--json")
    assert (status, len(out.splitlines())) == (0, 2)


def test_nothing_is_applied_of_a_file_none_of_whose_stories_are_here(
    stories: list[Added], run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "ruled.jsonl"
    file.write_text(ruling("wire:x", "wire:a"), encoding="utf-8")
    status, _, err = run("rulings", "--apply", file)
    assert status == 2
    assert "line 1" in err


def test_numbers_of_emptied_happenings_are_understood_or_refused_in_words(
    newsroom: Newsroom, stories: list[Added], run: Run
) -> None:
    (kept, _), (gone, thread), _ = ids(newsroom, *stories)
    assert run("merge", "happening", "wire:a", "wire:b")[0] == 0
    for kind, one, other in (("happening", kept, gone), ("happening", gone, kept), ("thread", thread, kept)):
        status, _, err = run("merge", kind, str(one), str(other))
        assert status == 2
        assert f"are of one {kind} already" in err
    status, out, _ = run("thread", str(gone), "--json")
    assert status == 0
    assert [one["happening"] for one in json.loads(out)["happenings"]] == [kept]
