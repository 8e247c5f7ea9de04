"""``search``: stories that a query finds."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from pipeline.cli import output
from pipeline.models import SearchRequest, SearchResult

_FACETS = ("agency", "source", "person", "organization", "place", "product", "event_type", "topics", "language")


@click.command("search", epilog="""Example: wirewatch search 'person:"Jens Stoltenberg" AND ("S-400" OR "SAMP/T")'""")
@click.argument("query")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(0, 10_000))
@click.option("--sort", default="relevance", show_default=True, type=click.Choice(["relevance", "newest", "oldest"]))
@click.option("--facets", is_flag=True, help="Count the hits by agency, person, place, ...")
@click.option("--everything", is_flag=True, help="Also withdrawn stories.")
@output.json_option
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
        output.write_json({"total": result.total, "hits": hits, "facets": result.facets})
    else:
        _show_hits(result, zone)


def _show_hits(result: SearchResult, zone: ZoneInfo) -> None:
    rows = [
        (str(hit.lineage), _published(hit.fields, zone), hit.fields.get("source") or "", _title(hit.fields))
        for hit in result.hits
    ]
    output.table(f"{result.total} stories", ("id", "published", "source", "headline"), rows)
    for field, counts in result.facets.items():
        if counts:
            output.table(field, ("stories", field), [(str(count), value) for value, count in counts[:10]])


def _published(fields: dict[str, Any], zone: ZoneInfo) -> str:
    value = fields.get("published_at")
    return output.when(datetime.fromisoformat(value) if isinstance(value, str) else value, zone)


def _title(fields: dict[str, Any]) -> str:
    return fields.get("headline") or " ".join((fields.get("body") or "")[:400].split())[:100]


COMMANDS = {"search": search}
