"""``train``: the ranking's weights, fitted to labelled sets."""

import sys
from pathlib import Path

import click

from pipeline.cli import output
from pipeline.errors import UsageError


@click.command(
    "train", epilog="Example: wirewatch train my-desk -o weights.json && export WIREWATCH_WEIGHTS=$PWD/weights.json"
)
@click.argument(
    "folders", metavar="DIR...", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The weights file.")
@click.option(
    "--homes",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the imported sets here, each in a folder of its name, and use them again.",
)
def train(folders: tuple[Path, ...], out: Path, homes: Path | None) -> None:
    """Fit the ranking's weights to judged follow-ups, in the format of `evaluate followups` and `marks --export`.

    The candidates are those of `followups`. A desk's own threads teach best; a few hundred make a difference. Measure
    on threads that were not trained on.
    """
    from pipeline import TrainingExamples, fit_weights
    from pipeline.evaluate import opened_set
    from pipeline.settings import load_settings

    examples = TrainingExamples()
    with output.progress() as bars:
        for folder in folders:
            kept = homes / folder.resolve().name if homes else None
            with opened_set(folder, load_settings(), kept, bars) as wirewatch:
                wirewatch.training.add_examples(folder, examples, bars)
    text = fit_weights(examples, [folder.resolve().name for folder in folders])
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the weights cannot be written to {out}: {error.strerror}") from error
    taught = f"{examples.threads} threads, {len(examples.examples)} questions"
    missing = f"; {examples.missing} judged stories are not in the sets" if examples.missing else ""
    print(f"{out}: fitted to {taught}{missing}", file=sys.stderr)


COMMANDS = {"train": train}
