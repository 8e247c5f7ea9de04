"""``subscribe``: a query, or a story that is followed, with channels and a rhythm."""

import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import output
from pipeline.cli.alerts.mutes import mutes_of
from pipeline.models import QuietHours, Rhythm, Subscription

if TYPE_CHECKING:
    from pipeline import Preview, Wirewatch


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionOptions:
    """What the command's options choose of a subscription; each has the name of its option."""

    query: str | None
    follow: str | None
    channels: tuple[str, ...]
    owner: str
    name: str | None
    closeness: float
    rhythm: str
    timezone: str | None
    quiet: str | None
    mute_entity: tuple[str, ...]
    mute_source: tuple[str, ...]
    mute_thread: tuple[str, ...]
    look_back: str
    updates: bool

    def subscription(self, wirewatch: "Wirewatch") -> Subscription:
        """The subscription that they describe.

        Raises:
            NotFoundError: There is no story to follow.
            click.BadParameter: A length of time, or quiet hours, cannot be read.
        """
        return Subscription(
            id=0,
            owner=self.owner,
            channels=tuple(dict.fromkeys(self.channels)),
            query=self.query,
            follow=wirewatch.stories.resolve(self.follow) if self.follow else None,
            closeness=self.closeness,
            rhythm=Rhythm(self.rhythm),
            timezone=self.timezone or str(wirewatch.settings.timezone),
            quiet=_quiet_hours(self.quiet),
            mutes=mutes_of(self.mute_entity, self.mute_source, self.mute_thread),
            updates=self.updates,
            look_back=_duration(self.look_back),
            created_at=wirewatch.clock.now(),
            name=self.name,
        )


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
@output.json_option
def subscribe(preview: bool, as_json: bool, **chosen: Any) -> None:
    """Subscribe to a query or to one story; what arrives from now on is sent once, with the reason.

    Shows how many stories the last 30 days would have brought, and the message about the newest of them.
    """
    from pipeline import Wirewatch

    options = SubscriptionOptions(**chosen)
    if (options.query is None) == (options.follow is None):
        raise click.UsageError("give either --query or --follow")
    with Wirewatch.open() as wirewatch:
        subscription = options.subscription(wirewatch)
        if preview:
            number, previewed = None, wirewatch.subscriptions.preview(subscription)
        else:
            subscribed = wirewatch.subscriptions.subscribe(subscription)
            number, previewed = subscribed.id, subscribed.preview
    if as_json:
        sample = _sample_json(previewed)
        output.write_json({"id": number, "last_30_days": previewed.last_30_days, "sample": sample})
    else:
        _show_preview(number, previewed)


def _show_preview(number: int | None, preview: "Preview") -> None:
    if preview.message is not None:
        print(f"{preview.message.subject}\n\n{preview.message.text}")
    print(
        f"{'nothing saved' if number is None else f'subscription {number}'}; "
        f"it would have found {preview.last_30_days} stories in the last 30 days"
        f"{'' if preview.message is None else '; above, the newest that it finds, as it sends them'}",
        file=sys.stderr,
    )


def _sample_json(preview: "Preview") -> dict[str, Any] | None:
    if preview.message is None:
        return None
    stories = [
        {
            "lineage": record.lineage,
            "uri": record.current.story.uri,
            "headline": record.current.story.headline,
            "source": record.current.story.source,
            "published_at": record.published_at,
        }
        for record in preview.stories
    ]
    return {"stories": stories, "subject": preview.message.subject, "text": preview.message.text}


def _duration(text: str) -> timedelta:
    from pipeline.settings import duration

    try:
        return duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--look-back") from error


def _quiet_hours(text: str | None) -> QuietHours | None:
    from pipeline import quiet_hours

    try:
        return None if text is None else quiet_hours(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--quiet") from error


COMMANDS = {"subscribe": subscribe}
