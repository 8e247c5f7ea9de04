"""``mark``: a reader's verdict on one follow-up."""

import sys

import click

from pipeline.cli.judging.user import user_name


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
        saved = wirewatch.marks.mark(earlier, later, verdict == "right", by or user_name("a reader"))
    print(f"story {saved.later} is marked as {verdict} for story {saved.earlier}", file=sys.stderr)


COMMANDS = {"mark": mark}
