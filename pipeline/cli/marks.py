"""``mark``, ``unmark`` and ``marks``: what readers say of follow-ups."""

import getpass
import sys
from pathlib import Path

import click

from pipeline.cli import show
from pipeline.models import Mark


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
    from pipeline import flow, wiring

    with wiring.open_parts() as parts:
        made = flow.mark(parts, earlier, later, verdict == "right", by or _user())
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
    from pipeline import flow, wiring

    with wiring.open_parts() as parts:
        flow.unmark(parts, earlier, later)
    print("the mark is taken back", file=sys.stderr)


@click.command("marks", epilog="Example: wirewatch marks --export my-desk && wirewatch evaluate followups my-desk")
@click.argument("story", required=False)
@click.option(
    "--export",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write all marks and every story into this folder, as a set for `evaluate followups` and `train`.",
)
@show.json_option
def marks(story: str | None, folder: Path | None, as_json: bool) -> None:
    """List the marks, all of them or those on STORY, oldest first."""
    from pipeline import flow, wiring

    if story is not None and folder is not None:
        raise click.UsageError("--export writes all marks: leave STORY out")
    with wiring.open_parts() as parts:
        if folder is not None:
            with show.progress() as bars:
                done = flow.export_marks(parts, folder, bars)
            told = f"{_many(done.queries, 'query', 'queries')}, {_many(done.judgements, 'judgement', 'judgements')}"
            left = f"; {_many(done.left_out, 'story', 'stories')} without a right follow-up left out"
            stories = _many(done.stories, "story", "stories")
            print(f"{folder}: {told}, {stories}{left if done.left_out else ''}", file=sys.stderr)
            return
        found = parts.store.marks.marks([parts.store.stories.resolve(story)] if story else None)
        ends = sorted({end for one in found for end in (one.earlier, one.later)})
        titles = {one.lineage: one.current.story.title for one in parts.store.stories.records(ends)}
        zone = parts.settings.timezone
    if as_json:
        show.write_json(found)
        return
    rows = [(show.when(one.at, zone), _verdict(one), one.by, _pair(one, titles)) for one in found]
    show.table(_many(len(rows), "mark", "marks"), ("marked", "verdict", "by", "headline"), rows)


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _verdict(one: Mark) -> str:
    return "right" if one.right else "wrong"


def _pair(one: Mark, titles: dict[int, str]) -> str:
    return f"{one.earlier}  {titles.get(one.earlier, '')}\n{one.later}  {titles.get(one.later, '')}"


COMMANDS = {"mark": mark, "unmark": unmark, "marks": marks}
