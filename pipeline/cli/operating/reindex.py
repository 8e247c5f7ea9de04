"""``reindex``: the search index, rebuilt from the store."""

import sys

import click

from pipeline.cli import output
from pipeline.cli.failures import Failures


@click.command("reindex", epilog="Example: wirewatch reindex")
@output.json_option
def reindex(as_json: bool) -> None:
    """Rebuild the search index from the store. Searches go on with the old one until the new one is whole."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch, output.progress() as bars:
        result = wirewatch.stages.reindex(bars)
    if as_json:
        output.write_json({"indexed": result.indexed, "failures": result.failures})
    else:
        print(f"indexed {result.indexed} stories", file=sys.stderr)
    if result.failures:
        raise Failures(result.failures, nothing_recorded=not result.indexed)


COMMANDS = {"reindex": reindex}
