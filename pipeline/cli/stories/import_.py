"""``import``: files and folders of stories, and every stage behind them."""

from pathlib import Path

import click

from pipeline.cli import output
from pipeline.cli.stories.ingested import report_ingested


@click.command("import", epilog="Example: wirewatch import deal.txt archive/2017 --backfill")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--backfill", is_flag=True, help="An archive: relate and index it, but send no alert for it.")
@output.json_option
def import_(paths: tuple[Path, ...], backfill: bool, as_json: bool) -> None:
    """Import files, or folders with everything in them, in any format that Wirewatch reads.

    RSS, Atom, JSON Feed, ninjs (.json, .jsonl, .jsonl.gz), plain wire text and the other formats that `parse` knows.
    Importing the same file again changes nothing.
    """
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch, output.progress() as bars:
        result = wirewatch.stories.import_paths(paths, backfill, bars)
        wirewatch.stages.run(bars)
    report_ingested(result, as_json)


COMMANDS = {"import": import_}
