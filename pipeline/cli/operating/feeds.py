"""``feeds``: how each source is doing, and asking one again."""

import sys
from datetime import timedelta

import click

from pipeline.cli import output as show
from pipeline.models import FeedCondition

_UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1)))


@click.command("feeds", epilog="Examples: wirewatch feeds  |  wirewatch feeds --ask example-world && wirewatch run")
@click.argument("names", nargs=-1)
@click.option("--ask", is_flag=True, help="Ask these feeds again at the next run, also one that has gone.")
@show.json_option
def feeds(names: tuple[str, ...], ask: bool, as_json: bool) -> None:
    """How the declared feeds are doing: these, or all of them; the worst first.

    gone: it answered 410 and is not asked any more. failing: its last fetch failed. silent: it answers, but brings
    nothing new. waiting: it was not asked yet.
    """
    from pipeline import Wirewatch

    if ask and not names:
        raise click.UsageError("which feeds are to be asked again? Give their names")
    with Wirewatch.open() as wirewatch:
        found = wirewatch.feeds.health(names or None)
        missing = set(names) - {one.name for one in found}
        if missing:
            path = wirewatch.settings.config / "feeds.yaml"
            raise click.UsageError(f"no feed {min(missing)!r} is declared in {path}")
        if ask:
            wirewatch.feeds.ask_again(names)
            found = wirewatch.feeds.health(names)
        zone = wirewatch.settings.timezone
    if as_json:
        show.write_json({"feeds": found})
        return
    if not found:
        print("no feed is declared; the head of feeds.yaml says how", file=sys.stderr)
        return
    worst_first = list(FeedCondition)
    rows = [
        [
            one.name,
            one.condition.value,
            _span(one.lag),
            show.when(one.last_new_at, zone) if one.last_new_at else "-",
            show.when(one.next_due_at, zone)
            if one.next_due_at
            else "-"
            if one.condition is FeedCondition.GONE
            else "now",
            one.reason or (f"{one.entries} entries, {one.new} new" if one.last_fetched_at else "-"),
        ]
        for one in sorted(found, key=lambda one: worst_first.index(one.condition))
    ]
    show.table("Feeds", ["feed", "condition", "answered", "last news", "next due", "last fetch"], rows)


def _span(length: timedelta | None) -> str:
    """How long ago, in the largest whole unit."""
    if length is None:
        return "never"
    for name, unit in _UNITS:
        if length >= unit:
            return f"{length // unit} {name} ago"
    return "just now"


COMMANDS = {"feeds": feeds}
