"""``reindex``, ``retention`` and ``kibana push``: work on what is derived from the store."""

import sys

import click

from pipeline.cli import output as show
from pipeline.cli.failures import Failures


@click.command("reindex", epilog="Example: wirewatch reindex")
@show.json_option
def reindex(as_json: bool) -> None:
    """Rebuild the search index from the store. Searches go on with the old one until the new one is whole."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch, show.progress() as bars:
        result = wirewatch.stages.reindex(bars)
    if as_json:
        show.write_json({"indexed": result.indexed, "failures": result.failures})
    else:
        print(f"indexed {result.indexed} stories", file=sys.stderr)
    if result.failures:
        raise Failures(result.failures, nothing_recorded=not result.indexed)


@click.command("retention", epilog="Example: wirewatch retention --keep 5y --dry-run")
@click.option("--keep", metavar="PERIOD", help="How far back the index goes: 5y, 18mo. Else WIREWATCH_RETENTION.")
@click.option(
    "--texts",
    type=click.Choice(["keep", "drop"]),
    help="What becomes of older stories' texts in the store; dropped ones are gone for good. "
    "Else WIREWATCH_RETENTION_TEXTS, else keep.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be dropped, and drop nothing.")
@show.json_option
def retention(keep: str | None, texts: str | None, dry_run: bool, as_json: bool) -> None:
    """Drop old months from the index. The stories stay in the store; `wirewatch reindex` leaves them out too.

    Whole months are dropped, by the month that a story was first published in; undated stories stay. To have months
    back, give a longer period and run `wirewatch reindex`.
    """
    from pipeline import Wirewatch
    from pipeline.settings import months_kept

    with Wirewatch.open() as wirewatch:
        try:
            months = wirewatch.settings.retention if keep is None else months_kept(keep)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--keep") from error
        if months is None:
            raise click.UsageError("how far back is the index to go? Give --keep, or set WIREWATCH_RETENTION")
        drop_texts = wirewatch.settings.drop_texts if texts is None else texts == "drop"
        done = wirewatch.retention.drop(months, drop_texts, dry_run)
    if as_json:
        show.write_json({"first_kept": done.first_kept, "stories": done.stories, "months": done.months})
        return
    would = "would be dropped" if dry_run else "dropped"
    for month, count in done.months.items():
        print(f"{month}: {count} stories {would}", file=sys.stderr)
    print(f"{len(done.months)} months {would}; the first one kept is {done.first_kept}", file=sys.stderr)


@click.group("kibana")
def kibana() -> None:
    """Kibana's data views, saved searches and dashboards."""


@kibana.command("push", epilog="Example: wirewatch kibana push http://localhost:5601 --choose story=215")
@click.argument("url", required=False)
@click.option(
    "--choose", multiple=True, metavar="NAME=VALUE", help="What a sample search looks for: story=ID, source=..."
)
def push(url: str | None, choose: tuple[str, ...]) -> None:
    """Import the assets into Kibana, over what is there of them. URL: else WIREWATCH_KIBANA_URL."""
    from pipeline import Wirewatch

    choices: dict[str, str | int] = {}
    for choice in choose:
        name, equals, value = choice.partition("=")
        if not equals:
            raise click.BadParameter(f"{choice!r} is not like story=215", param_hint="--choose")
        choices[name] = int(value) if value.isdecimal() else value
    with Wirewatch.open() as wirewatch:
        imported, replaced = wirewatch.kibana.push(url, choices)
    print(f"imported {imported} objects, {replaced} of them anew", file=sys.stderr)


COMMANDS = {"reindex": reindex, "retention": retention, "kibana": kibana}
