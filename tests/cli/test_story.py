"""``wirewatch story``: over a real store, through the command's own entry."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.main import main
from pipeline.clock import SystemClock
from pipeline.models import CopyEdge, PublisherLink, Span, Status, Story, TakeKind
from pipeline.store import open_store
from tests.store import deal_takes as deal
from tests.store.builders import at, story
from tests.store.stage_runner import StageRunner

DATELINE = "ISTANBUL, Nov 8 (Bosphorus) - "
FIRST = replace(deal.FIRST, dateline=Span(0, len(DATELINE)), dateline_place="Istanbul")
UPDATE = replace(deal.UPDATE, dateline=Span(0, len(DATELINE)))
CORRECTED = replace(deal.CORRECTED, dateline=Span(0, len(DATELINE)))


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StageRunner]:
    for name, value in {"HOME": str(tmp_path), "TIMEZONE": "Europe/Istanbul"}.items():
        monkeypatch.setenv(f"WIREWATCH_{name}", value)
    for name in ("DATABASE_URL", "CONFIG"):
        monkeypatch.delenv(f"WIREWATCH_{name}", raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)
    store = open_store(f"sqlite:///{tmp_path / 'wirewatch.db'}", SystemClock())
    yield StageRunner(store)
    store.close()


@pytest.fixture
def ask(runner: StageRunner, capsys: pytest.CaptureFixture[str]) -> Any:
    def story_command(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["story", *arguments])
        assert ended.value.code == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return story_command


def changes(version: dict[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    return {change["field"]: (change["from"], change["to"]) for change in version["changes"]["fields"]}


def words(version: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (word["op"], word["text"].strip())
        for operation in version["changes"]["body"]
        for word in operation.get("words", ())
        if word["op"] != "kept"
    ]


def test_a_story_as_it_stands(runner: StageRunner, ask: Any) -> None:
    runner.add(FIRST, UPDATE)
    runner.walk()
    text = ask("bos:1")
    lines = text.splitlines()
    assert lines[0] == "1  UPDATE 1-Ankara signs missile defence letter of intent with Paris, Rome"
    assert lines[1] == "Bosphorus; usable, version 2 of 2, 0 copies"
    assert lines[2] == "published 2017-11-08 12:00, updated 2017-11-08 14:00 (Europe/Istanbul)"
    (organizations,) = (line for line in lines if line.startswith("organization: "))
    assert {"EUROSAM", "NATO"} <= set(organizations.replace(":", ",").split(", "))
    assert UPDATE.body in text
    answer = json.loads(ask("1", "--json"))
    assert (answer["uri"], answer["uris"], answer["versions"]) == ("bos:2", ["bos:1", "bos:2"], 2)
    assert (answer["published_at"], answer["body"]) == ("2017-11-08T09:00:00Z", UPDATE.body)
    assert {"EUROSAM", "NATO"} <= {entity["name"] for entity in answer["entities"]}
    assert "history" not in answer


def test_every_version_with_what_it_changed(runner: StageRunner, ask: Any) -> None:
    runner.add(CORRECTED, FIRST, UPDATE)
    first, update, corrected = json.loads(ask("bos:3", "--history", "--json"))["history"]
    assert (first["uri"], first["changes"], first["text"]) == ("bos:1", None, FIRST.body)
    assert changes(update)["take_line"] == (None, "UPDATE 1-")
    assert changes(update)["headline"][1] == "Ankara signs missile defence letter of intent with Paris, Rome"
    assert changes(update)["note"] == (None, "(Adds quotes, background)")
    assert words(update) == [("added", "NATO member Turkey also plans to buy the S-400, which worries its allies.")]
    assert changes(corrected)["take_line"] == ("UPDATE 1-", "CORRECTED-UPDATE 1-")
    assert words(corrected) == [("removed", "Wednesday"), ("added", "Tuesday")]
    assert corrected["corrected"] is True


def test_the_history_as_text(runner: StageRunner, ask: Any) -> None:
    runner.add(FIRST, UPDATE, CORRECTED)
    text = ask("1", "--history")
    assert "Version 1: first  2017-11-08 12:00  bos:1" in text
    assert "Version 3: correction, corrected" not in text
    assert "Version 3: correction  2017-11-08 17:00  bos:3" in text
    assert "  (Corrects the day of signing in paragraph 1)\n" in text
    assert "  take line: [-UPDATE 1--] {+CORRECTED-UPDATE 1-+}\n" in text
    assert "on [-Wednesday-] {+Tuesday+} to build" in text
    assert "\x1b" not in text


def test_colours_on_a_terminal_only(runner: StageRunner, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    runner.add(FIRST, UPDATE)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[32m" in ask("1", "--history")


def test_dateline_and_paragraphs(runner: StageRunner, ask: Any) -> None:
    opening = "ANKARA/PARIS (Bosphorus) - "
    moved = replace(
        FIRST,
        body=f"{opening}{FIRST.body[len(DATELINE) :]}\n\nTalks go on in Rome next week.",
        dateline=Span(0, len(opening)),
        updated_at=at(8, 10),
    )
    runner.add(FIRST, moved)
    text = ask("1", "--history")
    assert "  dateline: [-ISTANBUL, Nov 8-] {+ANKARA/PARIS+} (Bosphorus) -" in text
    assert "    (1 paragraph unchanged)\n  + Talks go on in Rome next week.\n" in text


def test_a_withdrawn_story_has_no_text_in_any_version(runner: StageRunner, ask: Any) -> None:
    runner.add(FIRST, UPDATE, deal.KILL)
    for arguments in (("1",), ("1", "--history"), ("1", "--json"), ("1", "--history", "--json")):
        text = ask(*arguments)
        assert "withdrawn" in text
        assert "consortium" not in text
        assert "NATO member" not in text
        assert "The story headlined" not in text
    *_, kill = json.loads(ask("1", "--history", "--json"))["history"]
    assert (kill["take"], kill["status"], kill["changes"]["body"]) == ("kill", "withdrawn", None)
    assert changes(kill)["status"] == ("usable", "withdrawn")


def test_what_is_held_back_is_not_shown_and_not_compared(runner: StageRunner, ask: Any) -> None:
    ends = SystemClock().now() + timedelta(days=1)
    embargoed = replace(FIRST, status=Status.WITHHELD, embargo_until=ends, body="The vote fell.", updated_at=at(8, 10))
    runner.add(FIRST, embargoed, replace(FIRST, body=FIRST.body.replace("Turkish", "local"), updated_at=at(8, 12)))
    text = ask("1", "--history")
    assert "vote fell" not in text
    assert "Version 2: first, withheld" in text
    assert "compared with version 1" in text
    assert "and [-Turkish-] {+local+} companies" in text


def test_an_embargo_that_has_passed_hides_nothing(runner: StageRunner, ask: Any) -> None:
    runner.add(replace(FIRST, status=Status.WITHHELD, embargo_until=at(9)))
    runner.store.stories.release_due(SystemClock().now())
    assert "EUROSAM" in ask("1")


def test_lineages_that_were_joined_are_named_and_answer_to_their_ids(runner: StageRunner, ask: Any) -> None:
    runner.add(story("a"))
    runner.add(story("b", published_at=at(8, 10), updated_at=at(8, 10)))
    links = (PublisherLink("evolved_from", "a"), PublisherLink("previous_version", "b"))
    runner.add(story("c", links=links, published_at=at(8, 11), updated_at=at(8, 11)))
    answer = json.loads(ask("2", "--json"))
    assert (answer["id"], answer["joined"], answer["uris"]) == (1, [2], ["a", "b", "c"])
    assert "joined with it: 2\n" in ask("b")


def test_copies_are_counted(runner: StageRunner, ask: Any) -> None:
    first, second = runner.add(story("a"), story("b", source="Anatolian Post", agency=None))
    runner.tag()
    runner.relate(copies=[CopyEdge(first.version_id, second.version_id, 1.0)])
    assert "usable, version 1 of 1, 1 copy\n" in ask("a")
    assert json.loads(ask("a", "--json"))["copies"] == 1


def test_nothing_drives_the_readers_terminal(runner: StageRunner, ask: Any) -> None:
    runner.add(Story(uri="x", headline="A\x1b[31mB [bold]C[/bold]", body="D\x1b]0;E\x07F\n[red]G"))
    for text in (ask("1"), ask("1", "--history")):
        assert "\x1b" not in text
        assert "\x07" not in text
        assert "[bold]C[/bold]" in text
        assert "[red]G" in text


def test_a_story_that_is_not_there(runner: StageRunner, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["story", "nowhere"])
    assert ended.value.code == 2
    assert "no story has the id or uri 'nowhere'" in capsys.readouterr().err


def test_a_repeat_says_so(runner: StageRunner, ask: Any) -> None:
    runner.add(FIRST, replace(FIRST, take=TakeKind.REPEAT, headline=f"RPT-{FIRST.headline}", updated_at=at(8, 12)))
    assert "  take line: {+RPT-+}\n  text: unchanged\n" in ask("1", "--history")
