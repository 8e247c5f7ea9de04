"""``tag``: the entities of files, without storing anything."""

from pathlib import Path

import click

from pipeline.cli import output
from pipeline.cli.failures import Failures
from pipeline.models import Enrichment, Rejected, Story


@click.command("tag", epilog="Example: wirewatch tag deal.txt")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@output.json_option
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
                output.write_json(
                    {"uri": story.uri, "mentions": [_mention_json(mention) for mention in answer.mentions]}
                )
            else:
                _show_entities(story, answer)
    if failures:
        raise Failures(failures, nothing_recorded=not tagged)


def _mention_json(mention: object) -> dict[str, object]:
    values: dict[str, object] = output.plain(mention)
    values["id"] = values.pop("entity_id")
    return values


def _show_entities(story: Story, answer: Enrichment) -> None:
    rows = [
        (entity.type.value, entity.name, str(entity.count), f"{entity.salience:.2f}", entity.entity_id)
        for entity in sorted(answer.entities, key=lambda entity: -entity.salience)
    ]
    output.table(story.title, ("type", "name", "mentions", "salience", "id"), rows)


COMMANDS = {"tag": tag}
