"""Happenings and threads as a user meets them: found at import, shown, merged, split, and ruled again elsewhere."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.evaluate.measures import b_cubed, f1
from tests.e2e.command import Command
from tests.sample_wire.loader import load_stories
from tests.sample_wire.publish import write_archive

Groups = Mapping[str, str | None]


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Half a year of the sample wire, in order of publication and the other way round."""
    folder = tmp_path_factory.mktemp("archive")
    stories = [
        story
        for story in load_stories()
        if story.published is not None and (2017, 9) <= (story.published.year, story.published.month) <= (2018, 2)
    ]
    stories.sort(key=lambda story: (story.published is None, story.published, story.key))
    for name, chosen in (("forwards", stories), ("backwards", stories[::-1])):
        write_archive(folder / f"{name}.jsonl", chosen)
    return folder / "forwards.jsonl", folder / "backwards.jsonl"


@pytest.fixture(scope="module")
def command(archives: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Command:
    command = Command(tmp_path_factory.mktemp("home"))
    command.ok("import", archives[0])
    return command


@pytest.fixture(scope="module")
def other(archives: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Command:
    """Another installation, which had the same stories the other way round."""
    command = Command(tmp_path_factory.mktemp("other"))
    command.ok("import", archives[1])
    return command


def groups(command: Command, kind: str) -> Groups:
    return {row["uri"]: row[kind] for row in command.ok("export", "--canonical").lines}


def uri(groups: Groups, key: str) -> str:
    (only,) = [name for name in groups if name.endswith(f":{key}")]
    return only


def test_the_deals_copies_are_one_happening_and_its_study_follows_it_up(command: Command) -> None:
    happenings, threads = groups(command, "happening"), groups(command, "thread")
    copies = [name for name in happenings if "deal-copy" in name]
    first, study = uri(happenings, "deal-first"), uri(happenings, "aft-study")
    assert len(copies) == 7
    assert {happenings[name] for name in copies} == {happenings[first]}
    assert happenings[study] != happenings[first]
    assert threads[study] == threads[first]
    assert {threads[name] for name in threads if ":market-" in name or ":match-" in name}.isdisjoint({threads[first]})


def test_a_thread_is_shown_in_order_of_time(command: Command) -> None:
    first = uri(groups(command, "thread"), "deal-first")
    shown = command.ok("thread", first, "--json").json
    starts = [happening["first_at"] for happening in shown["happenings"]]
    assert starts == sorted(starts)
    happenings = shown["happenings"]
    (deal,) = [happening for happening in happenings if first in {story["uri"] for story in happening["stories"]}]
    assert deal["size"] == len(deal["stories"]) >= 8
    steps = [happening for happening in happenings if happening["follows"] == deal["happening"]]
    assert any(step["new"] for step in steps)
    table = command.ok("thread", str(shown["thread"])).out
    assert str(deal["happening"]) in table
    assert deal["stories"][0]["headline"].split()[0] in table


def test_the_threads_that_went_on_last_are_listed(command: Command) -> None:
    listed = command.ok("thread", "--json").json
    ends = [thread["last_at"] for thread in listed]
    assert ends == sorted(ends, reverse=True)
    assert all(thread["happenings"] > 1 for thread in listed)
    latest = command.ok("thread", str(listed[0]["thread"]), "--json").json
    assert len(latest["happenings"]) == listed[0]["happenings"]
    assert listed[0]["headline"][:20] in command.ok("thread", "--limit", "1").out


def test_any_order_of_arrival_gives_nearly_the_same_happenings(command: Command, other: Command) -> None:
    forwards, backwards = groups(command, "happening"), groups(other, "happening")
    differ = [name for name in forwards if forwards[name] != backwards[name]]
    assert len(differ) <= 0.05 * len(forwards), differ


def test_any_order_of_arrival_gives_nearly_the_same_threads(command: Command, other: Command) -> None:
    """By B-cubed: an event that follows two threads up alike may be in either, and takes what follows it along."""
    forwards, backwards = (
        {name: thread or name for name, thread in groups(home, "thread").items()} for home in (command, other)
    )
    scores = b_cubed(forwards, backwards).values()
    alike = f1(sum(s.precision for s in scores) / len(scores), sum(s.recall for s in scores) / len(scores))
    assert alike >= 0.9, [name for name in forwards if forwards[name] != backwards[name]]


def test_an_operator_merges_and_splits_and_the_rulings_hold_elsewhere(
    command: Command, other: Command, archives: tuple[Path, Path], tmp_path: Path
) -> None:
    before = groups(command, "happening")
    rewrite, first, norway = (uri(before, key) for key in ("deal-rewrite", "deal-first", "nato-norway-probe"))
    changes = command.ok("split", "happening", rewrite, "--by", "ana", "--json").json
    assert [(change["by"], change["merge"]) for change in changes if change["kind"] == "happening"] == [("ana", False)]
    command.ok("merge", "thread", norway, first, "--by", "ana")
    number = command.ok("thread", first, "--json").json["thread"]
    assert command.ok("search", f"thread:{number}", "--limit", "0", "--json").json["total"] > 0
    ruled = command.ok("rulings", "--json").out
    assert {json.loads(line)["by"] for line in ruled.splitlines()} == {"ana"}
    file = tmp_path / "ruled.jsonl"
    file.write_text(ruled, encoding="utf-8")
    other.ok("rulings", "--apply", file)
    command.ok("import", archives[0])
    for home in (command, other):
        happenings, threads = groups(home, "happening"), groups(home, "thread")
        assert happenings[rewrite] == rewrite
        assert threads[norway] == threads[first]


def test_what_is_no_thread_and_no_ruling_is_refused(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text('{"kind": "weather"}\n', encoding="utf-8")
    answer = command.run("rulings", "--apply", file)
    assert answer.status == 2
    assert "line 1" in answer.err
    assert command.run("thread", "999999").status == 2
