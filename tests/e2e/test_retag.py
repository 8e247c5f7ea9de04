"""Re-tagging with another model: killed, it is finished by the next run, and ends as if nothing had happened."""

import time
from pathlib import Path

import pytest

from tests.e2e.command import Command
from tests.sample_wire.loader import load_stories
from tests.sample_wire.publish import write_archive

OTHER_MODEL = {"WIREWATCH_PROCESSES": "1"}
BLANK = {**OTHER_MODEL, "WIREWATCH_SPACY_MODEL": "blank"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "sample.jsonl"
    write_archive(path, load_stories()[:90])
    return path


@pytest.fixture(scope="module")
def retagged(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, float]:
    """The export after an undisturbed re-tag, and how long that took."""
    home = tmp_path_factory.mktemp("undisturbed")
    Command(home, BLANK).ok("import", archive, "--backfill")
    before = Command(home, BLANK).ok("export", "--canonical").out
    started = time.monotonic()
    Command(home, OTHER_MODEL).ok("retag")
    seconds = time.monotonic() - started
    after = Command(home, OTHER_MODEL).ok("export", "--canonical").out
    assert after != before
    return after, seconds


def test_a_killed_retag_is_finished_by_the_next(archive: Path, retagged: tuple[str, float], tmp_path: Path) -> None:
    expected, seconds = retagged
    Command(tmp_path, BLANK).ok("import", archive, "--backfill")
    command = Command(tmp_path, OTHER_MODEL)
    command.killed_after(0.7 * seconds, "retag")
    command.ok("retag")
    assert command.ok("export", "--canonical").out == expected
    assert "tagged again: 0" in command.ok("retag").err
