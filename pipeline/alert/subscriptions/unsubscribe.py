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
    """What the address ends in: it names the subscription, marks the channel without telling it, and is signed."""
    said = f"{subscription_id}-{_mark(channel)}"
    return f"{said}-{_signature(said, secret)}"


def read_token(text: str, secret: str) -> tuple[int, str]:
    """The subscription's id and the channel's mark. Raises UsageError: not one of ours."""
    found = _TOKEN.fullmatch(text.strip())
    if found is None or not hmac.compare_digest(found[3], _signature(f"{found[1]}-{found[2]}", secret)):
        raise UsageError("this is no address to unsubscribe at: it is cut short, or was not made here")
    return int(found[1]), found[2]


def marked_channel(subscription: Subscription, mark: str) -> str | None:
    """The channel that a mark stands for; None where the subscription does not have it any more."""
    every = (*subscription.channels, *subscription.stopped)
    return next((channel for channel in every if _mark(channel) == mark), None)


def unsubscribe_address(delivery: Delivery, public_url: str | None, secret: str, sender: str | None) -> str | None:
    """Where the reader of a message stops it: at our own address, where we have one, else by a mail to the sender."""
    if not is_grouped(DeliveryKind.NEW, delivery.channel):
        return None  # a program's
    made = token(delivery.subscription_id, delivery.channel, secret)
    if public_url is not None:
        return f"{public_url.rstrip('/')}{PATH}{made}"
    if sender is not None and delivery.channel.lower().startswith("mailto:"):
        return f"mailto:{quote(parseaddr(sender)[1], safe='@')}?subject={quote(f'unsubscribe {made}')}"
    return None


def _mark(channel: str) -> str:
    return hashlib.sha256(channel.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _signature(said: str, secret: str) -> str:
    return hmac.new(secret.encode(), f"unsubscribe/{said}".encode(), hashlib.sha256).hexdigest()[:32]
