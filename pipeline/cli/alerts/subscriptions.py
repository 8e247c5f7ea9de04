"""``subscriptions``: list, pause, resume, mute, unmute, apply."""

import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import click

from pipeline.cli import output
from pipeline.cli.alerts.mutes import mutes_of
from pipeline.cli.failures import Failures
from pipeline.models import Problem, Subscription


@click.group(
    "subscriptions", invoke_without_command=True, epilog="Example: wirewatch subscriptions mute 3 --source 'Daily News'"
)
@output.json_option
@click.pass_context
def subscriptions(context: click.Context, as_json: bool) -> None:
    """List the subscriptions, with what is wrong with them; or manage them."""
    if context.invoked_subcommand is not None:
        return
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        active = wirewatch.subscriptions.active()
        problems: dict[int, list[Problem]] = {}
        for problem in wirewatch.subscriptions.problems():
            problems.setdefault(problem.subscription_id, []).append(problem)
        zone = wirewatch.settings.timezone
    if as_json:
        output.write_json([_as_json(subscription, problems.get(subscription.id, [])) for subscription in active])
        return
    rows = [
        (
            str(subscription.id),
            subscription.owner,
            output.when(subscription.created_at, zone),
            subscription.query or f"follow {subscription.follow}",
            ", ".join(subscription.channels),
            _state(subscription, problems.get(subscription.id, [])),
        )
        for subscription in active
    ]
    output.table(f"{len(rows)} subscriptions", ("id", "owner", "since", "what", "to", "how"), rows)


def _as_json(subscription: Subscription, problems: list[Problem]) -> dict[str, Any]:
    reasons = [problem.reason for problem in problems]
    return asdict(subscription) | {"quiet": _quiet_text(subscription), "problems": reasons}


def _quiet_text(subscription: Subscription) -> str | None:
    quiet = subscription.quiet
    return None if quiet is None else f"{quiet.start:%H:%M}-{quiet.end:%H:%M}"


def _state(subscription: Subscription, problems: list[Problem]) -> str:
    quiet = _quiet_text(subscription)
    details = [
        "paused" if subscription.paused else subscription.rhythm.value.replace("_", " "),
        "" if quiet is None else f"quiet {quiet}",
        ", ".join(f"without {mute.value}" for mute in subscription.mutes),
        *(f"FAILS: {problem.reason}" for problem in problems),
    ]
    return "; ".join(filter(None, details))


@subscriptions.command("pause", epilog="Example: wirewatch subscriptions pause 3")
@click.argument("subscription", type=int)
def pause(subscription: int) -> None:
    """Match and send nothing until it is resumed; corrections of what was sent still go out."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        wirewatch.subscriptions.pause(subscription)
    print(f"subscription {subscription} is paused", file=sys.stderr)


@subscriptions.command("resume", epilog="Example: wirewatch subscriptions resume 3")
@click.argument("subscription", type=int)
def resume(subscription: int) -> None:
    """Let a paused subscription go on, with what was waiting when it was paused."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        wirewatch.subscriptions.resume(subscription)
    print(f"subscription {subscription} goes on", file=sys.stderr)


def _muting(function: Callable[..., None]) -> Callable[..., None]:
    options: list[Callable[[Any], Any]] = [
        click.option("--thread", "threads", multiple=True, metavar="ID", help="A thread's stories."),
        click.option("--source", "sources", multiple=True, metavar="NAME", help="A publisher's stories."),
        click.option("--entity", "entities", multiple=True, metavar="NAME", help="Stories that name it; id or name."),
        click.argument("subscription", type=int),
    ]
    for option in options:
        function = option(function)
    return function


@subscriptions.command("mute", epilog="Example: wirewatch subscriptions mute 3 --entity Eurosam")
@_muting
def mute(subscription: int, entities: tuple[str, ...], sources: tuple[str, ...], threads: tuple[str, ...]) -> None:
    """Leave stories out from now on."""
    _mute(subscription, entities, sources, threads, muted=True)


@subscriptions.command("unmute", epilog="Example: wirewatch subscriptions unmute 3 --entity Eurosam")
@_muting
def unmute(subscription: int, entities: tuple[str, ...], sources: tuple[str, ...], threads: tuple[str, ...]) -> None:
    """Leave them out no longer."""
    _mute(subscription, entities, sources, threads, muted=False)


def _mute(
    subscription: int, entities: tuple[str, ...], sources: tuple[str, ...], threads: tuple[str, ...], muted: bool
) -> None:
    from pipeline import Wirewatch

    mutes = mutes_of(entities, sources, threads)
    if not mutes:
        raise click.UsageError("name an --entity, a --source or a --thread")
    with Wirewatch.open() as wirewatch:
        change = wirewatch.subscriptions.mute if muted else wirewatch.subscriptions.unmute
        changed = change(subscription, mutes)
    left_out = ", ".join(f"{mute.kind} {mute.value}" for mute in changed.mutes) or "nothing"
    print(f"subscription {subscription} leaves out: {left_out}", file=sys.stderr)


@subscriptions.command("apply", epilog="Example: wirewatch subscriptions apply")
def apply() -> None:
    """Apply config/subscriptions.yaml now, as every walk does; each mistake is named with its line."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        problems = wirewatch.subscriptions.apply_file()
        declared = wirewatch.subscriptions.declared()
    print(f"{len(declared)} declared subscriptions", file=sys.stderr)
    if problems:
        raise Failures(problems, nothing_recorded=not declared)


COMMANDS = {"subscriptions": subscriptions}
