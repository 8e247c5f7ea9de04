"""``entity``: the profile of an entity, and operators' decisions about who is who."""

import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

import click

from pipeline.cli import output
from pipeline.errors import UsageError
from pipeline.models import DecisionKind, EntityDecision, EntityType

if TYPE_CHECKING:
    from pipeline import EntityProfile


class _NameOrCommand(click.Group):
    """``entity NAME`` shows an entity; ``entity merge`` and the others are commands."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            return super().resolve_command(ctx, ["show", *args])
        return super().resolve_command(ctx, args)


@click.group(
    "entity",
    cls=_NameOrCommand,
    options_metavar="",
    subcommand_metavar="NAME | COMMAND ...",
    epilog='Example: wirewatch entity "Jens Stoltenberg" --json',
)
def entity() -> None:
    """What the stories say of an entity (its name, an alias or id): aliases, kinds, when seen, what it appears with.

    merge, split and undo decide who is who: in stored stories and in all that come, whatever the tagger says.
    """


@entity.command("show", hidden=True)
@click.argument("name")
@output.json_option
def show_entity(name: str, as_json: bool) -> None:
    """What the stories say of an entity."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        profile = wirewatch.entities.profile(name)
        zone = wirewatch.settings.timezone
    if as_json:
        output.write_json(_as_json(profile))
        return
    seen = f"{output.when(profile.first_seen, zone)} to {output.when(profile.last_seen, zone)}"
    kinds = ", ".join(f"{kind.value} ({count})" for kind, count in profile.kinds)
    rows = [("id", profile.entity_id), ("kind", kinds), ("stories", str(profile.stories)), ("seen", seen)]
    rows += [("written", ", ".join(f"{text} ({count})" for text, count in profile.aliases))]
    rows += [("decision", _in_words(decision)) for decision in profile.decisions]
    output.table(profile.name, ("", ""), rows)
    beside = [(kind.value, str(count), name) for kind, name, count in profile.beside]
    if beside:
        output.table("Appears with", ("kind", "stories", "name"), beside)


@entity.command("merge", epilog='Example: wirewatch entity merge "Tod Wolters" "Tod Walters"')
@click.argument("name")
@click.argument("other")
def merge(name: str, other: str) -> None:
    """From now on OTHER is NAME, everywhere."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch, output.progress() as bars:
        decision = wirewatch.entities.merge(name, other, bars)
    print(_in_words(decision), file=sys.stderr)


@entity.command("split", epilog='Example: wirewatch entity split "George Bush" --as "George H. W. Bush" 12 wire:77')
@click.argument("name")
@click.argument("stories", nargs=-1, required=True)
@click.option("--as", "new_name", required=True, help="Who it is in these stories.")
def split(name: str, stories: tuple[str, ...], new_name: str) -> None:
    """In these STORIES (ids or uris), NAME is someone or something else."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch, output.progress() as bars:
        decision = wirewatch.entities.split(name, new_name, stories, bars)
    print(_in_words(decision), file=sys.stderr)


@entity.command("undo", epilog="Example: wirewatch entity undo 3")
@click.argument("number", type=int)
def undo(number: int) -> None:
    """Take decision NUMBER back."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch, output.progress() as bars:
        decision = wirewatch.entities.undo(number, bars)
    print(_in_words(decision), file=sys.stderr)


@entity.command("decisions", epilog="Example: wirewatch entity decisions --json > decisions.jsonl")
@output.json_option
def decisions(as_json: bool) -> None:
    """Every decision, those taken back included; with --json one JSON line each, for `entity replay`."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        all_decisions = wirewatch.entities.decisions()
    for decision in all_decisions:
        if as_json:
            output.write_json(decision)
        else:
            print(_in_words(decision))


@entity.command("replay", epilog="Example: wirewatch entity replay decisions.jsonl")
@click.argument("file", type=click.File("r", encoding="utf-8"))
def replay(file: TextIO) -> None:
    """Make the decisions of another store here; those that stand already are kept."""
    from pipeline import Wirewatch

    decisions = [_decision_in(line, number) for number, line in enumerate(file, 1) if line.strip()]
    with Wirewatch.open() as wirewatch, output.progress() as bars:
        new = wirewatch.entities.replay(decisions, bars)
    print(f"{new} new of {len(decisions)} decisions", file=sys.stderr)


def _decision_in(line: str, number: int) -> EntityDecision:
    try:
        row: dict[str, Any] = json.loads(line)
        undone_at = row.get("undone_at")
        return EntityDecision(
            kind=DecisionKind(row["kind"]),
            entity_id=str(row["entity_id"]),
            into_id=str(row["into_id"]),
            name=str(row["name"]),
            type=EntityType(row["type"]),
            uris=tuple(map(str, row.get("uris", ()))),
            made_at=datetime.fromisoformat(row["made_at"]),
            undone_at=datetime.fromisoformat(undone_at) if undone_at else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"line {number} is no decision as `entity decisions --json` writes it: {error}") from error


def _in_words(decision: EntityDecision) -> str:
    where = f" in {', '.join(decision.uris)}" if decision.uris else ""
    undone = ", taken back" if decision.undone_at else ""
    return f"{decision.id}: {decision.entity_id} is {decision.into_id} ({decision.name}){where}{undone}"


def _as_json(profile: "EntityProfile") -> dict[str, Any]:
    return {
        "id": profile.entity_id,
        "name": profile.name,
        "kinds": [{"type": kind, "mentions": count} for kind, count in profile.kinds],
        "aliases": [{"text": text, "mentions": count} for text, count in profile.aliases],
        "first_seen": profile.first_seen,
        "last_seen": profile.last_seen,
        "stories": profile.stories,
        "with": [{"type": kind, "name": name, "stories": count} for kind, name, count in profile.beside],
        "decisions": list(profile.decisions),
    }


COMMANDS = {"entity": entity}
