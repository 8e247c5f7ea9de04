"""``subscribe``, ``subscriptions``, ``unsubscribe`` and ``alerts``."""

import sys
from datetime import timedelta

import click

from pipeline.cli import show
from pipeline.models import Delivery, Match, Rhythm, Subscription, in_words


@click.command("subscribe", epilog="Example: wirewatch subscribe --follow 1 --to mailto:desk@example.org")
@click.option("--query", help="Stories that this query finds, as in `search`.")
@click.option(
    "--follow", metavar="STORY", help="This story: its corrections and whatever follows it up. An id or a uri."
)
@click.option(
    "--to",
    "channels",
    multiple=True,
    required=True,
    metavar="URL",
    help="mailto:desk@example.org, file:alerts.jsonl, https://... or an apprise URL; may be repeated.",
)
@click.option("--owner", default="operator", show_default=True, help="Who is told if the subscription fails.")
@click.option("--name", help="What messages call it.")
@click.option(
    "--closeness",
    default=0.5,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="With --follow: the least follow-up score that is sent.",
)
@click.option(
    "--look-back", default="7d", show_default=True, metavar="TIME", help="Never send stories older than this: 12h, 7d."
)
@click.option("--updates", is_flag=True, help="Also send further takes of stories already sent.")
@show.json_option
def subscribe(
    query: str | None,
    follow: str | None,
    channels: tuple[str, ...],
    owner: str,
    name: str | None,
    closeness: float,
    look_back: str,
    updates: bool,
    as_json: bool,
) -> None:
    """Subscribe to a query or to one story; what arrives from now on is sent once, with the reason."""
    from pipeline import flow, wiring

    if (query is None) == (follow is None):
        raise click.UsageError("give either --query or --follow")
    with wiring.open_parts() as parts:
        made = Subscription(
            id=0,
            owner=owner,
            channels=channels,
            query=query,
            follow=parts.store.stories.resolve(follow) if follow else None,
            closeness=closeness,
            rhythm=Rhythm.AT_ONCE,
            timezone=str(parts.settings.timezone),
            updates=updates,
            look_back=_duration(look_back),
            created_at=parts.clock.now(),
            name=name,
        )
        subscription_id, volume = flow.subscribe(parts, made)
    if as_json:
        show.write_json({"id": subscription_id, "last_30_days": volume})
    else:
        told = "" if volume is None else f"; it would have found {volume} stories in the last 30 days"
        print(f"subscription {subscription_id}{told}", file=sys.stderr)


def _duration(text: str) -> timedelta:
    from pipeline.settings import duration

    try:
        return duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--look-back") from error


@click.command("subscriptions", epilog="Example: wirewatch subscriptions --json")
@show.json_option
def subscriptions(as_json: bool) -> None:
    """List the subscriptions."""
    from pipeline import wiring

    with wiring.open_parts() as parts:
        found = parts.store.alerts.subscriptions()
        zone = parts.settings.timezone
    if as_json:
        show.write_json(found)
        return
    rows = [
        (str(s.id), s.owner, show.when(s.created_at, zone), s.query or f"follow {s.follow}", ", ".join(s.channels))
        for s in found
    ]
    show.table(f"{len(rows)} subscriptions", ("id", "owner", "since", "what", "to"), rows)


@click.command("unsubscribe", epilog="Example: wirewatch unsubscribe 3")
@click.argument("subscription", type=int)
def unsubscribe(subscription: int) -> None:
    """End a subscription. Corrections and withdrawals of what it was sent still go out."""
    from pipeline import wiring

    with wiring.open_parts() as parts:
        parts.store.alerts.unsubscribe(subscription)
    print(f"subscription {subscription} has ended", file=sys.stderr)


@click.command("alerts", epilog="Example: wirewatch alerts --subscription 3")
@click.option("--subscription", type=int, help="Only this subscription's.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@show.json_option
def alerts(subscription: int | None, limit: int, as_json: bool) -> None:
    """What was matched and what was sent, newest first; a delivery not sent says why."""
    from pipeline import wiring

    with wiring.open_parts() as parts:
        matches = parts.store.alerts.matches(subscription, limit)
        deliveries = parts.store.alerts.deliveries(subscription, limit)
        records = parts.store.stories.records(sorted({m.lineage for m in matches} | {d.lineage for d in deliveries}))
        headlines = {record.lineage: record.current.story.headline for record in records}
        zone = parts.settings.timezone
    if as_json:
        show.write_json({"matches": matches, "deliveries": deliveries})
        return
    show.table(
        "Matches",
        ("subscription", "matched", "story", "headline"),
        [_match(m, show.when(m.matched_at, zone), headlines) for m in matches],
    )
    show.table("Deliveries", ("id", "kind", "state", "to", "headline"), [_delivery(d, headlines) for d in deliveries])


def _match(match: Match, matched: str, headlines: dict[int, str]) -> tuple[str, ...]:
    why = in_words(match.why) or ", ".join(reason.value for reason in match.why)
    return str(match.subscription_id), matched, str(match.lineage), f"{headlines.get(match.lineage, '')}\n  {why}"


def _delivery(delivery: Delivery, headlines: dict[int, str]) -> tuple[str, ...]:
    state = "sent" if delivery.sent_at else "parked" if delivery.parked else f"due, {delivery.attempts} tries"
    reason = f"\n  {delivery.last_error}" if delivery.last_error else ""
    headline = f"{headlines.get(delivery.lineage, '')}{reason}"
    return str(delivery.id), delivery.kind.value, state, delivery.channel, headline


COMMANDS = {
    "subscribe": subscribe,
    "subscriptions": subscriptions,
    "unsubscribe": unsubscribe,
    "alerts": alerts,
}
