"""``rulings``: what was ruled on happenings and threads, listed, and ruled again from a file."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import output
from pipeline.cli.failures import Failures
from pipeline.cli.judging.ruling import report_changes
from pipeline.errors import NotFoundError, UsageError
from pipeline.models import GroupKind, Ruling

if TYPE_CHECKING:
    from pipeline import Wirewatch


@click.command(
    "rulings", epilog="Example: wirewatch rulings --json > ruled.jsonl; wirewatch rulings --apply ruled.jsonl"
)
@click.option(
    "--apply",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Rule again what such a file says; it may come from another store with the same stories.",
)
@output.json_option
def rulings(file: Path | None, as_json: bool) -> None:
    """What was ruled on happenings and threads, story by story, oldest first."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        if file is not None:
            _apply(wirewatch, file, as_json)
        else:
            _list(wirewatch, as_json)


def _list(wirewatch: "Wirewatch", as_json: bool) -> None:
    rulings = wirewatch.threads.rulings()
    if as_json:
        ends = [end for ruling in rulings for end in (ruling.one, ruling.other) if end is not None]
        uris = {record.lineage: record.current.story.uri for record in wirewatch.stories.records(ends)}
        for ruling in rulings:
            other = None if ruling.other is None else uris[ruling.other]
            output.write_json(output.plain(ruling) | {"one": uris[ruling.one], "other": other})
        return
    zone = wirewatch.settings.timezone
    rows = [
        (
            ruling.kind.value,
            str(ruling.one),
            str(ruling.other or ""),
            "same" if ruling.same else "apart",
            ruling.by,
            output.when(ruling.at, zone),
        )
        for ruling in rulings
    ]
    output.table("", ("kind", "story", "other", "ruling", "by", "at"), rows)


def _apply(wirewatch: "Wirewatch", file: Path, as_json: bool) -> None:
    """Make the rulings of a file.

    Raises:
        UsageError: The file holds something else.
        Failures: Some of the stories are not here; the other rulings are made.
    """
    rulings: list[Ruling] = []
    failures: list[str] = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        where = f"{file}, line {number}"
        try:
            rulings.append(_ruling_in(wirewatch, line))
        except NotFoundError as error:
            failures.append(f"{where}: {error}")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(f"{where}: not a ruling as `rulings --json` writes them: {error}") from error
    if rulings or not failures:
        report_changes(wirewatch.threads.apply(rulings), as_json)
    if failures:
        raise Failures(failures, nothing_recorded=not rulings)


def _ruling_in(wirewatch: "Wirewatch", line: str) -> Ruling:
    values = json.loads(line)
    other = values["other"]
    return Ruling(
        kind=GroupKind(values["kind"]),
        one=wirewatch.stories.resolve(values["one"]),
        other=None if other is None else wirewatch.stories.resolve(other),
        same=bool(values["same"]),
        by=str(values["by"]),
        at=datetime.fromisoformat(values["at"]),
    )


COMMANDS = {"rulings": rulings}
