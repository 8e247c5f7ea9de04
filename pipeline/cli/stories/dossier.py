"""``dossier``: a story's whole affair in one file."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import output
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline import Dossier, Wirewatch

_FORMATS = {".html": "html", ".htm": "html", ".md": "md", ".markdown": "md", ".json": "json"}


@click.command("dossier", epilog="Example: wirewatch dossier 1 -o deal.html")
@click.argument("story")
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="The file; else stdout.")
@click.option(
    "--format", "kind", type=click.Choice(["html", "md", "json"]), help="Else by the file's suffix; html for stdout."
)
@click.option(
    "--least",
    default=0.2,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Leave out follow-ups and background whose score is lower, unless they are of the story's thread.",
)
@click.option("--limit", default=60, show_default=True, type=click.IntRange(1, 1000), help="Of each, at most so many.")
def dossier(story: str, out: Path | None, kind: str | None, least: float, limit: int) -> None:
    """Write a story's affair as one page: its versions, what led to it and what followed, who is involved since when.

    STORY is an id or any uri of the story. The page needs no network and no script, and prints well.
    """
    from pipeline import Wirewatch

    format_name = kind or _format_of(out)
    with Wirewatch.open() as wirewatch:
        built = wirewatch.dossiers.build(story, least, limit)
        text = _render(wirewatch, built, format_name)
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the dossier cannot be written to {out}: {error.strerror}") from error
    print(f"{out}: {built.stories} stories in {len(built.steps)} steps", file=sys.stderr)


def _format_of(out: Path | None) -> str:
    if out is None:
        return "html"
    format_name = _FORMATS.get(out.suffix.lower())
    if format_name is None:
        raise click.UsageError(f"what is {out.name} to be? Name it .html, .md or .json, or give --format")
    return format_name


def _render(wirewatch: "Wirewatch", built: "Dossier", format_name: str) -> str:
    match format_name:
        case "html":
            return wirewatch.dossiers.as_page(built)
        case "md":
            return wirewatch.dossiers.as_markdown(built)
    plain: dict[str, Any] = output.plain(built)
    plain |= {"story": _step_as_json(plain["story"])}
    plain |= {name: [_step_as_json(step) for step in plain[name]] for name in ("steps", "glance")}
    return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"


def _step_as_json(plain: dict[str, Any]) -> dict[str, Any]:
    """A step as JSON: what code calls its role is called its place there."""
    return {"place" if name == "role" else name: value for name, value in plain.items()}


COMMANDS = {"dossier": dossier}
