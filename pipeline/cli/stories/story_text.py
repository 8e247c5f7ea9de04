"""A story and its history as text for people: in colours on a terminal, plain elsewhere."""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.cli import output
from pipeline.cli.stories.story_json import entities_by_salience
from pipeline.models import Status

if TYPE_CHECKING:
    from rich.text import Text

    from pipeline import FieldChange, Piece, StoryHistory, StoryVersion

_CONTEXT = 8  # unchanged words shown on each side of a change
_MAX_NAMES = 12  # of each type of entity
_COLOURS = {"removed": "red", "added": "green"}
_BRACKETS = {"removed": ("[-", "-]"), "added": ("{+", "+}")}
_FIELDS = {"take_line": "take line", "credits": "editors' credits", "embargo_until": "embargo", "expires_at": "expiry"}


def story_lines(answer: "StoryHistory", zone: ZoneInfo) -> Iterator["Text"]:
    """How a story stands: its title, publishers, times, uris and names."""
    record, take = answer.record, answer.readable
    count = len(answer.versions)
    summary = [
        f"{record.status.value}{', corrected' if record.corrected else ''}",
        f"version {record.current.version} of {count}",
        f"{record.copies} {'copy' if record.copies == 1 else 'copies'}",
        *([f"thread {record.thread}"] if record.thread is not None else []),
    ]
    times = [f"published {output.when(record.published_at, zone)}", f"updated {output.when(record.updated_at, zone)}"]
    publishers = dict.fromkeys(name for name in (take.agency, take.source) if name)
    yield _line(f"{record.lineage}  {take.title or take.uri}", style="bold")
    yield _line(f"{' / '.join(publishers) or 'unknown publisher'}; {', '.join(summary)}")
    yield _line(f"{', '.join(times)} ({zone.key})")
    if take.embargo_until is not None and record.status is Status.WITHHELD:
        yield _line(f"embargoed until {output.when(take.embargo_until, zone)}")
    for name, value in (("by", take.byline), ("note", take.note), ("url", take.url), ("rights", take.rights)):
        if value:
            yield _line(f"{name}: {value}")
    yield _line(f"uri: {', '.join(answer.uris)}")
    if answer.joined:
        yield _line(f"joined with it: {', '.join(map(str, answer.joined))}")
    names: dict[str, list[str]] = {}
    for entity in entities_by_salience(record):
        names.setdefault(entity.type.value.replace("_", " "), []).append(entity.name)
    for kind, kind_names in sorted(names.items()):
        more = f" and {len(kind_names) - _MAX_NAMES} more" if len(kind_names) > _MAX_NAMES else ""
        yield _line(f"{kind}: {', '.join(kind_names[:_MAX_NAMES])}{more}")
    yield _line("")


def body_lines(answer: "StoryHistory") -> Iterator["Text"]:
    """Its text, or why it is not shown."""
    if answer.record.status is not Status.USABLE:
        yield _line(f"Its text is not shown: the story is {answer.record.status.value}.", style="italic")
        return
    for line in answer.readable.body.split("\n"):
        yield _line(line)


def history_lines(versions: Sequence["StoryVersion"], zone: ZoneInfo) -> Iterator["Text"]:
    """Every version, with what it changed."""
    for version in versions:
        take = version.take.story
        number = "" if take.take_number is None else f" {take.take_number}"
        corrected = ", corrected" if take.corrected and take.take.value != "correction" else ""
        state = "" if version.status is Status.USABLE else f", {version.status.value}"
        title = f"Version {version.take.version}: {take.take.value}{number}{corrected}{state}"
        yield _line(f"{title}  {output.when(take.updated_at, zone)}  {take.uri}", style="bold")
        if version.compared_with is None:
            yield _line(f"  {take.title}")
            yield from (_line(f"    {line}") for line in take.body.split("\n") if line.strip())
        elif version.compared_with != version.take.version - 1:
            yield _line(f"  compared with version {version.compared_with}, the last one that could be read before it")
        if take.note:
            yield _line(f"  {take.note}")
        for change in version.fields:
            if change.field != "note":
                yield _change_line(change)
        yield from _paragraph_lines(version)
        yield _line("")


def _change_line(change: "FieldChange") -> "Text":
    line = _line(f"  {_FIELDS.get(change.field, change.field)}: ")
    if change.pieces:
        return line.append_text(_bracketed_words(change.pieces))
    if change.before is not None:
        line.append(output.printable(f"[-{change.before}-]"), _COLOURS["removed"])
    if change.after is not None:
        line.append(" " if change.before is not None else "")
        line.append(output.printable(f"{{+{change.after}+}}"), _COLOURS["added"])
    return line


def _paragraph_lines(version: "StoryVersion") -> Iterator["Text"]:
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
        yield from _unchanged_line(unchanged)
        unchanged = 0
        if edit == "changed":
            yield _line("  ~ ").append_text(_bracketed_words(paragraph.pieces))
        else:
            yield _line(f"  {'-' if edit == 'removed' else '+'} {paragraph.text}", style=_COLOURS[edit])
    yield from _unchanged_line(unchanged)


def _unchanged_line(unchanged: int) -> Iterator["Text"]:
    if unchanged:
        yield _line(f"    ({unchanged} {'paragraph' if unchanged == 1 else 'paragraphs'} unchanged)", style="dim")


def _bracketed_words(pieces: Sequence["Piece"]) -> "Text":
    """Removed and added words in brackets; of long unchanged stretches only what is near a change."""
    line = _line("")
    for position, piece in enumerate(pieces):
        edit, text = piece.edit.value, output.printable(piece.text)
        if edit == "kept":
            line.append(_near_changes(text, first=position == 0, last=position == len(pieces) - 1))
            continue
        opening, closing = _BRACKETS[edit]
        words = text.rstrip()
        line.append(f"{opening}{words}{closing}", _COLOURS[edit])
        followed = position + 1 < len(pieces) and pieces[position + 1].edit.value == "added"
        line.append(text[len(words) :] or (" " if edit == "removed" and followed else ""))
    return line


def _near_changes(text: str, first: bool, last: bool) -> str:
    words = text.split(" ")
    before = 0 if first else _CONTEXT
    after = 0 if last else _CONTEXT
    if len(words) <= before + after + 1:
        return text
    return " ".join([*words[:before], "...", *words[len(words) - after :]])


def _line(text: str, style: str = "") -> "Text":
    from rich.text import Text

    return Text(output.printable(text), style=style)


def print_lines(lines: Iterable["Text"]) -> None:
    """Write lines to stdout: wrapped and in colours on a terminal only."""
    from rich.console import Console

    console = Console(highlight=False)
    for line in lines:
        console.print(line, soft_wrap=not console.is_terminal and "COLUMNS" not in os.environ)
