"""``unmark``: a verdict is taken back."""

import sys

import click


@click.command("unmark", epilog="Example: wirewatch unmark 1 58")
@click.argument("earlier")
@click.argument("later")
def unmark(earlier: str, later: str) -> None:
    """Take back what was said of LATER as a follow-up of EARLIER."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        wirewatch.marks.unmark(earlier, later)
    print("the mark is taken back", file=sys.stderr)


COMMANDS = {"unmark": unmark}
