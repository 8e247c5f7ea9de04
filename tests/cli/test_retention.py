"""`wirewatch retention`, as an operator types it."""

from pathlib import Path

import pytest

from tests.cli.in_process import BLANK, InProcess

STORIES = """\
{"uri": "a", "type": "text", "versioncreated": "2012-03-01T09:00:00Z", "language": "en",
 "headline": "An old tender", "body_text": "The council heard that the tender was put off until spring."}
{"uri": "b", "type": "text", "versioncreated": "2017-11-08T09:00:00Z", "language": "en",
 "headline": "A new loan", "body_text": "Turkey and Russia have agreed on a loan for two S-400 batteries."}
"""


@pytest.fixture
def command(tmp_path: Path) -> InProcess:
    archive = tmp_path / "archive.jsonl"
    archive.write_text(STORIES.replace("\n ", " "), encoding="utf-8")
    command = InProcess(tmp_path / "home", BLANK)
    command.ok("import", archive, "--backfill")
    return command


def total(command: InProcess) -> int:
    count: int = command.ok("search", "*:*", "--json").json["total"]
    return count


def test_old_months_go_once_it_is_meant(command: InProcess) -> None:
    period = "120mo"  # from any year after 2022, what is from 2012 is too old; from 2027 on, what is from 2017 too
    preview = command.ok("retention", "--keep", period, "--dry-run", "--json").json
    assert preview["months"]["2012.03"] == 1
    assert total(command) == 2
    done = command.ok("retention", "--keep", period)
    assert "2012.03: 1 stories dropped" in done.err
    assert total(command) == 2 - preview["stories"]
    command.ok("reindex")
    assert total(command) == 2 - preview["stories"]
    assert len(command.ok("export").lines) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((), "Give --keep, or set WIREWATCH_RETENTION"), (("--keep", "5"), "write 5y or 18mo")],
)
def test_a_period_must_be_given(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    refused = InProcess(tmp_path, BLANK).run("retention", *arguments)
    assert refused.status == 2
    assert message in refused.err
