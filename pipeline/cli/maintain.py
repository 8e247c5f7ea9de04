"""``reindex``: work on what is stored."""

import sys

import click

from pipeline.cli import show
from pipeline.cli.outcome import Failures


@click.command("reindex", epilog="Example: wirewatch reindex")
@show.json_option
def reindex(as_json: bool) -> None:
    """Rebuild the search index from the store. Searches go on with the old one until the new one is whole."""
    from pipeline import flow, wiring

    with wiring.open_parts() as parts, show.progress() as bars:
        result = flow.reindex(parts, bars)
    if as_json:
        show.write_json({"indexed": result.indexed, "failures": result.failures})
    else:
        print(f"indexed {result.indexed} stories", file=sys.stderr)
    if result.failures:
        raise Failures(result.failures, nothing_recorded=not result.indexed)


COMMANDS = {"reindex": reindex}
