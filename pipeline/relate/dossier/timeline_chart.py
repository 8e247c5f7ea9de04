"""The picture of an affair's activity over time: geometry for inline SVG. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.relate.dossier.build import Dossier, Place, Step

_DAY_SPAN = timedelta(days=45)  # up to this long a bar is a day ...
_WEEK_SPAN = timedelta(days=370)  # ... a week ...
_MONTH_SPAN = timedelta(days=366 * 7)  # ... a month ...
_QUARTER_SPAN = timedelta(days=366 * 20)  # ... a quarter, else a year
_TOP, _BASE, _FOOT = 14.0, 150.0, 178.0
_SIDE = 8.0


@dataclass(frozen=True, slots=True)
class Block:
    """Part of a bar: stories of one kind ("background", "story", "followup" or "copy")."""

    kind: str
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of time. step: the number of its first step. told: what it stands for, in words."""

    left: float
    width: float
    blocks: tuple[Block, ...]
    step: int
    told: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis of time; label "" for one without words."""

    left: float
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    """width, height, base: of the drawing, in its own units. most: stories of the highest bar."""

    width: float
    height: float
    base: float
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    most: int
    unit: str


def picture(dossier: Dossier, width: float) -> Picture | None:
    """Stories over time as bars; None where fewer than two steps have a date."""
    dated = [(step, step.source.at.astimezone(UTC)) for step in dossier.steps if step.source.at is not None]
    if len(dated) < 2:
        return None
    unit, floor, following = _unit(dated[-1][1] - dated[0][1])
    edges = [floor(dated[0][1])]
    while edges[-1] <= dated[-1][1]:
        edges.append(following(edges[-1]))
    bins: list[list[Step]] = [[] for _ in edges[1:]]
    place = 0
    for step, at in dated:
        while at >= edges[place + 1]:
            place += 1
        bins[place].append(step)
    most = max(sum(_weight(step) for step in some) for some in bins)
    slot = (width - 2 * _SIDE) / len(bins)
    scale = (_BASE - _TOP) / most
    bars = tuple(
        _bar(some, _SIDE + slot * number, slot, scale, _label(edges[number], unit))
        for number, some in enumerate(bins)
        if some
    )
    ticks = _ticks(edges, slot, unit, max(1, int(width // 64)))
    return Picture(width, _FOOT, _BASE, bars, ticks, most, unit)


def _weight(step: Step) -> int:
    return 1 + len(step.copies) + len(step.reports)


def _unit(span: timedelta) -> tuple[str, Callable[[datetime], datetime], Callable[[datetime], datetime]]:
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


def _bar(steps: Sequence[Step], left: float, slot: float, scale: float, when: str) -> Bar:
    """The kinds on top of each other, the copies lightest and last."""
    counts = {
        place.value: sum(step.place is place for step in steps)
        for place in (Place.STORY, Place.FOLLOWUP, Place.BACKGROUND)
    }
    counts["copy"] = sum(_weight(step) - 1 for step in steps)
    blocks, top = [], _BASE
    for kind, count in counts.items():
        if count:
            top -= count * scale
            blocks.append(Block(kind, round(top, 2), round(count * scale, 2)))
    gap = min(2.0, slot * 0.15)
    stories, more = len(steps), counts["copy"]
    told = f"{when}: {stories} {'story' if stories == 1 else 'stories'}"
    told += (
        f", {more} more report{'s' if more > 1 else ''} or copies"
        if more > 1
        else ", 1 more report or copy"
        if more
        else ""
    )
    return Bar(round(left + gap / 2, 2), round(max(slot - gap, 0.8), 2), tuple(blocks), steps[0].number, told)


def _ticks(edges: Sequence[datetime], slot: float, unit: str, most: int) -> tuple[Tick, ...]:
    """Marks where a year begins (or a month, or a day, in short affairs), at most ``most`` of them with words."""
    starts = edges[:-1]
    if unit in ("month", "quarter", "year"):
        marked = [(number, f"{at:%Y}") for number, at in enumerate(starts) if at.month == 1 or number == 0]
        if len(marked) > 1 and marked[1][0] * slot < 34:
            marked = marked[1:]
    elif unit == "week":
        marked = [(n, f"{at:%b %Y}") for n, at in enumerate(starts) if n == 0 or at.month != starts[n - 1].month]
    else:
        marked = [(number, f"{at:%-d %b}") for number, at in enumerate(starts)]
    every = -(-len(marked) // most)
    return tuple(
        Tick(round(_SIDE + number * slot, 2), label if place % every == 0 else "")
        for place, (number, label) in enumerate(marked)
    )


def lifeline(dossier: Dossier, steps: Sequence[int]) -> tuple[tuple[float, ...], float, float]:
    """Where the dated ones of these steps lie between the affair's first and last moment: places in 0..100, the first
    place, and the last."""
    moments = {step.number: step.source.at for step in dossier.steps if step.source.at is not None}
    if not moments:
        return (), 0.0, 0.0
    start, stop = min(moments.values()), max(moments.values())
    whole = (stop - start).total_seconds() or 1.0
    places = tuple(
        round(100 * (moments[number] - start).total_seconds() / whole, 2) for number in steps if number in moments
    )
    return (places, places[0], places[-1]) if places else ((), 0.0, 0.0)
