"""The chart of an affair's activity over time: geometry for inline SVG. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.relate.dossier.contents import Dossier, Role, Step

_DAY_SPAN = timedelta(days=45)  # up to this long a bar is a day ...
_WEEK_SPAN = timedelta(days=370)  # ... a week ...
_MONTH_SPAN = timedelta(days=366 * 7)  # ... a month ...
_QUARTER_SPAN = timedelta(days=366 * 20)  # ... a quarter, else a year
_TOP, _BASE, _FOOT = 14.0, 150.0, 178.0  # of the bars, and of the labels below them
_SIDE = 8.0
_LABEL_WIDTH = 64  # units that a tick with words takes
_YEAR_WIDTH = 34  # units that two years' labels are apart at least

_Moment = Callable[[datetime], datetime]


@dataclass(frozen=True, slots=True)
class Block:
    """Part of a bar: stories of one kind ("background", "story", "followup" or "copy")."""

    kind: str
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of time.

    Attributes:
        left: Its left edge.
        width: Its width.
        blocks: Its parts, from the bottom.
        step: The number of its first step.
        description: What it stands for, in words.
    """

    left: float
    width: float
    blocks: tuple[Block, ...]
    step: int
    description: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis of time; label "" for one without words."""

    left: float
    label: str


@dataclass(frozen=True, slots=True)
class TimelineChart:
    """The whole chart, in its own units.

    Attributes:
        width: Of the drawing.
        height: Of the drawing.
        base: Where the bars stand.
        bars: The bars, from left to right.
        ticks: The axis of time.
        most: How many stories the highest bar holds.
        unit: What a bar is: "day", "week", "month", "quarter" or "year".
    """

    width: float
    height: float
    base: float
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    most: int
    unit: str


def timeline_chart(dossier: Dossier, width: float) -> TimelineChart | None:
    """Return stories over time as bars; None where fewer than two steps have a date.

    Args:
        dossier: The dossier.
        width: Of the drawing.
    """
    dated = [(step, step.source.at.astimezone(UTC)) for step in dossier.steps if step.source.at is not None]
    if len(dated) < 2:
        return None
    unit, floor, following = _unit_for(dated[-1][1] - dated[0][1])
    edges = [floor(dated[0][1])]
    while edges[-1] <= dated[-1][1]:
        edges.append(following(edges[-1]))
    bins = _binned(dated, edges)
    most = max(sum(_story_count(step) for step in steps) for steps in bins)
    slot = (width - 2 * _SIDE) / len(bins)
    scale = (_BASE - _TOP) / most
    bars = tuple(
        _bar(steps, _SIDE + slot * number, slot, scale, _label(edges[number], unit))
        for number, steps in enumerate(bins)
        if steps
    )
    ticks = _ticks(edges, slot, unit, max(1, int(width // _LABEL_WIDTH)))
    return TimelineChart(width, _FOOT, _BASE, bars, ticks, most, unit)


def _binned(dated: Sequence[tuple[Step, datetime]], edges: Sequence[datetime]) -> list[list[Step]]:
    """Return the steps between each two edges; both are in order of time."""
    bins: list[list[Step]] = [[] for _ in edges[1:]]
    number = 0
    for step, at in dated:
        while at >= edges[number + 1]:
            number += 1
        bins[number].append(step)
    return bins


def _story_count(step: Step) -> int:
    return 1 + len(step.copies) + len(step.reports)


def _unit_for(span: timedelta) -> tuple[str, _Moment, _Moment]:
    """Return the unit of the bars, how a moment is rounded down to it, and how the next unit begins."""
    if span <= _DAY_SPAN:
        return "day", _midnight, lambda at: at + timedelta(days=1)
    if span <= _WEEK_SPAN:
        return "week", lambda at: _midnight(at) - timedelta(days=at.weekday()), lambda at: at + timedelta(days=7)
    if span <= _MONTH_SPAN:
        return "month", lambda at: _month(at, at.month), lambda at: _month(at, at.month + 1)
    if span <= _QUARTER_SPAN:
        return "quarter", lambda at: _month(at, 3 * ((at.month - 1) // 3) + 1), lambda at: _month(at, at.month + 3)
    return "year", lambda at: _month(at, 1), lambda at: _month(at, 13)


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _month(at: datetime, month: int) -> datetime:
    """Return the first moment of a month of the year of ``at``; 13 is the next January."""
    return _midnight(at).replace(year=at.year + (month - 1) // 12, month=(month - 1) % 12 + 1, day=1)


def _label(start: datetime, unit: str) -> str:
    match unit:
        case "day":
            return f"{start:%-d %B %Y}"
        case "week":
            return f"week of {start:%-d %B %Y}"
        case "month":
            return f"{start:%B %Y}"
        case "year":
            return f"{start:%Y}"
    return f"{start:%B} to {_month(start, start.month + 2):%B %Y}"


def _bar(steps: Sequence[Step], left: float, slot: float, scale: float, label: str) -> Bar:
    """Return a bar with the kinds on top of each other, the copies lightest and last."""
    counts = {
        role.value: sum(step.role is role for step in steps) for role in (Role.STORY, Role.FOLLOWUP, Role.BACKGROUND)
    }
    counts["copy"] = sum(_story_count(step) - 1 for step in steps)
    blocks, top = [], _BASE
    for kind, count in counts.items():
        if count:
            top -= count * scale
            blocks.append(Block(kind, round(top, 2), round(count * scale, 2)))
    gap = min(2.0, slot * 0.15)
    left, width = round(left + gap / 2, 2), round(max(slot - gap, 0.8), 2)
    return Bar(left, width, tuple(blocks), steps[0].number, _description(label, len(steps), counts["copy"]))


def _description(label: str, stories: int, more: int) -> str:
    """Return what a bar stands for. more: copies and other reports beside the stories."""
    text = f"{label}: {stories} {'story' if stories == 1 else 'stories'}"
    if more > 1:
        return f"{text}, {more} more reports or copies"
    return f"{text}, 1 more report or copy" if more else text


def _ticks(edges: Sequence[datetime], slot: float, unit: str, most: int) -> tuple[Tick, ...]:
    """Return marks where a year begins (in short affairs a month or day), at most ``most`` of them with words."""
    starts = edges[:-1]
    if unit in ("month", "quarter", "year"):
        marked = [(number, f"{at:%Y}") for number, at in enumerate(starts) if at.month == 1 or number == 0]
        if len(marked) > 1 and marked[1][0] * slot < _YEAR_WIDTH:
            marked = marked[1:]
    elif unit == "week":
        marked = [(n, f"{at:%b %Y}") for n, at in enumerate(starts) if n == 0 or at.month != starts[n - 1].month]
    else:
        marked = [(number, f"{at:%-d %b}") for number, at in enumerate(starts)]
    every = -(-len(marked) // most)
    return tuple(
        Tick(round(_SIDE + number * slot, 2), label if position % every == 0 else "")
        for position, (number, label) in enumerate(marked)
    )


def name_timeline(dossier: Dossier, steps: Sequence[int]) -> tuple[tuple[float, ...], float, float]:
    """Return where some steps lie between the affair's first and last moment, for the small chart beside a name.

    Args:
        dossier: The dossier.
        steps: Numbers of the steps, ascending.

    Returns:
        Positions of the dated ones in 0..100, the first position, and the last.
    """
    moments = {step.number: step.source.at for step in dossier.steps if step.source.at is not None}
    if not moments:
        return (), 0.0, 0.0
    start, stop = min(moments.values()), max(moments.values())
    seconds = (stop - start).total_seconds() or 1.0
    positions = tuple(
        round(100 * (moments[number] - start).total_seconds() / seconds, 2) for number in steps if number in moments
    )
    return (positions, positions[0], positions[-1]) if positions else ((), 0.0, 0.0)
