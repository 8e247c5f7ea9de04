"""``evaluate`` and ``train``: how good the answers are on a labelled set, and weights that are fitted to some."""

import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import output as show
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.evaluate import CopiesResult, FollowUpsResult, HappeningsResult
    from pipeline.evaluate.bootstrap import Estimate

_folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
_home = click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the imported set here and use it again; else it is imported into a temporary folder.",
)


@click.group("evaluate")
def evaluate() -> None:
    """Measure on a labelled set: its stories go through the real pipeline into a home of their own.

    DIR holds stories.jsonl.gz (or .jsonl) in ninjs, one object a line, and its judgements. The embedded engine and
    SQLite are used; WIREWATCH_WEIGHTS chooses the ranking's weights. Intervals are 95 % bootstrap.
    """


@evaluate.command(
    "followups",
    short_help="Follow-ups: nDCG@10, MRR, recall@20, beside baselines.",
    epilog="Example: wirewatch evaluate followups my-desk --home /tmp/my-desk",
)
@_folder
@_home
@show.json_option
def followups(folder: Path, home: Path | None, as_json: bool) -> None:
    """nDCG@10, MRR and recall@20 of the follow-ups, beside BM25 and BM25 with decay, with paired differences.

    Judgements: qrels.txt in DIR or in folders in it ("query 0 story relevance": above 0 follows it up, and 2 counts for
    twice as much as 1; below 0 is left open and counts for nobody; "query 0 * -1" leaves open what no line names), and
    beside it, to ask fewer of them, queries.txt (a uri a line). Stories on a later day count, up to 365 days on, or as
    far as stories are judged.
    """
    from pipeline.evaluate import evaluate_followups, opened_set
    from pipeline.settings import load_settings

    with show.progress() as bars, opened_set(folder, load_settings(), home, bars) as wirewatch:
        result = evaluate_followups(wirewatch, folder, bars)
    if as_json:
        show.write_json({"set": str(folder), **_plain(result)})
    else:
        _show_followups(result)


@evaluate.command(
    "happenings",
    short_help="Happenings: B-cubed, look-alike events joined.",
    epilog="Example: wirewatch evaluate happenings my-events",
)
@_folder
@_home
@show.json_option
def happenings(folder: Path, home: Path | None, as_json: bool) -> None:
    """B-cubed precision, recall and F1 of the happenings, and how many pairs join two events that look alike.

    Judgements: DIR/gold.tsv: uri, event and, if events come in look-alike topics, the topic.
    """
    from pipeline.evaluate import evaluate_happenings, opened_set
    from pipeline.settings import load_settings

    with show.progress() as bars, opened_set(folder, load_settings(), home, bars) as wirewatch:
        result = evaluate_happenings(wirewatch, folder)
    if as_json:
        show.write_json({"set": str(folder), **_plain(result)})
    else:
        _show_happenings(result)


@evaluate.command(
    "copies",
    short_help="Copies: precision and recall over pairs.",
    epilog="Example: wirewatch evaluate copies my-copies",
)
@_folder
@_home
@show.json_option
def copies(folder: Path, home: Path | None, as_json: bool) -> None:
    """Precision, recall and F1 over pairs of copies; names what was missed and invented.

    Judgements: DIR/gold.tsv: two uris a line, each a pair of copies; all others are none.
    """
    from pipeline.evaluate import evaluate_copies, opened_set
    from pipeline.settings import load_settings

    with show.progress() as bars, opened_set(folder, load_settings(), home, bars) as wirewatch:
        result = evaluate_copies(wirewatch, folder)
    if as_json:
        show.write_json({"set": str(folder), **_plain(result)})
    else:
        _show_copies(result)


def _plain(result: "FollowUpsResult | HappeningsResult | CopiesResult") -> dict[str, object]:
    return asdict(result)


# --------------------------------------------------------------------------- tables


def _told(found: "Estimate") -> str:
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _signed(found: "Estimate") -> str:
    return f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"


def _show_followups(result: "FollowUpsResult") -> None:
    for span in result.spans:
        ours = next(iter(span.rankings.values()))
        rows = [
            (name, *map(_told, (scores.ndcg, scores.mrr, scores.recall)), *_difference(name, ours.better_by))
            for name, scores in span.rankings.items()
        ]
        title = f"{span.name}: {span.queries} queries, {span.answered} answered, {result.stories} stories"
        show.table(title, ("ranking", "nDCG@10", "MRR", "recall@20", "ours is better by (nDCG)"), rows)
    print(f"weights: {result.weights}", file=sys.stderr)


def _difference(name: str, better_by: "Mapping[str, Estimate]") -> tuple[str]:
    found = better_by.get(name)
    return (_signed(found) if found else "",)


def _show_happenings(result: "HappeningsResult") -> None:
    rows = [
        ("precision", _told(result.precision)),
        ("recall", _told(result.recall)),
        ("F1", _told(result.f1)),
        ("pairs of look-alike events", f"{result.siblings} of {result.pairs} ({result.share:.1%})"),
    ]
    title = f"{result.stories} stories, {result.events} events, {result.groups} groups"
    show.table(title, ("B-cubed", "value"), rows)


def _show_copies(result: "CopiesResult") -> None:
    rows = [
        ("precision", _told(result.precision)),
        ("recall", _told(result.recall)),
        ("F1", _told(result.f1)),
        *(("missed", " ".join(pair)) for pair in result.missed),
        *(("invented", " ".join(pair)) for pair in result.invented),
    ]
    show.table(f"{result.gold} pairs of copies, {result.found} found", ("pairs", "value"), rows)


# --------------------------------------------------------------------------- train


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

    lessons = TrainingExamples()
    with show.progress() as bars:
        for folder in folders:
            kept = homes / folder.resolve().name if homes else None
            with opened_set(folder, load_settings(), kept, bars) as wirewatch:
                wirewatch.training.add_examples(folder, lessons, bars)
    text = fit_weights(lessons, [folder.resolve().name for folder in folders])
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the weights cannot be written to {out}: {error.strerror}") from error
    told = f"{lessons.threads} threads, {len(lessons.examples)} questions"
    missing = f"; {lessons.missing} judged stories are not in the sets" if lessons.missing else ""
    print(f"{out}: fitted to {told}{missing}", file=sys.stderr)


COMMANDS = {"evaluate": evaluate, "train": train}
