"""Whatever is thrown at it: a clear error or a quarantined item, the right exit status, nothing lost, the rest done."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.in_process import BLANK, InProcess

GOOD = {
    "uri": "good:1",
    "type": "text",
    "version": "1",
    "versioncreated": "2018-03-01T10:00:00Z",
    "headline": "Harbour board approves ferry timetable",
    "body_text": "HARBOUR CITY, March 1 (Post) - The harbour board approved a new ferry timetable on Thursday.",
}


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> InProcess:
    return InProcess(tmp_path_factory.mktemp("bad-input"), BLANK)


def good_file(folder: Path, uri: str) -> Path:
    path = folder / "good.json"
    path.write_text(json.dumps({**GOOD, "uri": uri}), encoding="utf-8")
    return path


def feed(items: str) -> bytes:
    return f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


UNREADABLE: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "junk": lambda: random.Random(1).randbytes(1_000_000),
    "large": lambda: b"\x00\xff" * 25_000_000,
    "page": lambda: b"<!doctype html><html><body><p>Sign in to read.</p></body></html>",
    "unknown": lambda: b'{"kind": "weather-station", "readings": [1, 2, 3]}',
    "half": lambda: json.dumps(GOOD).encode()[:60],
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_quarantined_and_the_rest_is_stored(
    name: str, command: InProcess, tmp_path: Path
) -> None:
    (tmp_path / f"bad-{name}").write_bytes(UNREADABLE[name]())
    good = good_file(tmp_path, f"good:{name}")
    answer = command.run("import", tmp_path, "--json")
    assert answer.status == 1, answer.err
    assert answer.json["new"] == 1
    assert answer.json["quarantined"] == 1
    assert f"bad-{name}" in answer.err or len(answer.json["failures"]) == 1
    assert command.ok("import", good, "--json").json == {"unchanged": 1, "quarantined": 0, "failures": []}


READABLE: dict[str, tuple[str, bytes, int]] = {
    "no-dates": ("feed.xml", feed("".join(f"<item><title>Ferry {n} sails</title></item>" for n in range(3))), 3),
    "future": ("f.xml", feed("<item><title>Later</title><pubDate>Fri, 01 Jan 2100 00:00:00 GMT</pubDate></item>"), 1),
    "latin": ("t.txt", "BOGOTÁ, March 2 (Post) - El café subió el jueves, según fuentes.".encode("latin-1"), 1),
    "controls": (
        "c.json",
        json.dumps({**GOOD, "uri": "c", "body_text": "A\u0000B\u0007\u001b[31mC\ud800D"}).encode(),
        1,
    ),
    "huge-story": ("h.json", json.dumps({**GOOD, "uri": "h", "body_text": "Ferries sail on. " * 60_000}).encode(), 1),
}


@pytest.mark.parametrize("name", READABLE)
def test_odd_stories_are_stored(name: str, command: InProcess, tmp_path: Path) -> None:
    file, content, count = READABLE[name]
    (tmp_path / file).write_bytes(content)
    assert command.ok("import", tmp_path / file, "--json").json["new"] == count


def test_ten_thousand_entries(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_bytes(feed("".join(f"<item><title>Ferry {n}</title></item>" for n in range(10_000))))
    answer = InProcess(tmp_path / "home", BLANK).ok("parse", tmp_path / "feed.xml", "--json")
    assert len(answer.lines) == 10_000


@pytest.mark.parametrize(
    "arguments", [["import", "no/such/folder"], ["parse", "no-such-file", "--json"], ["tag", "none"]]
)
def test_a_missing_path_is_named(arguments: list[str], command: InProcess) -> None:
    answer = command.run(*arguments)
    assert answer.status == 2
    assert arguments[1] in answer.err
    assert answer.out.strip() in ("", "{}")


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search", "headline:(missile"], "position"),
        (["search", "headlin:missile"], "headline"),
        (["followups", "no-such-story"], "no-such-story"),
        (["unsubscribe", "999"], "999"),
        (["subscribe", "--query", "a AND", "--to", "file:x.jsonl"], "position"),
        (["subscribe", "--query", "ferry", "--to", "carrier-pigeon"], "channel"),
        (["subscribe", "--query", "ferry", "--to", "file:x.jsonl", "--look-back", "soon"], "soon"),
        (["nonsense"], "nonsense"),
    ],
)
def test_bad_usage_says_what_is_wrong(arguments: list[str], message: str, command: InProcess) -> None:
    answer = command.run(*arguments)
    assert answer.status == 2, answer.err
    assert message in answer.err
    assert answer.out == ""
    assert "Traceback" not in answer.err


def test_a_home_that_may_not_be_written(tmp_path: Path) -> None:
    """Root may write anywhere, so the home is put where nobody can make a folder: below a file."""
    (tmp_path / "file").write_text("")
    good = good_file(tmp_path, "good:home")
    answer = InProcess(tmp_path / "file" / "home", BLANK).run("import", good)
    assert answer.status in (1, 2)
    assert "WIREWATCH_HOME" in answer.err
    assert "Traceback" not in answer.err
