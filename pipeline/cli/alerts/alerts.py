"""``subscribe``, ``unsubscribe`` and ``alerts``; ``subscriptions`` is in ``pipeline.cli.alerts.subscriptions``."""

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import output as show
from pipeline.models import Delivery, DeliveryKind, Match, Mute, MuteKind, QuietHours, Rhythm, Subscription
from pipeline.reason_wording import describe_reasons

if TYPE_CHECKING:
    from pipeline import Preview


@click.command("subscribe", epilog="Example: wirewatch subscribe --follow 1 --to mailto:desk@example.org")
@click.option("--query", help="Stories that this query finds, as in `search`.")
@click.option(
    "--follow", metavar="STORY", help="This story: its corrections, its thread, what follows it up. An id or a uri."
)
@click.option(
    "--to",
    "channels",
    multiple=True,
    required=True,
    metavar="URL",
    help="mailto:desk@example.org, file:alerts.jsonl, atom:desk.xml, https://... or an apprise URL; may be repeated.",
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
    "--rhythm",
    default=Rhythm.AT_ONCE.value,
    show_default=True,
    type=click.Choice([rhythm.value for rhythm in Rhythm]),
    help="When messages come; daily and weekly ones at eight, on Mondays.",
)
@click.option("--timezone", metavar="ZONE", help="Whose hours: Europe/Istanbul. Default: WIREWATCH_TIMEZONE.")
@click.option("--quiet", metavar="FROM-TO", help="Local hours without news: 22:00-07:00.")
@click.option("--mute-entity", multiple=True, metavar="NAME", help="Leave out stories that name this; id or name.")
@click.option("--mute-source", multiple=True, metavar="NAME", help="Leave out this publisher's stories.")
@click.option("--mute-thread", multiple=True, metavar="ID", help="Leave out this thread's stories.")
@click.option(
    "--look-back", default="7d", show_default=True, metavar="TIME", help="Never send stories older than this: 12h, 7d."
)
@click.option("--updates", is_flag=True, help="Also send further takes that say little new.")
@click.option("--preview", is_flag=True, help="Show what it would have sent, and save nothing.")
@show.json_option
def subscribe(
    query: str | None,
    follow: str | None,
    channels: tuple[str, ...],
    owner: str,
    name: str | None,
    closeness: float,
    rhythm: str,
    timezone: str | None,
    quiet: str | None,
    mute_entity: tuple[str, ...],
    mute_source: tuple[str, ...],
    mute_thread: tuple[str, ...],
    look_back: str,
    updates: bool,
    preview: bool,
    as_json: bool,
) -> None:
    """Subscribe to a query or to one story; what arrives from now on is sent once, with the reason.

    Shows how many stories the last 30 days would have brought, and the message about the newest of them.
    """
    from pipeline import Wirewatch

    if (query is None) == (follow is None):
        raise click.UsageError("give either --query or --follow")
    with Wirewatch.open() as wirewatch:
        made = Subscription(
            id=0,
            owner=owner,
            channels=tuple(dict.fromkeys(channels)),
            query=query,
            follow=wirewatch.stories.resolve(follow) if follow else None,
            closeness=closeness,
            rhythm=Rhythm(rhythm),
            timezone=timezone or str(wirewatch.settings.timezone),
            quiet=_quiet(quiet),
            mutes=chosen_mutes(mute_entity, mute_source, mute_thread),
            updates=updates,
            look_back=_duration(look_back),
            created_at=wirewatch.clock.now(),
            name=name,
        )
        if preview:
            number, shown = None, wirewatch.subscriptions.preview(made)
        else:
            subscribed = wirewatch.subscriptions.subscribe(made)
            number, shown = subscribed.id, subscribed.preview
    if as_json:
        show.write_json({"id": number, "last_30_days": shown.last_30_days, "sample": _sample(shown)})
        return
    if shown.message is not None:
        print(f"{shown.message.subject}\n\n{shown.message.text}")
    print(
        f"{'nothing saved' if number is None else f'subscription {number}'}; "
        f"it would have found {shown.last_30_days} stories in the last 30 days"
        f"{'' if shown.message is None else '; above, the newest that it finds, as it sends them'}",
        file=sys.stderr,
    )


def chosen_mutes(entities: tuple[str, ...], sources: tuple[str, ...], threads: tuple[str, ...]) -> tuple[Mute, ...]:
    """The mutes that options name."""
    kinds = ((MuteKind.ENTITY, entities), (MuteKind.SOURCE, sources), (MuteKind.THREAD, threads))
    return tuple(Mute(kind, value) for kind, values in kinds for value in values)


def _sample(shown: "Preview") -> dict[str, Any] | None:
    if shown.message is None:
        return None
    stories = [
        {
            "lineage": record.lineage,
            "uri": record.current.story.uri,
            "headline": record.current.story.headline,
            "source": record.current.story.source,
            "published_at": record.published_at,
        }
        for record in shown.stories
    ]
    return {"stories": stories, "subject": shown.message.subject, "text": shown.message.text}


def _duration(text: str) -> timedelta:
    from pipeline.settings import duration

    try:
        return duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--look-back") from error


def _quiet(text: str | None) -> QuietHours | None:
    from pipeline import quiet_hours

    try:
        return None if text is None else quiet_hours(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--quiet") from error


@click.command("unsubscribe", epilog="Example: wirewatch unsubscribe 3")
@click.argument("subscription")
def unsubscribe(subscription: str) -> None:
    """End a subscription. Corrections and withdrawals of what it was sent still go out.

    SUBSCRIPTION is its number; or the code in a reader's mail "unsubscribe ...", which ends only that reader's channel.
    """
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        if subscription.isdecimal():
            wirewatch.subscriptions.end(int(subscription))
            told = f"subscription {subscription} has ended"
        else:
            stopped = wirewatch.subscriptions.end_by_link(subscription.removeprefix("unsubscribe "))
            left = "it has ended" if stopped.ended else f"{len(stopped.channels)} channels are left"
            told = f"a channel of subscription {stopped.id} gets nothing more; {left}"
    print(told, file=sys.stderr)


@click.command("alerts", epilog="Example: wirewatch alerts --subscription 3")
@click.option("--subscription", type=int, help="Only this subscription's.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@show.json_option
def alerts(subscription: int | None, limit: int, as_json: bool) -> None:
    """What was matched and what was sent, newest first; a delivery not sent says why."""
    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        matches = wirewatch.alerts.matches(subscription, limit)
        deliveries = wirewatch.alerts.deliveries(subscription, limit)
        records = wirewatch.stories.records({m.lineage for m in matches} | {d.lineage for d in deliveries})
        headlines = {record.lineage: record.current.story.title for record in records}
        zone = wirewatch.settings.timezone
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
    why = describe_reasons(match.why) or ", ".join(reason.value for reason in match.why)
    return str(match.subscription_id), matched, str(match.lineage), f"{headlines.get(match.lineage, '')}\n  {why}"


def _delivery(delivery: Delivery, headlines: dict[int, str]) -> tuple[str, ...]:
    state = "sent" if delivery.sent_at else "parked" if delivery.parked else f"due, {delivery.attempts} tries"
    reason = f"\n  {delivery.last_error}" if delivery.last_error else ""
    notice = "a problem, to its owner" if delivery.kind is DeliveryKind.NOTICE else ""
    headline = f"{headlines.get(delivery.lineage, notice)}{reason}"
    return str(delivery.id), delivery.kind.value, state, delivery.channel, headline


COMMANDS = {"subscribe": subscribe, "unsubscribe": unsubscribe, "alerts": alerts}
