"""What was refused once is read once it can be: `wirewatch quarantine` names it, `wirewatch replay` tries it again."""

import json
from pathlib import Path

from pipeline.clock import SystemClock
from pipeline.models import Origin, Rejected
from pipeline.settings import load_settings
from pipeline.store import open_store
from tests.cli.in_process import BLANK, InProcess

STORY = {
    "uri": "replay:1",
    "type": "text",
    "versioncreated": "2018-03-01T10:00:00Z",
    "headline": "Lighthouse keeper retires",
    "body_text": "HARBOUR CITY, March 1 (Post) - The last lighthouse keeper of the coast retired on Thursday.",
}


def test_a_line_that_was_no_story_can_be_read_after_all(tmp_path: Path) -> None:
    """An earlier release refused two lines; this one knows how to read one of them."""
    command = InProcess(tmp_path, BLANK)
    store = open_store(load_settings({"WIREWATCH_HOME": str(tmp_path)}).database_url, SystemClock())
    origin = Origin("import", str(tmp_path / "wire.jsonl"), SystemClock().now())
    lines = [json.dumps(STORY).encode(), b'{"uri": "replay:2", "type": "picture"}']
    refused = [Rejected(origin, f"line {n}", "not understood yet", line) for n, line in enumerate(lines, start=1)]
    store.stories.quarantine("parse", refused)
    store.close()

    listed = {entry["subject"]: entry for entry in command.ok("quarantine", "--json").json["quarantined"]}
    assert sorted(listed) == ["line 1", "line 2"]
    assert {(entry["stage"], entry["reason"]) for entry in listed.values()} == {("parse", "not understood yet")}
    table = command.ok("quarantine").out
    assert "not understood yet" in table
    assert "wire.jsonl" in table

    answer = command.run("replay", "--json")
    assert answer.status == 1
    assert answer.json["stories"] == 1
    (failure,) = answer.json["failures"]
    assert failure.startswith(f"{listed['line 2']['id']}, line 2: ")
    assert "picture" in failure
    assert command.ok("search", "lighthouse", "--json").json["total"] == 1
    (left,) = command.ok("quarantine", "--json").json["quarantined"]
    assert (left["id"], left["reason"]) == (listed["line 2"]["id"], "not understood yet")


def test_an_entry_that_is_not_there_is_named(tmp_path: Path) -> None:
    answer = InProcess(tmp_path, BLANK).run("replay", "7")
    assert answer.status == 2
    assert "there is no entry 7 in quarantine" in answer.err
    assert InProcess(tmp_path, BLANK).ok("replay").err.strip() == "read 0 stories, tried 0 tasks again"
