"""The README: short, and what it shows of the demo's store is what that store answers."""

import os
from pathlib import Path

import pytest

from pipeline.settings import load_settings
from tests.demo.__main__ import DEAL, LATEST
from tests.docs.console import Shown, check_shown, run_wirewatch, shown_commands
from tests.e2e.command import ROOT
from tests.sample_wire.loader import load_stories
from tests.sample_wire.publish import write_archive

README = ROOT / "README.md"
SCOPED = "Meridian Wire:tag:"
ABOUT_OTHER_FILES = ("wirewatch run", "wirewatch feeds", "wirewatch import", "wirewatch tag", "wirewatch subscribe")


def commands() -> list[Shown]:
    """The commands in the README's indented blocks that read the demo's store."""
    lines = [line[4:] for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("    ")]
    return [shown for shown in shown_commands(lines) if not shown.command.startswith(ABOUT_OTHER_FILES)]


def as_imported(shown: Shown) -> Shown:
    """In a file a uri stands by itself; a feed scopes it by its publisher, and has a name of its own."""
    output = tuple(line.replace(SCOPED, "tag:").replace("Wire: World", "Wire") for line in shown.output)
    return Shown(shown.command.replace(SCOPED, "tag:"), output)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A home with the demo's stories, imported from a file: the order in which feeds answer changes ids, and more."""
    home = tmp_path_factory.mktemp("demo")
    (home / "config").mkdir()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("WIREWATCH_")}
    ours = {"WIREWATCH_HOME": str(home), "WIREWATCH_CONFIG": str(home / "config"), "WIREWATCH_TIMEZONE": "UTC"}
    stories = load_stories()
    settings = {**inherited, **ours}
    write_archive(home / "before.jsonl", [story for story in stories if story.key != LATEST])
    write_archive(home / "latest.jsonl", [story for story in stories if story.key == LATEST])
    follow = (
        "subscribe",
        "--follow",
        DEAL.replace(SCOPED, "tag:"),
        "--to",
        "file:alerts.jsonl",
        "--look-back",
        "3650d",
    )
    for arguments in (("import", "before.jsonl", "--backfill"), follow, ("import", "latest.jsonl")):
        answer = run_wirewatch(arguments, home, settings)
        assert answer.returncode == 0, answer.stdout
    return settings


def test_it_is_at_most_two_hundred_lines() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 200


@pytest.mark.parametrize("shown", commands(), ids=lambda shown: shown.command[:50])
def test_it_shows_what_the_demos_store_answers(shown: Shown, environment: dict[str, str], tmp_path: Path) -> None:
    assert load_settings(environment).home.is_dir()
    check_shown(as_imported(shown), tmp_path, environment)
