"""`wirewatch feeds`: an operator sees how each source is doing, and asks one again."""

import shutil
import socket
from pathlib import Path

import pytest

from tests.cli.in_process import BLANK, InProcess
from tests.e2e.command import ROOT


@pytest.fixture
def closed_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def command(folder: Path, feeds: str) -> InProcess:
    config = folder / "config"
    shutil.copytree(ROOT / "config", config)
    (config / "feeds.yaml").write_text(feeds, encoding="utf-8")
    return InProcess(folder / "home", {**BLANK, "WIREWATCH_CONFIG": str(config)})


def test_how_the_feeds_are_doing(tmp_path: Path, closed_port: int) -> None:
    wire = command(
        tmp_path,
        f"feeds: [{{name: dark, url: 'http://127.0.0.1:{closed_port}/a.rss'}}, {{name: drop, folder: in}}]",
    )
    (tmp_path / "home/in").mkdir(parents=True)
    conditions = {feed["name"]: feed["condition"] for feed in wire.ok("feeds", "--json").json["feeds"]}
    assert conditions == {"dark": "waiting", "drop": "waiting"}
    assert wire.run("run").status == 2
    dark, drop = wire.ok("feeds", "--json").json["feeds"]
    assert (dark["condition"], dark["failures"], dark["last_ok_at"]) == ("failing", 1, None)
    assert "refused" in dark["reason"]
    assert (drop["condition"], drop["entries"]) == ("well", 0)
    shown = wire.ok("feeds").out.splitlines()
    assert [line.split()[0] for line in shown if "failing" in line or "well" in line] == ["dark", "drop"]

    assert "no feed is due yet" in wire.ok("run").err
    (asked,) = wire.ok("feeds", "--ask", "dark", "--json").json["feeds"]
    assert asked["next_due_at"] is None
    assert wire.run("run").status == 2
    assert wire.ok("feeds", "dark", "--json").json["feeds"][0]["failures"] == 2


def test_what_can_be_asked_is_said(tmp_path: Path) -> None:
    wire = command(tmp_path, "feeds: []")
    assert "head of feeds.yaml" in wire.ok("feeds").err
    unknown = wire.run("feeds", "nowhere")
    assert (unknown.status, "no feed 'nowhere'" in unknown.err) == (2, True)
    assert wire.run("feeds", "--ask").status == 2
