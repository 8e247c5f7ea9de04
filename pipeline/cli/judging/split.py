"""``split``: an operator rules that stories, or what follows, are something of their own."""

import click

from pipeline.cli import output
from pipeline.cli.judging.ruling import by_option, kind_argument, report_changes
from pipeline.cli.judging.user import user_name
from pipeline.models import GroupKind


@click.command("split", epilog="Example: wirewatch split happening 31 32")
@kind_argument
@click.argument("stories", nargs=-1, required=True)
@by_option
@output.json_option
def split(kind: str, stories: tuple[str, ...], by: str | None, as_json: bool) -> None:
    """Say that STORIES tell of a happening of their own, or that theirs begins a thread of its own.

    It stands, whatever arrives later. Of a happening that begins a thread, what follows it goes along.
    """
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        changes = wirewatch.threads.split(GroupKind(kind), stories, by or user_name("an operator"))
    report_changes(changes, as_json)


COMMANDS = {"split": split}
