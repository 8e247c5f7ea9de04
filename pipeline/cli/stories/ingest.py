"""``run`` and ``import``: stories in, the whole walk behind them."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import output as show
from pipeline.cli.failures import Failures
from pipeline.errors import SettingsError

if TYPE_CHECKING:
    from pipeline import Ingested


@click.command("run", epilog="Example: wirewatch run")
@show.json_option
def run(as_json: bool) -> None:
    """One whole walk: fetch the due feeds of feeds.yaml, then tag, relate, index, match and deliver."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch, show.progress() as bars:
        if not wirewatch.settings.feeds():
            raise SettingsError(f"no feed is declared in {wirewatch.settings.config / 'feeds.yaml'}; its head says how")
        due = wirewatch.feeds.due()
        if not due:
            print("no feed is due yet; each has its own `every` in feeds.yaml", file=sys.stderr)
        result = wirewatch.feeds.ingest(due, bars)
        wirewatch.stages.run(bars)
    _conclude(result, as_json)


@click.command("import", epilog="Example: wirewatch import deal.txt archive/2017 --backfill")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--backfill", is_flag=True, help="An archive: relate and index it, but send no alert for it.")
@show.json_option
def import_(paths: tuple[Path, ...], backfill: bool, as_json: bool) -> None:
    """Import files, or folders with everything in them, in any format that Wirewatch reads.

    RSS, Atom, JSON Feed, ninjs (.json, .jsonl, .jsonl.gz), plain wire text and the other formats that `parse` knows.
    Importing the same file again changes nothing.
    """
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch, show.progress() as bars:
        result = wirewatch.stories.import_paths(paths, backfill, bars)
        wirewatch.stages.run(bars)
    _conclude(result, as_json)


def _conclude(result: "Ingested", as_json: bool) -> None:
    """Say what was done; raise Failures if anything was not."""
    counts = {outcome.value: count for outcome, count in sorted(result.outcomes.items())}
    if as_json:
        show.write_json({**counts, "quarantined": result.quarantined, "failures": result.failures})
    else:
        told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()) or "no stories"
        print(f"stored: {told}", file=sys.stderr)
    if result.failures:
        raise Failures(result.failures, nothing_recorded=not result.stories and not result.quarantined)


COMMANDS = {"run": run, "import": import_}
