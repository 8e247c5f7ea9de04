"""The tutorial, followed to the letter in an empty folder."""

import os
from pathlib import Path

from tests.docs.console import blocks, check_shown, shown_commands
from tests.e2e.command import ROOT


def test_the_tutorial_shows_what_happens(tmp_path: Path) -> None:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("WIREWATCH_")}
    environment = {**inherited, "WIREWATCH_TIMEZONE": "UTC"}
    commands = 0
    for block in blocks(ROOT / "docs" / "tutorial.md"):
        if block.title:
            (tmp_path / block.title).write_text(block.text, encoding="utf-8")
        for shown in shown_commands(block.text.splitlines()) if block.language == "console" else ():
            check_shown(shown, tmp_path, environment)
            commands += 1
    assert commands >= 5
