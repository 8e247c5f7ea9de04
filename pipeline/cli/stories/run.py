"""``run``: the due feeds, and every stage behind them."""

import sys

import click

from pipeline.cli import output
from pipeline.cli.stories.ingested import report_ingested
from pipeline.errors import SettingsError


@click.command("run", epilog="Example: wirewatch run")
@output.json_option
def run(as_json: bool) -> None:
    """One whole walk: fetch the due feeds of feeds.yaml, then tag, relate, index, match and deliver."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch, output.progress() as bars:
        if not wirewatch.settings.feeds():
            raise SettingsError(f"no feed is declared in {wirewatch.settings.config / 'feeds.yaml'}; its head says how")
        due = wirewatch.feeds.due()
        if not due:
            print("no feed is due yet; each has its own `every` in feeds.yaml", file=sys.stderr)
        result = wirewatch.feeds.ingest(due, bars)
        wirewatch.stages.run(bars)
    report_ingested(result, as_json)


COMMANDS = {"run": run}
