"""``quarantine`` and ``replay``: what could not be processed, why, and another try."""

import sys
from typing import TYPE_CHECKING

import click

from pipeline.cli import output as show
from pipeline.cli.failures import Failures

if TYPE_CHECKING:
    from pipeline.models import Quarantined


@click.command("quarantine", epilog="Example: wirewatch quarantine --limit 20")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="How many, newest first.")
@show.json_option
def quarantine(limit: int, as_json: bool) -> None:
    """List what could not be processed, with the reason. Nothing is lost: `wirewatch replay` tries it again."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        entries = wirewatch.quarantine.entries(limit)
        zone = wirewatch.settings.timezone
    if as_json:
        show.write_json({"quarantined": [{**show.plain(entry), "bytes": len(entry.payload)} for entry in entries]})
        return
    rows = [[str(entry.id), show.when(entry.at, zone), entry.stage, entry.subject, _told(entry)] for entry in entries]
    show.table("Quarantine", ["id", "at", "stage", "what", "reason"], rows)


@click.command("replay", epilog="Example: wirewatch replay 17 18")
@click.argument("ids", nargs=-1, type=int)
@show.json_option
def replay(ids: tuple[int, ...], as_json: bool) -> None:
    """Try again what is in quarantine: these entries, or all of them. What still fails stays there."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch, show.progress() as bars:
        result = wirewatch.quarantine.replay(ids or None, bars)
        wirewatch.stages.run(bars)
    if as_json:
        show.write_json({"stories": result.stories, "work": result.work, "failures": result.failures})
    else:
        print(f"read {result.stories} stories, tried {result.work} tasks again", file=sys.stderr)
    if result.failures:
        raise Failures(result.failures, nothing_recorded=False)


def _told(entry: "Quarantined") -> str:
    return f"{entry.reason}\n{entry.origin.location}" if entry.origin else entry.reason


COMMANDS = {"quarantine": quarantine, "replay": replay}
