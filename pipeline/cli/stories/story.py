"""``story``: a story as it stands and, with --history, what each version of it changed."""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from pipeline.cli import output as show
from pipeline.models import Entity, LineageRecord, Status

if TYPE_CHECKING:
    from rich.text import Text

    from pipeline import FieldChange, Paragraph, Piece, StoryHistory, StoryVersion

_CONTEXT = 8  # unchanged words shown on each side of a change
_MOST_NAMES = 12
_COLOURS = {"removed": "red", "added": "green"}
_MARKS = {"removed": ("[-", "-]"), "added": ("{+", "+}")}
_FIELDS = {"take_line": "take line", "credits": "editors' credits", "embargo_until": "embargo", "expires_at": "expiry"}


@click.command("story", epilog="Example: wirewatch story 1 --history")
@click.argument("story")
@click.option("--history", is_flag=True, help="Every version, with what it changed.")
@show.json_option
def story(story: str, history: bool, as_json: bool) -> None:
    """A story as it stands: text, times, names, copies. STORY is an id or any uri of it.

    With --history, every version and how it differs from the one before: [-words removed-] {+words added+},
    whole paragraphs marked - and +. A withdrawn story is shown without its text.
    """
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        answer = wirewatch.stories.history(story)
        zone = wirewatch.settings.timezone
    if as_json:
        show.write_json(_as_json(answer, history))
        return
    lines = [*_story(answer, zone), *(_history(answer.versions, zone) if history else _body(answer))]
    _print(lines)


COMMANDS = {"story": story}


# --------------------------------------------------------------------------- as JSON


def _as_json(answer: "StoryHistory", history: bool) -> dict[str, Any]:
    record, told = answer.record, answer.readable
    shown = {
        "id": record.lineage,
        "uri": told.uri,
        "uris": answer.uris,
        "joined": answer.joined,
        "status": record.status,
        "corrected": record.corrected,
        "version": record.current.version,
        "versions": len(answer.versions),
        "headline": told.headline,
        "slugline": told.slugline,
        "byline": told.byline,
        "dateline_place": told.dateline_place,
        "agency": told.agency,
        "source": told.source,
        "url": told.url,
        "language": told.language,
        "urgency": told.urgency,
        "topics": told.topics,
        "rights": told.rights,
        "note": told.note,
        "embargo_until": told.embargo_until,
        "expires_at": told.expires_at,
        "published_at": record.published_at,
        "updated_at": record.updated_at,
        "fetched_at": record.fetched_at,
        "body": answer.readable.body,
        "entities": [_entity(entity) for entity in _entities(record)],
        "keyterms": record.enrichment.keyterms if record.enrichment else (),
        "copies": record.copies,
        "copy_group": record.copy_group,
        "happening": record.happening,
        "thread": record.thread,
    }
    return shown | {"history": [_version_json(one) for one in answer.versions]} if history else shown


def _entity(entity: Entity) -> dict[str, Any]:
    return {
        "type": entity.type,
        "name": entity.name,
        "id": entity.entity_id,
        "mentions": entity.count,
        "salience": entity.salience,
    }


def _version_json(version: "StoryVersion") -> dict[str, Any]:
    told = version.take.story
    compared = {
        "compared_with": version.compared_with,
        "fields": [
            {
                "field": change.field,
                "from": change.before,
                "to": change.after,
                **({"operations": [_piece(piece) for piece in change.pieces]} if change.pieces else {}),
            }
            for change in version.fields
        ],
        "body": None if version.body is None else [_operation(paragraph) for paragraph in version.body],
    }
    return {
        "version": version.take.version,
        "uri": told.uri,
        "publisher_version": told.version,
        "take": told.take,
        "take_number": told.take_number,
        "status": version.status,
        "corrected": told.corrected,
        "headline": told.headline,
        "note": told.note,
        "published_at": told.published_at,
        "updated_at": told.updated_at,
        "fetched_at": version.take.origin.fetched_at,
        "text": told.body,
        "changes": None if version.compared_with is None else compared,
    }


def _operation(paragraph: "Paragraph") -> dict[str, Any]:
    operation: dict[str, Any] = {"op": paragraph.edit, "text": paragraph.text}
    return operation | ({"words": [_piece(piece) for piece in paragraph.pieces]} if paragraph.pieces else {})


def _piece(piece: "Piece") -> dict[str, Any]:
    return {"op": piece.edit, "text": piece.text}


def _entities(record: LineageRecord) -> list[Entity]:
    found = record.enrichment.entities if record.enrichment else ()
    return sorted(found, key=lambda entity: (-entity.salience, entity.name))


# --------------------------------------------------------------------------- as text


