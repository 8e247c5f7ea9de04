"""``search``, ``followups`` and ``export``: what the store and the index know."""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from zoneinfo import ZoneInfo

import click

from pipeline.cli import output as show
from pipeline.cli.failures import Failures
from pipeline.errors import UsageError
from pipeline.models import LineageRecord, SearchRequest, SearchResult, StoredTake
from pipeline.reason_wording import describe_reasons

if TYPE_CHECKING:
    from pipeline import FollowUps, RankedStory

_FACETS = ("agency", "source", "person", "organization", "place", "product", "event_type", "topics", "language")


@click.command("search", epilog="""Example: wirewatch search 'person:"Jens Stoltenberg" AND ("S-400" OR "SAMP/T")'""")
@click.argument("query")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(0, 10_000))
@click.option("--sort", default="relevance", show_default=True, type=click.Choice(["relevance", "newest", "oldest"]))
@click.option("--facets", is_flag=True, help="Count the hits by agency, person, place, ...")
@click.option("--everything", is_flag=True, help="Also withdrawn stories.")
@show.json_option
def search(query: str, limit: int, sort: str, facets: bool, everything: bool, as_json: bool) -> None:
    """Search in Lucene syntax: words, "phrases", field:value, AND OR NOT, published_at:[2017-11-01 TO 2018-02-01]."""
    from pipeline import Wirewatch

    request = SearchRequest(
        query=query, limit=limit, sort=sort, facets=_FACETS if facets else (), all_statuses=everything
    )
    with Wirewatch.open() as wirewatch:
        result = wirewatch.stories.search(request)
        zone = wirewatch.settings.timezone
    if as_json:
        hits = [{**hit.fields, "score": hit.score, "highlights": hit.highlights} for hit in result.hits]
        show.write_json({"total": result.total, "hits": hits, "facets": result.facets})
    else:
        _show_hits(result, zone)


def _show_hits(result: SearchResult, zone: ZoneInfo) -> None:
    rows = [
        (str(hit.lineage), _field_time(hit.fields, zone), hit.fields.get("source") or "", _title(hit.fields))
        for hit in result.hits
    ]
    show.table(f"{result.total} stories", ("id", "published", "source", "headline"), rows)
    for field, counts in result.facets.items():
        if counts:
            show.table(field, ("stories", field), [(str(count), value) for value, count in counts[:10]])


def _field_time(fields: dict[str, Any], zone: ZoneInfo) -> str:
    from datetime import datetime

    value = fields.get("published_at")
    return show.when(datetime.fromisoformat(value) if isinstance(value, str) else value, zone)


def _title(fields: dict[str, Any]) -> str:
    return fields.get("headline") or " ".join((fields.get("body") or "")[:400].split())[:100]


# --------------------------------------------------------------------------- followups


@click.command("followups", epilog="Example: wirewatch followups 1 --limit 5")
@click.argument("story", required=False)
@click.option(
    "--limit", default=None, type=click.IntRange(1, 1000), help="Follow-ups to show  [default: 20; a run: 100]"
)
@click.option("--queries", type=click.File("r", encoding="utf-8"), help="A file of uris, one a line, to rank for.")
@click.option("--run-out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write the TREC run.")
@show.json_option
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
        show.write_json(_as_json(answer))
    else:
        _show_followups(answer, zone)


def _write_run(rankings: Iterable[tuple[str, Sequence[tuple[str, float]]]], path: Path) -> int:
    """How many stories were ranked for."""
    count = 0
    try:
        with path.open("w", encoding="utf-8") as out:
            for query, ranked in rankings:
                for place, (uri, score) in enumerate(ranked, start=1):
                    out.write(f"{query} Q0 {uri} {place} {score:.6f} wirewatch\n")
                count += 1
    except OSError as error:
        raise UsageError(f"the run cannot be written to {path}: {error}") from error
    return count


def _as_json(answer: "FollowUps") -> dict[str, Any]:
    return {
        "story": _story(answer.story),
        "versions": [_version(take) for take in answer.versions],
        "copies": [_story(copy) for copy in answer.copies],
        "followups": [_ranked(ranked) for ranked in answer.followups],
        "background": [_ranked(ranked) for ranked in answer.background],
    }


def _story(record: LineageRecord) -> dict[str, Any]:
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


def _version(take: StoredTake) -> dict[str, Any]:
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


def _ranked(ranked: "RankedStory") -> dict[str, Any]:
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
    show.table(
        f"{answer.story.lineage}  {story.title or story.uri}",
        ("version", "time", "take", "headline"),
        [
            (
                str(take.version),
                show.when(take.story.updated_at, zone),
                take.story.take.value,
                take.story.title,
            )
            for take in answer.versions
        ],
    )
    if answer.copies:
        rows = [
            (
                str(c.lineage),
                show.when(c.published_at, zone),
                c.current.story.source or "",
                c.current.story.title,
            )
            for c in answer.copies
        ]
        show.table("Copies", ("id", "published", "source", "headline"), rows)
    columns = ("id", "published", "score", "headline")
    if answer.followups:
        show.table("Follow-ups", columns, [_row(item, zone, item.new) for item in answer.followups])
    if answer.background:  # what the story itself adds to each is much the same for all: not shown
        show.table("Background", columns, [_row(item, zone) for item in answer.background])
    if not answer.followups:
        print(f"No follow-ups to {story.uri} so far.", file=sys.stderr)


def _row(ranked: "RankedStory", zone: ZoneInfo, new: Sequence[str] = ()) -> tuple[str, ...]:
    story = ranked.story
    added = f"\n  new: {', '.join(new)}" if new else ""
    headline = f"{story.title}\n  {describe_reasons(ranked.reasons)}{added}"
    return str(story.lineage), show.when(story.published_at, zone), f"{ranked.score:.2f}", headline


# --------------------------------------------------------------------------- export


@click.command("export", epilog="Example: wirewatch export --canonical | sha256sum")
@click.option("--canonical", is_flag=True, help="Equal for equal stores: no ids that depend on the order of arrival.")
def export(canonical: bool) -> None:
    """Write every story as one JSON line: uri, lineage, version, status, copy_group, happening, thread, entities."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        for row in wirewatch.stories.export(canonical):
            sys.stdout.write(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n")


COMMANDS = {"search": search, "followups": followups, "export": export}
