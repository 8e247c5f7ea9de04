"""``retention``: old months leave the search index."""

import sys

import click

from pipeline.cli import output


@click.command("retention", epilog="Example: wirewatch retention --keep 5y --dry-run")
@click.option("--keep", metavar="PERIOD", help="How far back the index goes: 5y, 18mo. Else WIREWATCH_RETENTION.")
@click.option(
    "--texts",
    type=click.Choice(["keep", "drop"]),
    help="What becomes of older stories' texts in the store; dropped ones are gone for good. "
    "Else WIREWATCH_RETENTION_TEXTS, else keep.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be dropped, and drop nothing.")
@output.json_option
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
        dropped = wirewatch.retention.drop(months, drop_texts, dry_run)
    if as_json:
        output.write_json({"first_kept": dropped.first_kept, "stories": dropped.stories, "months": dropped.months})
        return
    would = "would be dropped" if dry_run else "dropped"
    for month, count in dropped.months.items():
        print(f"{month}: {count} stories {would}", file=sys.stderr)
    print(f"{len(dropped.months)} months {would}; the first one kept is {dropped.first_kept}", file=sys.stderr)


COMMANDS = {"retention": retention}
