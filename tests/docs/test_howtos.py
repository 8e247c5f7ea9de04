"""The how-tos, followed to the letter in a copy of the source."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.console import apply_changes, run_wirewatch
from tests.e2e.command import ROOT

HOWTO = ROOT / "docs" / "howto"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package, to be changed."""
    shutil.copytree(ROOT / "pipeline", tmp_path / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def run(copy: Path, *arguments: str) -> str:
    """What ``wirewatch`` of the copy prints; tagging is by the gazetteer alone, which is enough here."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("WIREWATCH_")}
    ours = {"WIREWATCH_CONFIG": str(copy / "config"), "WIREWATCH_SPACY_MODEL": "blank", "WIREWATCH_PROCESSES": "1"}
    environment = {**inherited, **ours}
    answer = run_wirewatch(arguments, copy, environment, copy)
    assert answer.returncode == 0, answer.stdout
    return answer.stdout


def test_a_format(copy: Path) -> None:
    apply_changes(HOWTO / "format.md", copy)
    story = json.loads(run(copy, "parse", "sheet.txt", "--json"))
    assert story["uri"] == "dispatch:2017-11-08/14"
    assert story["headline"] == "UPDATE 1-Turkey signs letter of intent"
    assert (story["take"], story["agency"]) == ("update", "Example Wire")
    assert story["published_at"] == "2017-11-08T15:05:00Z"


def test_a_channel(copy: Path) -> None:
    apply_changes(HOWTO / "channel.md", copy)
    run(copy, "subscribe", "--query", 'product:"S-400"', "--to", "note:desk.txt", "--look-back", "9999d")
    (copy / "deal.txt").write_text("Turkey buys S-400s\n\nTurkey buys S-400s, it said.\n", encoding="utf-8")
    run(copy, "import", "deal.txt")
    assert "Turkey buys S-400s" in (copy / "var" / "desk.txt").read_text(encoding="utf-8")


def test_a_language(copy: Path) -> None:
    apply_changes(HOWTO / "language.md", copy)
    program = (
        "from pipeline.text.stopwords import function_words\n"
        "from pipeline.parse.values.written_times import month_number\n"
        "assert 'ikke' in function_words('da')\n"
        "assert [month_number(name) for name in ('marts', 'maj', 'oktober')] == [3, 5, 10]\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    subprocess.run([sys.executable, "-c", program], cwd=copy, env=environment, check=True)
    (copy / "ankara.txt").write_text("Ankara\n\nTyrkiet og det tyrkiske NATO.\n", encoding="utf-8")
    assert "gaz:country-tr" in run(copy, "tag", "ankara.txt", "--json")
