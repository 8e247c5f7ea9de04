"""``parse``: what ``import`` would store of files, without storing it."""

from pathlib import Path

import click

from pipeline.cli import output
from pipeline.cli.failures import Failures
from pipeline.models import Rejected


@click.command("parse", epilog="Example: wirewatch parse feed.xml --json | jq .headline")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@output.json_option
def parse(paths: tuple[Path, ...], as_json: bool) -> None:
    """Show the stories in files or folders as import would store them: one JSON line a story with --json."""
    from pipeline import Wirewatch

    failures: list[str] = []
    rows: list[tuple[str, ...]] = []
    stories = 0
    with Wirewatch.open() as wirewatch:
        zone = wirewatch.settings.timezone
        for item in wirewatch.stories.parse_paths(paths, failures):
            if isinstance(item, Rejected):
                failures.append(f"{item.origin.location}, {item.part}: {item.reason}")
                continue
            stories += 1
            if as_json:
                output.write_json(item)
            else:
                rows.append((item.uri, output.when(item.updated_at, zone), item.status.value, item.title))
    if rows:
        output.table("", ("uri", "time", "status", "headline"), rows)
    if failures:
        raise Failures(failures, nothing_recorded=not stories)


COMMANDS = {"parse": parse}
