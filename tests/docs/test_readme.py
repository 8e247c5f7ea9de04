"""The README: short, and what it shows of the demo's store is what that store answers."""

import os
from pathlib import Path

import pytest

from pipeline.settings import load_settings
from tests.demo.__main__ import DEAL, LATEST
from tests.docs.console import Shown, check_shown, run_wirewatch, shown_commands
from tests.e2e.command import ROOT
from tests.sample_wire.loader import load_feeds, load_stories
from tests.sample_wire.publish import publish
from tests.servers.http import http_server

README = ROOT / "README.md"
ABOUT_OTHER_FILES = ("wirewatch run", "wirewatch feeds", "wirewatch import", "wirewatch tag", "wirewatch subscribe")


def commands() -> list[Shown]:
    """The commands in the README's indented blocks that read the demo's store."""
    lines = [line[4:] for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("    ")]
    return [shown for shown in shown_commands(lines) if not shown.command.startswith(ABOUT_OTHER_FILES)]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A home with the demo's store, filled as the demo fills it, by the command instead of the DAGs."""
    home = tmp_path_factory.mktemp("demo")
    (home / "config").mkdir()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("WIREWATCH_")}
    ours = {"WIREWATCH_HOME": str(home), "WIREWATCH_CONFIG": str(home / "config"), "WIREWATCH_TIMEZONE": "UTC"}
    stories = load_stories()
    with http_server() as http:
        for chosen in ([story for story in stories if story.key != LATEST], stories):
            feeds = publish(http, home / "drop", load_feeds(), chosen)
            (home / "config" / "feeds.yaml").write_text(feeds, encoding="utf-8")
            run_wirewatch(["run"], home, {**inherited, **ours})
            if chosen is not stories:
                follow = ["subscribe", "--follow", DEAL, "--to", "file:alerts.jsonl", "--look-back", "3650d"]
                assert run_wirewatch(follow, home, {**inherited, **ours}).returncode == 0
    return {**inherited, **ours}


def test_it_is_at_most_two_hundred_lines() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 200


@pytest.mark.parametrize("shown", commands(), ids=lambda shown: shown.command[:50])
def test_it_shows_what_the_demos_store_answers(shown: Shown, environment: dict[str, str], tmp_path: Path) -> None:
    assert load_settings(environment).home.is_dir()
    check_shown(shown, tmp_path, environment)
