"""``unsubscribe``: a subscription ends, or one reader's channel of it."""

import sys

import click


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
            message = f"subscription {subscription} has ended"
        else:
            stopped = wirewatch.subscriptions.end_by_link(subscription.removeprefix("unsubscribe "))
            left = "it has ended" if stopped.ended else f"{len(stopped.channels)} channels are left"
            message = f"a channel of subscription {stopped.id} gets nothing more; {left}"
    print(message, file=sys.stderr)


COMMANDS = {"unsubscribe": unsubscribe}
