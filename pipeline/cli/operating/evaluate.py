"""``evaluate``: how good the answers are on a labelled set."""

import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import output

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
@output.json_option
def followups(folder: Path, home: Path | None, as_json: bool) -> None:
    """nDCG@10, MRR and recall@20 of the follow-ups, beside BM25 and BM25 with decay, with paired differences.

    Judgements: qrels.txt in DIR or in folders in it ("query 0 story relevance": above 0 follows it up, and 2 counts for
    twice as much as 1; below 0 is left open and counts for nobody; "query 0 * -1" leaves open what no line names), and
    beside it, to ask fewer of them, queries.txt (a uri a line). Stories on a later day count, up to 365 days on, or as
    far as stories are judged.
    """
    from pipeline.evaluate import evaluate_followups, opened_set
    from pipeline.settings import load_settings

    with output.progress() as bars, opened_set(folder, load_settings(), home, bars) as wirewatch:
        result = evaluate_followups(wirewatch, folder, bars)
    if as_json:
        output.write_json({"set": str(folder), **asdict(result)})
    else:
        _show_followups(result)


@evaluate.command(
    "happenings",
    short_help="Happenings: B-cubed, look-alike events joined.",
    epilog="Example: wirewatch evaluate happenings my-events",
)
@_folder
@_home
@output.json_option
def happenings(folder: Path, home: Path | None, as_json: bool) -> None:
    """B-cubed precision, recall and F1 of the happenings, and how many pairs join two events that look alike.

    Judgements: DIR/gold.tsv: uri, event and, if events come in look-alike topics, the topic.
    """
    from pipeline.evaluate import evaluate_happenings, opened_set
    from pipeline.settings import load_settings

    with output.progress() as bars, opened_set(folder, load_settings(), home, bars) as wirewatch:
        result = evaluate_happenings(wirewatch, folder)
    if as_json:
        output.write_json({"set": str(folder), **asdict(result)})
    else:
        _show_happenings(result)


@evaluate.command(
    "copies",
    short_help="Copies: precision and recall over pairs.",
    epilog="Example: wirewatch evaluate copies my-copies",
)
@_folder
@_home
@output.json_option
def copies(folder: Path, home: Path | None, as_json: bool) -> None:
    """Precision, recall and F1 over pairs of copies; names what was missed and invented.

    Judgements: DIR/gold.tsv: two uris a line, each a pair of copies; all others are none.
    """
    from pipeline.evaluate import evaluate_copies, opened_set
    from pipeline.settings import load_settings

    with output.progress() as bars, opened_set(folder, load_settings(), home, bars) as wirewatch:
        result = evaluate_copies(wirewatch, folder)
    if as_json:
        named = {"found" if name == "pairs" else name: value for name, value in asdict(result).items()}
        output.write_json({"set": str(folder), **named})
    else:
        _show_copies(result)


# --------------------------------------------------------------------------- tables


def _interval(estimate: "Estimate") -> str:
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def _signed_interval(estimate: "Estimate") -> str:
    return f"{estimate.value:+.3f} [{estimate.low:+.3f}, {estimate.high:+.3f}]"


def _show_followups(result: "FollowUpsResult") -> None:
    for span in result.spans:
        ours = next(iter(span.rankings.values()))
        rows = [
            (name, *map(_interval, (scores.ndcg, scores.mrr, scores.recall)), *_difference(name, ours.better_by))
            for name, scores in span.rankings.items()
        ]
        title = f"{span.name}: {span.queries} queries, {span.answered} answered, {result.stories} stories"
        output.table(title, ("ranking", "nDCG@10", "MRR", "recall@20", "ours is better by (nDCG)"), rows)
    print(f"weights: {result.weights}", file=sys.stderr)


def _difference(name: str, better_by: "Mapping[str, Estimate]") -> tuple[str]:
    difference = better_by.get(name)
    return (_signed_interval(difference) if difference else "",)


def _show_happenings(result: "HappeningsResult") -> None:
    rows = [
        ("precision", _interval(result.precision)),
        ("recall", _interval(result.recall)),
        ("F1", _interval(result.f1)),
        ("pairs of look-alike events", f"{result.siblings} of {result.pairs} ({result.share:.1%})"),
    ]
    title = f"{result.stories} stories, {result.events} events, {result.groups} groups"
    output.table(title, ("B-cubed", "value"), rows)


def _show_copies(result: "CopiesResult") -> None:
    rows = [
        ("precision", _interval(result.precision)),
        ("recall", _interval(result.recall)),
        ("F1", _interval(result.f1)),
        *(("missed", " ".join(pair)) for pair in result.missed),
        *(("invented", " ".join(pair)) for pair in result.invented),
    ]
    output.table(f"{result.gold} pairs of copies, {result.pairs} found", ("pairs", "value"), rows)


COMMANDS = {"evaluate": evaluate}
