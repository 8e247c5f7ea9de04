"""One-click unsubscription (RFC 8058): a signed address that stops one channel of one subscription, nothing else."""

import hashlib
import hmac
import re
from email.utils import parseaddr
from urllib.parse import quote

from pipeline.alert.matching.rules import is_grouped
from pipeline.errors import UsageError
from pipeline.models import Delivery, DeliveryKind, Subscription

PATH = "/unsubscribe/"
_TOKEN = re.compile(r"([0-9]{1,18})-([0-9a-f]{16})-([0-9a-f]{32})")


def token(subscription_id: int, channel: str, secret: str) -> str:
    """The end of the address: the subscription's id, a digest of the channel (not the channel itself), a signature."""
    claim = f"{subscription_id}-{channel_digest(channel)}"
    return f"{claim}-{_signature(claim, secret)}"


def read_token(text: str, secret: str) -> tuple[int, str]:
    """Read a token: the subscription's id and the channel's digest. Raises UsageError for a token that is not ours."""
    match = _TOKEN.fullmatch(text.strip())
    if match is None or not hmac.compare_digest(match[3], _signature(f"{match[1]}-{match[2]}", secret)):
        raise UsageError("this is no address to unsubscribe at: it is cut short, or was not made here")
    return int(match[1]), match[2]


def channel_of_digest(subscription: Subscription, digest: str) -> str | None:
    """The channel that a digest stands for; None where the subscription does not have it any more."""
    every = (*subscription.channels, *subscription.stopped)
    return next((channel for channel in every if channel_digest(channel) == digest), None)


def unsubscribe_address(delivery: Delivery, public_url: str | None, secret: str, sender: str | None) -> str | None:
    """Where the reader of a message stops it: at our public address, else by a mail to the sender.

    Args:
        delivery: the line of the outbox.
        public_url: our public address; None where there is none.
        secret: signs the token.
        sender: of our mails.

    Returns:
        The address; None for a program, or where there is no way.
    """
    if not is_grouped(DeliveryKind.NEW, delivery.channel):
        return None  # a program's
    unsubscribe_token = token(delivery.subscription_id, delivery.channel, secret)
    if public_url is not None:
        return f"{public_url.rstrip('/')}{PATH}{unsubscribe_token}"
    if sender is not None and delivery.channel.lower().startswith("mailto:"):
        return f"mailto:{quote(parseaddr(sender)[1], safe='@')}?subject={quote(f'unsubscribe {unsubscribe_token}')}"
    return None


def channel_digest(channel: str) -> str:
    """What stands for a channel in a token: 16 hexadecimal digits."""
    return hashlib.sha256(channel.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _signature(claim: str, secret: str) -> str:
    return hmac.new(secret.encode(), f"unsubscribe/{claim}".encode(), hashlib.sha256).hexdigest()[:32]
