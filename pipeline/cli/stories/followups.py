"""``followups``: what became of a story, and what led to it; or a TREC run of such rankings."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from zoneinfo import ZoneInfo

import click

from pipeline.cli import output
from pipeline.cli.failures import Failures
from pipeline.errors import UsageError
from pipeline.models import LineageRecord, StoredTake
from pipeline.reason_wording import describe_reasons

if TYPE_CHECKING:
    from pipeline import FollowUps, RankedStory


@click.command("followups", epilog="Example: wirewatch followups 1 --limit 5")
@click.argument("story", required=False)
@click.option(
    "--limit", default=None, type=click.IntRange(1, 1000), help="Follow-ups to show  [default: 20; a run: 100]"
)
@click.option("--queries", type=click.File("r", encoding="utf-8"), help="A file of uris, one a line, to rank for.")
@click.option("--run-out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write the TREC run.")
@output.json_option
def followups(
    story: str | None, limit: int | None, queries: TextIO | None, run_out: Path | None, as_json: bool
) -> None:
    """A story's versions, copies, later follow-ups and earlier background, each with its reasons.

    STORY is an id or any uri of the story. With --queries and --run-out, writes a TREC run instead: for each uri the
    later stories, best first.
    """
    from pipeline import Wirewatch

    if (queries is None) != (run_out is None) or (story is None) == (queries is None):
        raise click.UsageError("give a STORY, or --queries FILE with --run-out RUN")
    with Wirewatch.open() as wirewatch:
        if queries is not None and run_out is not None:
            failures: list[str] = []
            ranked = _write_run(wirewatch.stories.rank(queries.read().split(), limit or 100, failures), run_out)
            if failures:
                raise Failures(failures, nothing_recorded=not ranked)
            return
        answer = wirewatch.stories.followups(story or "", limit or 20)
        zone = wirewatch.settings.timezone
    if as_json:
        output.write_json(_as_json(answer))
    else:
        _show_followups(answer, zone)


def _write_run(rankings: Iterable[tuple[str, Sequence[tuple[str, float]]]], path: Path) -> int:
    """Write rankings as a TREC run. Returns how many stories were ranked for."""
    count = 0
    try:
        with path.open("w", encoding="utf-8") as out:
            for query, ranked in rankings:
                for rank, (uri, score) in enumerate(ranked, start=1):
                    out.write(f"{query} Q0 {uri} {rank} {score:.6f} wirewatch\n")
                count += 1
    except OSError as error:
        raise UsageError(f"the run cannot be written to {path}: {error}") from error
    return count


def _as_json(answer: "FollowUps") -> dict[str, Any]:
    return {
        "story": _story_json(answer.story),
        "versions": [_version_json(take) for take in answer.versions],
        "copies": [_story_json(copy) for copy in answer.copies],
        "followups": [_ranked_json(ranked) for ranked in answer.followups],
        "background": [_ranked_json(ranked) for ranked in answer.background],
    }


def _story_json(record: LineageRecord) -> dict[str, Any]:
    story = record.current.story
    return {
        "id": record.lineage,
        "uri": story.uri,
        "headline": story.headline,
        "status": record.status.value,
        "corrected": record.corrected,
        "version": record.current.version,
        "agency": story.agency,
        "source": story.source,
        "url": story.url,
        "published_at": record.published_at,
        "updated_at": record.updated_at,
    }


def _version_json(take: StoredTake) -> dict[str, Any]:
    story = take.story
    return {
        "id": take.lineage,
        "uri": story.uri,
        "version": take.version,
        "take": story.take.value,
        "status": story.status.value,
        "headline": story.headline,
        "note": story.note,
        "updated_at": story.updated_at,
    }


def _ranked_json(ranked: "RankedStory") -> dict[str, Any]:
    story = ranked.story
    return {
        "id": story.lineage,
        "uri": story.uri,
        "headline": story.headline,
        "published_at": story.published_at,
        "score": round(ranked.score, 6),
        "reasons": [
            {"kind": reason.kind, "value": reason.value, "weight": round(reason.weight, 6)} for reason in ranked.reasons
        ],
        "new": list(ranked.new),
    }


def _show_followups(answer: "FollowUps", zone: ZoneInfo) -> None:
    story = answer.story.current.story
    output.table(
        f"{answer.story.lineage}  {story.title or story.uri}",
        ("version", "time", "take", "headline"),
        [
            (
                str(take.version),
                output.when(take.story.updated_at, zone),
                take.story.take.value,
                take.story.title,
            )
            for take in answer.versions
        ],
    )
    if answer.copies:
        rows = [
            (
                str(copy.lineage),
                output.when(copy.published_at, zone),
                copy.current.story.source or "",
                copy.current.story.title,
            )
            for copy in answer.copies
        ]
        output.table("Copies", ("id", "published", "source", "headline"), rows)
    columns = ("id", "published", "score", "headline")
    if answer.followups:
        output.table("Follow-ups", columns, [_row(followup, zone, followup.new) for followup in answer.followups])
    if answer.background:
        # What the story itself adds to each of them is much the same for all, so it is not shown.
        output.table("Background", columns, [_row(earlier, zone) for earlier in answer.background])
    if not answer.followups:
        print(f"No follow-ups to {story.uri} so far.", file=sys.stderr)


def _row(ranked: "RankedStory", zone: ZoneInfo, new: Sequence[str] = ()) -> tuple[str, ...]:
    story = ranked.story
    added = f"\n  new: {', '.join(new)}" if new else ""
    headline = f"{story.title}\n  {describe_reasons(ranked.reasons)}{added}"
    return str(story.lineage), output.when(story.published_at, zone), f"{ranked.score:.2f}", headline


COMMANDS = {"followups": followups}
