"""``thread``, ``merge``, ``split`` and ``rulings``: what followed what, and an operator's word on it."""

import getpass
import json
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from pipeline.cli import output as show
from pipeline.cli.failures import Failures
from pipeline.errors import NotFoundError, UsageError
from pipeline.models import GroupChange, GroupKind, HappeningView, Ruling, ThreadView

if TYPE_CHECKING:
    from pipeline import Wirewatch

_ALL = 2**31 - 1
_NEW = 6  # of what is new in a happening, shown in the table

_kind = click.argument("kind", type=click.Choice([kind.value for kind in GroupKind]))
_by = click.option("--by", default=None, help="Who says so  [default: your user name]")


@click.command("thread", epilog="Example: wirewatch thread 1")
@click.argument("story", required=False)
@click.option("--stories", default=1, show_default=True, type=click.IntRange(1), help="Stories shown a happening.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="Threads shown without STORY.")
@show.json_option
def thread(story: str | None, stories: int, limit: int, as_json: bool) -> None:
    """The happenings of a thread in order of time: when, how many stories, what is new in each.

    STORY is a story's id or uri, or the id of a happening or of a thread. With --json, every story of each happening.
    Without STORY, the threads that went on last.
    """
    from pipeline import Wirewatch

    if story is None:
        _show_latest(limit, as_json)
        return
    with Wirewatch.open() as wirewatch:
        found = wirewatch.threads.read(story, _ALL if as_json else stories)
        titles = _titles(wirewatch, found)
        zone = wirewatch.settings.timezone
    if as_json:
        show.write_json(_as_json(found, titles))
        return
    told = sum(one.size for one in found.happenings)
    title = f"thread {found.thread}: {_many(len(found.happenings), 'happening')}, {_many(told, 'story', 'stories')}"
    columns = ("happening", "follows", "from", "until", "stories", "headline")
    show.table(title, columns, (_row(one, titles, zone) for one in found.happenings))
    for change in found.changes:
        print(_told(change))


def _show_latest(limit: int, as_json: bool) -> None:
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        found = wirewatch.threads.latest(limit)
        titles = {one.lineage: one.current.story.title for one in wirewatch.stories.records(t.first for t in found)}
        zone = wirewatch.settings.timezone
    if as_json:
        show.write_json([{**show.plain(one), "headline": titles[one.first]} for one in found])
        return
    columns = ("thread", "happenings", "stories", "from", "until", "begins with")
    rows = (
        (
            str(one.thread),
            str(one.happenings),
            str(one.stories),
            show.when(one.first_at, zone),
            show.when(one.last_at, zone),
            titles[one.first],
        )
        for one in found
    )
    show.table(_many(len(found), "thread"), columns, rows)


def _row(one: HappeningView, titles: dict[int, str], zone: ZoneInfo) -> tuple[str, ...]:
    lines = [titles[story.lineage] for story in one.stories]
    if one.new:
        rest = len(one.new) - _NEW
        lines.append(f"new: {', '.join(one.new[:_NEW])}{f' and {rest} more' if rest > 0 else ''}")
    return (
        str(one.happening),
        str(one.follows or ""),
        show.when(one.first_at, zone),
        show.when(one.last_at, zone) if one.last_at != one.first_at else "",
        str(one.size),
        "\n".join(lines),
    )


def _titles(wirewatch: "Wirewatch", found: ThreadView) -> dict[int, str]:
    """Lineage -> headline, or the first words of a story that has none."""
    titles = {story.lineage: story.headline for one in found.happenings for story in one.stories}
    bare = [lineage for lineage, headline in titles.items() if not headline]
    return titles | {one.lineage: one.current.story.title for one in wirewatch.stories.records(bare)}


def _as_json(found: ThreadView, titles: dict[int, str]) -> dict[str, Any]:
    answer: dict[str, Any] = show.plain(found)
    for happening in answer["happenings"]:
        for story in happening["stories"]:
            story["headline"] = titles[story["lineage"]]
    return answer


# --------------------------------------------------------------------------- rulings


@click.command("merge", epilog="Example: wirewatch merge thread 12 40")
@_kind
@click.argument("one")
@click.argument("other")
@_by
@show.json_option
def merge(kind: str, one: str, other: str, by: str | None, as_json: bool) -> None:
    """Say that two happenings are one, or two threads. It stands, whatever arrives later.

    ONE and OTHER are ids of stories, happenings or threads, or uris of stories. Of two happenings the stories of OTHER
    join ONE; of two threads the later one goes on in the earlier.
    """
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        _report(wirewatch.threads.merge(GroupKind(kind), one, other, by or _user()), as_json)


@click.command("split", epilog="Example: wirewatch split happening 31 32")
@_kind
@click.argument("stories", nargs=-1, required=True)
@_by
@show.json_option
def split(kind: str, stories: tuple[str, ...], by: str | None, as_json: bool) -> None:
    """Say that STORIES tell of a happening of their own, or that theirs begins a thread of its own.

    It stands, whatever arrives later. Of a happening that begins a thread, what follows it goes along.
    """
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        _report(wirewatch.threads.split(GroupKind(kind), stories, by or _user()), as_json)


@click.command(
    "rulings", epilog="Example: wirewatch rulings --json > ruled.jsonl; wirewatch rulings --apply ruled.jsonl"
)
@click.option(
    "--apply",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Rule again what such a file says; it may come from another store with the same stories.",
)
@show.json_option
def rulings(file: Path | None, as_json: bool) -> None:
    """What was ruled on happenings and threads, story by story, oldest first."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        if file is not None:
            _apply(wirewatch, file, as_json)
            return
        ruled = wirewatch.threads.rulings()
        ends = sorted({end for one in ruled for end in (one.one, one.other) if end is not None})
        uris = {record.lineage: record.current.story.uri for record in wirewatch.stories.records(ends)}
        zone = wirewatch.settings.timezone
    if as_json:
        for one in ruled:
            other = None if one.other is None else uris[one.other]
            show.write_json(show.plain(one) | {"one": uris[one.one], "other": other})
        return
    rows = [
        (
            one.kind.value,
            str(one.one),
            str(one.other or ""),
            "same" if one.same else "apart",
            one.by,
            show.when(one.at, zone),
        )
        for one in ruled
    ]
    show.table("", ("kind", "story", "other", "ruling", "by", "at"), rows)


def _apply(wirewatch: "Wirewatch", file: Path, as_json: bool) -> None:
    """Raises UsageError for a file of something else; Failures, when the others are made, for rulings on stories that
    are not here."""
    made: list[Ruling] = []
    failures: list[str] = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        where = f"{file}, line {number}"
        try:
            made.append(_read(wirewatch, line))
        except NotFoundError as error:
            failures.append(f"{where}: {error}")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(f"{where}: not a ruling as `rulings --json` writes them: {error}") from error
    if made or not failures:
        _report(wirewatch.threads.apply(made), as_json)
    if failures:
        raise Failures(failures, nothing_recorded=not made)


def _read(wirewatch: "Wirewatch", line: str) -> Ruling:
    said = json.loads(line)
    other = said["other"]
    return Ruling(
        kind=GroupKind(said["kind"]),
        one=wirewatch.stories.resolve(said["one"]),
        other=None if other is None else wirewatch.stories.resolve(other),
        same=bool(said["same"]),
        by=str(said["by"]),
        at=datetime.fromisoformat(said["at"]),
    )


def _report(changes: Iterable[GroupChange], as_json: bool) -> None:
    if as_json:
        show.write_json(list(changes))
        return
    told = [_told(change) for change in changes]
    print("\n".join(told or ["it was so already; from now on it stays so"]), file=sys.stderr)


def _told(change: GroupChange) -> str:
    stories = _many(change.stories, "story", "stories")
    word = f", as {change.by} ruled" if change.by else ""
    if change.merge:
        return f"{change.kind.value} {change.left} became part of {change.joined} ({stories}){word}"
    return f"{stories} left {change.kind.value} {change.left} for {change.joined}{word}"


def _many(count: int, one: str, several: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "an operator"  # a container's user may have no name


COMMANDS = {"thread": thread, "merge": merge, "split": split, "rulings": rulings}
