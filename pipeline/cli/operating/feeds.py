"""``feeds``: how the feeds are doing, and asking one again."""

import sys
from datetime import timedelta
from zoneinfo import ZoneInfo

import click

from pipeline.cli import output
from pipeline.models import FeedCondition, FeedHealth

_UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1)))


@click.command("feeds", epilog="Examples: wirewatch feeds  |  wirewatch feeds --ask example-world && wirewatch run")
@click.argument("names", nargs=-1)
@click.option("--ask", is_flag=True, help="Ask these feeds again at the next run, also one that has gone.")
@output.json_option
def feeds(names: tuple[str, ...], ask: bool, as_json: bool) -> None:
    """How the declared feeds are doing: these, or all of them; the worst first.

    gone: it answered 410 and is not asked any more. failing: its last fetch failed. silent: it answers, but brings
    nothing new. waiting: it was not asked yet.
    """
    from pipeline import Wirewatch

    if ask and not names:
        raise click.UsageError("which feeds are to be asked again? Give their names")
    with Wirewatch.open() as wirewatch:
        healths = wirewatch.feeds.health(names or None)
        missing = set(names) - {health.name for health in healths}
        if missing:
            path = wirewatch.settings.config / "feeds.yaml"
            raise click.UsageError(f"no feed {min(missing)!r} is declared in {path}")
        if ask:
            wirewatch.feeds.ask_again(names)
            healths = wirewatch.feeds.health(names)
        zone = wirewatch.settings.timezone
    if as_json:
        output.write_json({"feeds": healths})
        return
    if not healths:
        print("no feed is declared; the head of feeds.yaml says how", file=sys.stderr)
        return
    worst_first = list(FeedCondition)
    rows = [_row(health, zone) for health in sorted(healths, key=lambda health: worst_first.index(health.condition))]
    output.table("Feeds", ["feed", "condition", "answered", "last news", "next due", "last fetch"], rows)


def _row(health: FeedHealth, zone: ZoneInfo) -> list[str]:
    asked_now = "-" if health.condition is FeedCondition.GONE else "now"
    counts = f"{health.entries} entries, {health.new} new" if health.last_fetched_at else "-"
    return [
        health.name,
        health.condition.value,
        _time_ago(health.lag),
        output.when(health.last_new_at, zone) if health.last_new_at else "-",
        output.when(health.next_due_at, zone) if health.next_due_at else asked_now,
        health.reason or counts,
    ]


def _time_ago(length: timedelta | None) -> str:
    """How long ago, in the largest whole unit."""
    if length is None:
        return "never"
    for name, unit in _UNITS:
        if length >= unit:
            return f"{length // unit} {name} ago"
    return "just now"


COMMANDS = {"feeds": feeds}
