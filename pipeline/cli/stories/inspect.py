"""``parse`` and ``tag``: what the pipeline would make of files, without storing anything."""

from pathlib import Path

import click

from pipeline.cli import output as show
from pipeline.cli.failures import Failures
from pipeline.models import Enrichment, Rejected, Story

_paths = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))


@click.command("parse", epilog="Example: wirewatch parse feed.xml --json | jq .headline")
@_paths
@show.json_option
def parse(paths: tuple[Path, ...], as_json: bool) -> None:
    """Show the stories in files or folders as import would store them: one JSON line a story with --json."""
    from pipeline import Wirewatch

    failures: list[str] = []
    rows: list[tuple[str, ...]] = []
    stories = 0
    with Wirewatch.open() as wirewatch:
        zone = wirewatch.settings.timezone
        for item in wirewatch.stories.parse_paths(paths, failures):
            if isinstance(item, Rejected):
                failures.append(f"{item.origin.location}, {item.part}: {item.reason}")
                continue
            stories += 1
            if as_json:
                show.write_json(item)
            else:
                rows.append((item.uri, show.when(item.updated_at, zone), item.status.value, item.title))
    if rows:
        show.table("", ("uri", "time", "status", "headline"), rows)
    if failures:
        raise Failures(failures, nothing_recorded=not stories)


@click.command("tag", epilog="Example: wirewatch tag deal.txt")
@_paths
@show.json_option
def tag(paths: tuple[Path, ...], as_json: bool) -> None:
    """Tag people, organizations, places, products and named events: one JSON line a story with --json.

    Offsets are code points into the named field of the text exactly as it came.
    """
    from pipeline import Wirewatch

    failures: list[str] = []
    tagged = 0
    with Wirewatch.open() as wirewatch:
        for story, answer in wirewatch.stories.tag_paths(paths, failures):
            if isinstance(answer, Rejected):
                failures.append(f"{story.uri}: {answer.reason}")
                continue
            tagged += 1
            if as_json:
                show.write_json({"uri": story.uri, "mentions": [_mention(m) for m in answer.mentions]})
            else:
                _table(story, answer)
    if failures:
        raise Failures(failures, nothing_recorded=not tagged)


def _mention(mention: object) -> dict[str, object]:
    values: dict[str, object] = show.plain(mention)
    values["id"] = values.pop("entity_id")
    return values


def _table(story: Story, answer: Enrichment) -> None:
    rows = [
        (entity.type.value, entity.name, str(entity.count), f"{entity.salience:.2f}", entity.entity_id)
        for entity in sorted(answer.entities, key=lambda entity: -entity.salience)
    ]
    show.table(story.title, ("type", "name", "mentions", "salience", "id"), rows)


COMMANDS = {"parse": parse, "tag": tag}
