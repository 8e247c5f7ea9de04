"""How results reach people and programs: tables, progress bars, JSON on stdout, times in the reader's zone."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

import click

from pipeline.progress import Progress

_PLAIN_WIDTH = 140  # of tables written to a file or a pipe

json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout.")


def plain(value: object) -> Any:
    """A value as JSON can hold it: dataclasses as objects, times as ISO 8601 with Z, bytes left out."""
    if is_dataclass(value) and not isinstance(value, type):
        values = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: plain(item) for name, item in values.items() if not isinstance(item, bytes)}
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return value


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with Z."""
    return moment.isoformat().replace("+00:00", "Z")


def write_json(value: object) -> None:
    """Write one JSON document on one line to stdout."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False) + "\n")


def when(moment: datetime | None, zone: ZoneInfo) -> str:
    """A time for a person: ``2017-11-08 17:05`` in their zone, or ``undated``."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment else "undated"


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """``1 story`` or ``1,200 stories``."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table to stdout; the last column takes the room that is left."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        grid.add_column(column, overflow="fold", no_wrap=number < len(columns) - 1 and column != "headline")
    for row in rows:
        grid.add_row(*(Text("\n".join(map(printable, cell.split("\n")))) for cell in row))
    console = Console(soft_wrap=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console = Console(width=_PLAIN_WIDTH)
    if title:
        console.print(Text(printable(title), style="bold"))
    console.print(grid)


def printable(text: str) -> str:
    """Text without control characters, so that no headline can control the reader's terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


class _ProgressCallback:
    """Hands progress on to a function."""

    def __init__(self, advance: Callable[[str, int, int | None], None]) -> None:
        self._advance = advance

    def advance(self, stage: str, done: int, total: int | None = None) -> None:
        self._advance(stage, done, total)


@contextmanager
def progress() -> Iterator[Progress]:
    """Show progress on stderr: a bar per stage on a terminal, elsewhere a line per stage at the end."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    console = Console(stderr=True)
    counts: dict[str, int] = {}
    if not console.is_terminal:

        def count(stage: str, done: int, total: int | None) -> None:
            counts[stage] = counts.get(stage, 0) + done

        yield _ProgressCallback(count)
        for stage, done in counts.items():
            print(f"{stage}: {done}", file=sys.stderr)
        return
    columns = (TextColumn("{task.description:<8}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with RichProgress(*columns, console=console) as bars:
        tasks: dict[str, Any] = {}

        def draw(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], advance=done)
            if total is not None:
                bars.update(tasks[stage], total=total)

        yield _ProgressCallback(draw)
