"""Which channel a URL means: one module and class per way to reach a subscriber, chosen by the URL's scheme.

    file:alerts.jsonl, file:/var/alerts.jsonl    one JSON line per message, appended
    atom:desk.xml, atom:/var/www/desk.xml        an Atom feed
    mailto:desk@example.org                      email, text and HTML
    http(s)://...                                a webhook, signed
    anything else                                apprise: slack://, tgram://, ntfy://, msteams://, ...

Channel URLs often hold tokens, so no error repeats one.
"""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipeline.alert.channels.atom import AtomChannel
from pipeline.alert.channels.chat import AppriseChannel
from pipeline.alert.channels.file import FileChannel
from pipeline.alert.channels.mail import MailChannel, checked_address, checked_sender
from pipeline.alert.channels.webhook import WebhookChannel, WebhookPoster
from pipeline.errors import DeliveryError, SettingsError, UsageError
from pipeline.ports import Channel
from pipeline.settings import SmtpSettings


def open_channel(
    url: str, base: Path, smtp: SmtpSettings | None, webhook_secret: str | None, webhook_client: WebhookPoster
) -> Channel:
    """Open the channel for a URL; nothing is contacted.

    Args:
        url: of the channel.
        base: what ``file:`` and ``atom:`` paths are relative to.
        smtp: the mail server; None where mail is not set up.
        webhook_secret: signs webhooks.
        webhook_client: posts to them.

    Raises:
        UsageError: there is no such channel, or it is not a valid one.
        SettingsError: it needs a setting that is missing.
    """
    scheme, colon, rest = url.strip().partition(":")
    match scheme.lower():
        case "file" if colon:
            return FileChannel(_file_path(rest, base))
        case "atom" if colon:
            return AtomChannel(_file_path(rest, base))
        case "mailto" if colon:
            address = checked_address(unquote(rest))
            if smtp is None:
                raise SettingsError("mail cannot be sent: set WIREWATCH_SMTP_URL and WIREWATCH_MAIL_FROM")
            checked_sender(smtp.sender)
            return MailChannel(address, smtp)
        case "http" | "https" if _is_webhook(url):
            return WebhookChannel(url.strip(), webhook_secret, webhook_client)
        case _ if (
            scheme.lower() not in ("http", "https")
            and re.fullmatch(r"[a-z][a-z0-9+.-]*", scheme, re.I)
            and rest[:2] == "//"
        ):
            return AppriseChannel(url.strip())
    raise UsageError(
        "a channel must be like mailto:desk@example.org, file:alerts.jsonl, https://host/hook or an apprise URL, "
        f"not {scheme[:20]!r}"
    )


def check_channel(url: str, webhook_client: WebhookPoster) -> None:
    """Check a channel when it is chosen: a webhook's host must be known, and may not be private.

    Args:
        url: of a channel that ``open_channel`` has taken.
        webhook_client: posts to webhooks.

    Raises:
        UsageError: with what is wrong.
    """
    if urlsplit(url.strip()).scheme.lower() in ("http", "https"):
        try:
            webhook_client.check(url.strip())
        except DeliveryError as error:
            raise UsageError(str(error)) from error
    elif _service_scheme(url):
        AppriseChannel(url.strip()).check()


def _service_scheme(url: str) -> bool:
    return "://" in url and url.strip().partition(":")[0].lower() not in ("file", "atom", "mailto")


def _is_webhook(url: str) -> bool:
    try:
        parts = urlsplit(url.strip())
        return bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False


def _file_path(rest: str, base: Path) -> Path:
    path = Path(unquote(rest.removeprefix("//")))
    if not path.name or "\0" in str(path) or path.name == "..":
        raise UsageError("a file channel must name a file, like file:alerts.jsonl")
    if path.is_absolute():
        return path
    if ".." in path.parts:
        raise UsageError("a file channel's path must not lead out of the home; give an absolute path for that")
    return base / path
