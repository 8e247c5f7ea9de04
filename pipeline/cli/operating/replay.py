"""``replay``: another try of what is in quarantine."""

import sys

import click

from pipeline.cli import output
from pipeline.cli.failures import Failures


@click.command("replay", epilog="Example: wirewatch replay 17 18")
@click.argument("ids", nargs=-1, type=int)
@output.json_option
def replay(ids: tuple[int, ...], as_json: bool) -> None:
    """Try again what is in quarantine: these entries, or all of them. What still fails stays there."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch, output.progress() as bars:
        result = wirewatch.quarantine.replay(ids or None, bars)
        wirewatch.stages.run(bars)
    if as_json:
        output.write_json({"stories": result.stories, "work": result.work, "failures": result.failures})
    else:
        print(f"read {result.stories} stories, tried {result.work} tasks again", file=sys.stderr)
    if result.failures:
        raise Failures(result.failures, nothing_recorded=False)


COMMANDS = {"replay": replay}
