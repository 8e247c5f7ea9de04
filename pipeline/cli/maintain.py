"""``reindex`` and ``kibana push``: work on what is derived from the store."""

import sys

import click

from pipeline.cli import show
from pipeline.cli.outcome import Failures


@click.command("reindex", epilog="Example: wirewatch reindex")
@show.json_option
def reindex(as_json: bool) -> None:
    """Rebuild the search index from the store. Searches go on with the old one until the new one is whole."""
    from pipeline import flow, wiring

    with wiring.open_parts() as parts, show.progress() as bars:
        result = flow.reindex(parts, bars)
    if as_json:
        show.write_json({"indexed": result.indexed, "failures": result.failures})
    else:
        print(f"indexed {result.indexed} stories", file=sys.stderr)
    if result.failures:
        raise Failures(result.failures, nothing_recorded=not result.indexed)


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
    from pipeline import wiring

    choices: dict[str, str | int] = {}
    for choice in choose:
        name, equals, value = choice.partition("=")
        if not equals:
            raise click.BadParameter(f"{choice!r} is not like story=215", param_hint="--choose")
        choices[name] = int(value) if value.isdecimal() else value
    with wiring.open_parts() as parts:
        imported, replaced = parts.push_kibana(url, choices)
    print(f"imported {imported} objects, {replaced} of them anew", file=sys.stderr)


COMMANDS = {"reindex": reindex, "kibana": kibana}
