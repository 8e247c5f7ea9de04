"""``kibana push``: Kibana's dashboards and searches."""

import sys

import click


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


COMMANDS = {"kibana": kibana}
