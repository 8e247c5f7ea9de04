"""``thread``: what followed what, happening by happening."""

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from pipeline.cli import output
from pipeline.cli.judging.ruling import describe_change
from pipeline.models import HappeningView, ThreadView

if TYPE_CHECKING:
    from pipeline import Wirewatch

_ALL = 2**31 - 1
_MAX_NEW = 6  # of what is new in a happening, in the table


@click.command("thread", epilog="Example: wirewatch thread 1")
@click.argument("story", required=False)
@click.option("--stories", default=1, show_default=True, type=click.IntRange(1), help="Stories shown a happening.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="Threads shown without STORY.")
@output.json_option
def thread(story: str | None, stories: int, limit: int, as_json: bool) -> None:
    """The happenings of a thread in order of time: when, how many stories, what is new in each.

    STORY is a story's id or uri, or the id of a happening or of a thread. With --json, every story of each happening.
    Without STORY, the threads that went on last.
    """
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        if story is None:
            _show_latest(wirewatch, limit, as_json)
        else:
            _show_thread(wirewatch, story, stories, as_json)


def _show_thread(wirewatch: "Wirewatch", name: str, stories: int, as_json: bool) -> None:
    view = wirewatch.threads.read(name, _ALL if as_json else stories)
    titles = _titles_in(wirewatch, view)
    if as_json:
        output.write_json(_as_json(view, titles))
        return
    happenings = output.counted(len(view.happenings), "happening")
    size = output.counted(sum(happening.size for happening in view.happenings), "story", "stories")
    columns = ("happening", "follows", "from", "until", "stories", "headline")
    zone = wirewatch.settings.timezone
    rows = (_happening_row(happening, titles, zone) for happening in view.happenings)
    output.table(f"thread {view.thread}: {happenings}, {size}", columns, rows)
    for change in view.changes:
        print(describe_change(change))


def _show_latest(wirewatch: "Wirewatch", limit: int, as_json: bool) -> None:
    threads = wirewatch.threads.latest(limit)
    records = wirewatch.stories.records(summary.first for summary in threads)
    titles = {record.lineage: record.current.story.title for record in records}
    zone = wirewatch.settings.timezone
    if as_json:
        output.write_json([{**output.plain(summary), "headline": titles[summary.first]} for summary in threads])
        return
    columns = ("thread", "happenings", "stories", "from", "until", "begins with")
    rows = (
        (
            str(summary.thread),
            str(summary.happenings),
            str(summary.stories),
            output.when(summary.first_at, zone),
            output.when(summary.last_at, zone),
            titles[summary.first],
        )
        for summary in threads
    )
    output.table(output.counted(len(threads), "thread"), columns, rows)


def _happening_row(happening: HappeningView, titles: dict[int, str], zone: ZoneInfo) -> tuple[str, ...]:
    lines = [titles[story.lineage] for story in happening.stories]
    if happening.new:
        rest = len(happening.new) - _MAX_NEW
        lines.append(f"new: {', '.join(happening.new[:_MAX_NEW])}{f' and {rest} more' if rest > 0 else ''}")
    return (
        str(happening.happening),
        str(happening.follows or ""),
        output.when(happening.first_at, zone),
        output.when(happening.last_at, zone) if happening.last_at != happening.first_at else "",
        str(happening.size),
        "\n".join(lines),
    )


def _titles_in(wirewatch: "Wirewatch", view: ThreadView) -> dict[int, str]:
    """Lineage -> headline, or the first words of a story that has none."""
    titles = {story.lineage: story.headline for happening in view.happenings for story in happening.stories}
    without = [lineage for lineage, headline in titles.items() if not headline]
    return titles | {record.lineage: record.current.story.title for record in wirewatch.stories.records(without)}


def _as_json(view: ThreadView, titles: dict[int, str]) -> dict[str, Any]:
    answer: dict[str, Any] = output.plain(view)
    for happening in answer["happenings"]:
        for story in happening["stories"]:
            story["headline"] = titles[story["lineage"]]
    return answer


COMMANDS = {"thread": thread}
