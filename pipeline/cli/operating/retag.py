"""``retag``: tag stored stories again, with another model, gazetteer or code."""

import sys
from datetime import UTC, datetime

import click

from pipeline.cli import output


@click.command("retag", epilog="Example: WIREWATCH_SPACY_MODEL=en_core_web_lg wirewatch retag --since 2017-11-01")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    help="Only stories sent from then on, UTC (2017-11-01 or 2017-11-01T08:30).",
)
@click.option("--all", "everything", is_flag=True, help="Also stories that this very tagger has tagged.")
def retag(since: datetime | None, everything: bool) -> None:
    """Tag stored stories again, relate and index them; sends no alert.

    Run it after a change of model or gazetteer. Searches go on meanwhile. A run that was stopped is finished by the
    next one: what has the new tags already is left alone, unless --all.
    """
    from pipeline import Wirewatch

    moment = since.replace(tzinfo=UTC) if since else None
    with Wirewatch.open() as wirewatch, output.progress() as bars:
        tagged = wirewatch.entities.retag(moment, everything, bars)
    print(f"tagged again: {tagged}", file=sys.stderr)


COMMANDS = {"retag": retag}
