"""What the commands that rule on happenings and threads share: options, and how they report what changed."""

import sys
from collections.abc import Iterable

import click

from pipeline.cli import output
from pipeline.models import GroupChange, GroupKind

kind_argument = click.argument("kind", type=click.Choice([kind.value for kind in GroupKind]))
by_option = click.option("--by", default=None, help="Who says so  [default: your user name]")


def report_changes(changes: Iterable[GroupChange], as_json: bool) -> None:
    """Write what a ruling changed: as JSON to stdout, or in words to stderr."""
    if as_json:
        output.write_json(list(changes))
        return
    lines = [describe_change(change) for change in changes]
    print("\n".join(lines or ["it was so already; from now on it stays so"]), file=sys.stderr)


def describe_change(change: GroupChange) -> str:
    """One change in words."""
    stories = output.counted(change.stories, "story", "stories")
    ruled = f", as {change.by} ruled" if change.by else ""
    if change.merge:
        return f"{change.kind.value} {change.left} became part of {change.joined} ({stories}){ruled}"
    return f"{stories} left {change.kind.value} {change.left} for {change.joined}{ruled}"
