"""``quarantine``: what could not be processed, and why."""

from typing import TYPE_CHECKING

import click

from pipeline.cli import output

if TYPE_CHECKING:
    from pipeline.models import Quarantined


@click.command("quarantine", epilog="Example: wirewatch quarantine --limit 20")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="How many, newest first.")
@output.json_option
def quarantine(limit: int, as_json: bool) -> None:
    """List what could not be processed, with the reason. Nothing is lost: `wirewatch replay` tries it again."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        entries = wirewatch.quarantine.entries(limit)
        zone = wirewatch.settings.timezone
    if as_json:
        output.write_json({"quarantined": [{**output.plain(entry), "bytes": len(entry.payload)} for entry in entries]})
        return
    rows = [
        [str(entry.id), output.when(entry.at, zone), entry.stage, entry.subject, _reason(entry)] for entry in entries
    ]
    output.table("Quarantine", ["id", "at", "stage", "what", "reason"], rows)


def _reason(entry: "Quarantined") -> str:
    return f"{entry.reason}\n{entry.origin.location}" if entry.origin else entry.reason


COMMANDS = {"quarantine": quarantine}