def _story(answer: "StoryHistory", zone: ZoneInfo) -> Iterator["Text"]:
    record, told = answer.record, answer.readable
    count = len(answer.versions)
    standing = [
        f"{record.status.value}{', corrected' if record.corrected else ''}",
        f"version {record.current.version} of {count}",
        f"{record.copies} {'copy' if record.copies == 1 else 'copies'}",
        *([f"thread {record.thread}"] if record.thread is not None else []),
    ]
    times = [f"published {show.when(record.published_at, zone)}", f"updated {show.when(record.updated_at, zone)}"]
    publishers = dict.fromkeys(name for name in (told.agency, told.source) if name)
    yield _line(f"{record.lineage}  {told.title or told.uri}", style="bold")
    yield _line(f"{' / '.join(publishers) or 'unknown publisher'}; {', '.join(standing)}")
    yield _line(f"{', '.join(times)} ({zone.key})")
    if told.embargo_until is not None and record.status is Status.WITHHELD:
        yield _line(f"embargoed until {show.when(told.embargo_until, zone)}")
    for name, value in (("by", told.byline), ("note", told.note), ("url", told.url), ("rights", told.rights)):
        if value:
            yield _line(f"{name}: {value}")
    yield _line(f"uri: {', '.join(answer.uris)}")
    if answer.joined:
        yield _line(f"joined with it: {', '.join(map(str, answer.joined))}")
    names: dict[str, list[str]] = {}
    for entity in _entities(record):
        names.setdefault(entity.type.value.replace("_", " "), []).append(entity.name)
    for kind, found in sorted(names.items()):
        more = f" and {len(found) - _MOST_NAMES} more" if len(found) > _MOST_NAMES else ""
        yield _line(f"{kind}: {', '.join(found[:_MOST_NAMES])}{more}")
    yield _line("")


def _body(answer: "StoryHistory") -> Iterator["Text"]:
    if answer.record.status is not Status.USABLE:
        yield _line(f"Its text is not shown: the story is {answer.record.status.value}.", style="italic")
        return
    for line in answer.readable.body.split("\n"):
        yield _line(line)


def _history(versions: Sequence["StoryVersion"], zone: ZoneInfo) -> Iterator["Text"]:
    for version in versions:
        told = version.take.story
        number = "" if told.take_number is None else f" {told.take_number}"
        corrected = ", corrected" if told.corrected and told.take.value != "correction" else ""
        state = "" if version.status is Status.USABLE else f", {version.status.value}"
        title = f"Version {version.take.version}: {told.take.value}{number}{corrected}{state}"
        yield _line(f"{title}  {show.when(told.updated_at, zone)}  {told.uri}", style="bold")
        if version.compared_with is None:
            yield _line(f"  {told.title}")
            yield from (_line(f"    {line}") for line in told.body.split("\n") if line.strip())
        elif version.compared_with != version.take.version - 1:
            yield _line(f"  compared with version {version.compared_with}, the last one that could be read before it")
        if told.note:
            yield _line(f"  {told.note}")
        for change in version.fields:
            if change.field != "note":
                yield _change(change)
        yield from _paragraphs(version)
        yield _line("")


def _change(change: "FieldChange") -> "Text":
    line = _line(f"  {_FIELDS.get(change.field, change.field)}: ")
    if change.pieces:
        return line.append_text(_marked(change.pieces))
    if change.before is not None:
        line.append(show.printable(f"[-{change.before}-]"), _COLOURS["removed"])
    if change.after is not None:
        line.append(" " if change.before is not None else "")
        line.append(show.printable(f"{{+{change.after}+}}"), _COLOURS["added"])
    return line


def _paragraphs(version: "StoryVersion") -> Iterator["Text"]:
    if version.compared_with is None:
        return
    if version.body is None:
        yield _line("  text: not shown", style="italic")
        return
    if all(paragraph.edit.value == "kept" for paragraph in version.body):
        yield _line("  text: unchanged", style="dim")
        return
    unchanged = 0
    for paragraph in version.body:
        edit = paragraph.edit.value
        if edit == "kept":
            unchanged += 1
            continue
        yield from _skipped(unchanged)
        unchanged = 0
        if edit == "changed":
            yield _line("  ~ ").append_text(_marked(paragraph.pieces))
        else:
            yield _line(f"  {'-' if edit == 'removed' else '+'} {paragraph.text}", style=_COLOURS[edit])
    yield from _skipped(unchanged)


def _skipped(unchanged: int) -> Iterator["Text"]:
    if unchanged:
        yield _line(f"    ({unchanged} {'paragraph' if unchanged == 1 else 'paragraphs'} unchanged)", style="dim")


def _marked(pieces: Sequence["Piece"]) -> "Text":
    """Removed and added words between marks; of long unchanged stretches only what is near a change."""
    line = _line("")
    for place, piece in enumerate(pieces):
        edit, text = piece.edit.value, show.printable(piece.text)
        if edit == "kept":
            line.append(_shortened(text, first=place == 0, last=place == len(pieces) - 1))
            continue
        opening, closing = _MARKS[edit]
        words = text.rstrip()
        line.append(f"{opening}{words}{closing}", _COLOURS[edit])
        followed = place + 1 < len(pieces) and pieces[place + 1].edit.value == "added"
        line.append(text[len(words) :] or (" " if edit == "removed" and followed else ""))
    return line


def _shortened(text: str, first: bool, last: bool) -> str:
    words = text.split(" ")
    before = 0 if first else _CONTEXT
    after = 0 if last else _CONTEXT
    if len(words) <= before + after + 1:
        return text
    return " ".join([*words[:before], "...", *words[len(words) - after :]])


def _line(text: str, style: str = "") -> "Text":
    from rich.text import Text

    return Text(show.printable(text), style=style)


def _print(lines: Iterable["Text"]) -> None:
    """To stdout: wrapped and in colours on a terminal only."""
    from rich.console import Console

    console = Console(highlight=False)
    for line in lines:
        console.print(line, soft_wrap=not console.is_terminal and "COLUMNS" not in os.environ)
