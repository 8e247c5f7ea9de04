"""``merge``: an operator rules that two happenings, or two threads, are one."""

import click

from pipeline.cli import output
from pipeline.cli.judging.ruling import by_option, kind_argument, report_changes
from pipeline.cli.judging.user import user_name
from pipeline.models import GroupKind


@click.command("merge", epilog="Example: wirewatch merge thread 12 40")
@kind_argument
@click.argument("kept", metavar="ONE")
@click.argument("other")
@by_option
@output.json_option
def merge(kind: str, kept: str, other: str, by: str | None, as_json: bool) -> None:
    """Say that two happenings are one, or two threads. It stands, whatever arrives later.

    ONE and OTHER are ids of stories, happenings or threads, or uris of stories. Of two happenings the stories of OTHER
    join ONE; of two threads the later one goes on in the earlier.
    """
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        changes = wirewatch.threads.merge(GroupKind(kind), kept, other, by or user_name("an operator"))
    report_changes(changes, as_json)


COMMANDS = {"merge": merge}
