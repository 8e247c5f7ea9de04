"""``mark``, ``unmark`` and ``marks``: what readers say of follow-ups."""

import getpass
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import output as show
from pipeline.cli.failures import Failures
from pipeline.errors import UsageError
from pipeline.models import Mark

if TYPE_CHECKING:
    from pipeline import Wirewatch


@click.command("mark", epilog="Example: wirewatch mark 1 58 wrong --by ana")
@click.argument("earlier")
@click.argument("later")
@click.argument("verdict", type=click.Choice(["right", "wrong"]))
@click.option("--by", default=None, help="Who says so  [default: your user name]")
def mark(earlier: str, later: str, verdict: str, by: str | None) -> None:
    """Say whether LATER follows up EARLIER.

    A wrong one is never shown or sent as its follow-up again; a right one is always shown, and first. Both are ids or
    uris. A mark holds for the copies of the two stories as well; a new one replaces the one before.
    """
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        made = wirewatch.marks.mark(earlier, later, verdict == "right", by or _user())
    print(f"story {made.later} is marked as {verdict} for story {made.earlier}", file=sys.stderr)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "a reader"  # a container's user may have no name


@click.command("unmark", epilog="Example: wirewatch unmark 1 58")
@click.argument("earlier")
@click.argument("later")
def unmark(earlier: str, later: str) -> None:
    """Take back what was said of LATER as a follow-up of EARLIER."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        wirewatch.marks.unmark(earlier, later)
    print("the mark is taken back", file=sys.stderr)


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
@show.json_option
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
            return
        if folder is not None:
            with show.progress() as bars:
                done = wirewatch.marks.export(folder, bars)
            told = f"{_many(done.queries, 'query', 'queries')}, {_many(done.judgements, 'judgement', 'judgements')}"
            left = f"; {_many(done.left_out, 'story', 'stories')} without a right follow-up left out"
            stories = _many(done.stories, "story", "stories")
            print(f"{folder}: {told}, {stories}{left if done.left_out else ''}", file=sys.stderr)
            return
        found = wirewatch.marks.find(story or None)
        ends = sorted({end for one in found for end in (one.earlier, one.later)})
        known = {one.lineage: one.current.story for one in wirewatch.stories.records(ends)}
        zone = wirewatch.settings.timezone
    if as_json:
        for one in found:
            uris = {"earlier_uri": known[one.earlier].uri, "later_uri": known[one.later].uri}
            show.write_json(show.plain(one) | uris)
        return
    titles = {lineage: told.title for lineage, told in known.items()}
    rows = [(show.when(one.at, zone), _verdict(one), one.by, _pair(one, titles)) for one in found]
    show.table(_many(len(rows), "mark", "marks"), ("marked", "verdict", "by", "headline"), rows)


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
    print(f"{sum(applied)} new of {_many(len(applied), 'mark', 'marks')}", file=sys.stderr)
    if failures:
        raise Failures(failures, nothing_recorded=not applied)


def _apply_line(wirewatch: "Wirewatch", line: str) -> bool:
    """Whether the mark is new here. Raises ValueError, KeyError, TypeError for what is no mark; UsageError."""

    said = json.loads(line)
    earlier, later, right, by = (said[name] for name in ("earlier_uri", "later_uri", "right", "by"))
    if not (isinstance(right, bool) and all(isinstance(text, str) for text in (earlier, later, by))):
        raise TypeError("uris and by are texts, right is true or false")
    at = datetime.fromisoformat(said["at"])
    return wirewatch.marks.apply(earlier, later, right, by, at if at.tzinfo else at.replace(tzinfo=UTC))


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _verdict(one: Mark) -> str:
    return "right" if one.right else "wrong"


def _pair(one: Mark, titles: dict[int, str]) -> str:
    return f"{one.earlier}  {titles.get(one.earlier, '')}\n{one.later}  {titles.get(one.later, '')}"


COMMANDS = {"mark": mark, "unmark": unmark, "marks": marks}
