"""``marks``: what readers said of follow-ups, listed, exported, and applied from another installation."""

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import output
from pipeline.cli.failures import Failures
from pipeline.errors import UsageError
from pipeline.models import Mark

if TYPE_CHECKING:
    from pipeline import Wirewatch


@click.command("marks", epilog="Example: wirewatch marks --export my-desk && wirewatch evaluate followups my-desk")
@click.argument("story", required=False)
@click.option(
    "--export",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write all marks and every story into this folder, as a set for `evaluate followups` and `train`.",
)
@click.option(
    "--apply",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Make the marks of such a file, as `marks --json` writes it, here; newer ones that stand here are kept.",
)
@output.json_option
def marks(story: str | None, folder: Path | None, file: Path | None, as_json: bool) -> None:
    """List the marks, all of them or those on STORY, oldest first; with --json one JSON line each, for --apply.

    The file of --apply may come from another store with the same stories, which it names by uri. A line that cannot be
    applied is named, and the others are.
    """
    from pipeline import Wirewatch

    if story is not None and folder is not None:
        raise click.UsageError("--export writes all marks: leave STORY out")
    if file is not None and (story is not None or folder is not None):
        raise click.UsageError("--apply takes a file: leave STORY and --export out")
    with Wirewatch.open() as wirewatch:
        if file is not None:
            _apply(wirewatch, file)
        elif folder is not None:
            _export(wirewatch, folder)
        else:
            _list(wirewatch, story or None, as_json)


def _list(wirewatch: "Wirewatch", story: str | None, as_json: bool) -> None:
    marks = wirewatch.marks.find(story)
    ends = {lineage for mark in marks for lineage in (mark.earlier, mark.later)}
    stories = {record.lineage: record.current.story for record in wirewatch.stories.records(ends)}
    if as_json:
        for mark in marks:
            uris = {"earlier_uri": stories[mark.earlier].uri, "later_uri": stories[mark.later].uri}
            output.write_json(output.plain(mark) | uris)
        return
    titles = {lineage: marked.title for lineage, marked in stories.items()}
    zone = wirewatch.settings.timezone
    rows = [(output.when(mark.at, zone), _verdict(mark), mark.by, _both_titles(mark, titles)) for mark in marks]
    output.table(output.counted(len(rows), "mark"), ("marked", "verdict", "by", "headline"), rows)


def _verdict(mark: Mark) -> str:
    return "right" if mark.right else "wrong"


def _both_titles(mark: Mark, titles: Mapping[int, str]) -> str:
    return f"{mark.earlier}  {titles.get(mark.earlier, '')}\n{mark.later}  {titles.get(mark.later, '')}"


def _export(wirewatch: "Wirewatch", folder: Path) -> None:
    with output.progress() as bars:
        exported = wirewatch.marks.export(folder, bars)
    counts = [
        output.counted(exported.queries, "query", "queries"),
        output.counted(exported.judgements, "judgement"),
        output.counted(exported.stories, "story", "stories"),
    ]
    left_out = f"; {output.counted(exported.left_out, 'story', 'stories')} without a right follow-up left out"
    print(f"{folder}: {', '.join(counts)}{left_out if exported.left_out else ''}", file=sys.stderr)


def _apply(wirewatch: "Wirewatch", file: Path) -> None:
    applied: list[bool] = []
    failures: list[str] = []
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").split("\n"), start=1):
        try:
            if line.strip():
                applied.append(_apply_line(wirewatch, line))
        except (ValueError, KeyError, TypeError) as error:
            failures.append(f"{file}, line {number}: not a mark as `marks --json` writes them: {error}")
        except UsageError as error:
            failures.append(f"{file}, line {number}: {error}")
    wirewatch.stages.index()
    print(f"{sum(applied)} new of {output.counted(len(applied), 'mark')}", file=sys.stderr)
    if failures:
        raise Failures(failures, nothing_recorded=not applied)


def _apply_line(wirewatch: "Wirewatch", line: str) -> bool:
    """Whether the mark in a line is new here.

    Raises:
        ValueError, KeyError, TypeError: The line is no mark.
        UsageError: There cannot be such a mark.
    """
    values = json.loads(line)
    earlier, later, right, by = (values[name] for name in ("earlier_uri", "later_uri", "right", "by"))
    if not (isinstance(right, bool) and all(isinstance(text, str) for text in (earlier, later, by))):
        raise TypeError("uris and by are texts, right is true or false")
    at = datetime.fromisoformat(values["at"])
    return wirewatch.marks.apply(earlier, later, right, by, at if at.tzinfo else at.replace(tzinfo=UTC))


COMMANDS = {"marks": marks}
