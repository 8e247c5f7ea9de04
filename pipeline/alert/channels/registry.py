"""Ways to reach a subscriber, one class each, chosen by the scheme of the subscription's URL.

    file:alerts.jsonl, file:/var/alerts.jsonl    one JSON line a message, appended
    atom:desk.xml, atom:/var/www/desk.xml        an Atom feed
    mailto:desk@example.org                      email, text and HTML
    http(s)://...                                a webhook, signed
    anything else                                apprise: slack://, tgram://, ntfy://, msteams://, ...

Channel URLs often hold tokens, so no error repeats one.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

from pipeline.alert.channels.atom import FeedChannel
from pipeline.alert.channels.jsonl import append_once
from pipeline.alert.channels.mail import MailChannel, checked_address, checked_sender
from pipeline.errors import DeliveryError, SettingsError, UsageError
from pipeline.models import Message
from pipeline.ports import Channel
from pipeline.settings import SmtpSettings
from pipeline.text.truncate import truncate_paragraphs

if TYPE_CHECKING:
    from apprise import NotifyBase

# apprise's own generic requests would go round the guard that webhooks are under, and its local ones are no channels.
_NOT_BY_APPRISE = re.compile(r"(json|xml|form|apprise|dbus|glib|gnome|kde|macosx|qt|syslog|windows)s?", re.IGNORECASE)
_NEVER = frozenset({400, 405, 410, 411, 413, 414, 415, 422, 501, 505})


class WebhookPoster(Protocol):
    """Posts to a webhook, with limits, and to private addresses only where that is allowed."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """The answer's status. Raises DeliveryError (permanent: the address may not be asked)."""

    def check(self, url: str) -> None:
        """Look whether the address may be asked, without asking it. Raises DeliveryError as ``post`` does."""


def open_channel(
    url: str, base: Path, smtp: SmtpSettings | None, webhook_secret: str | None, webhook_client: WebhookPoster
) -> Channel:
    """The channel for a URL; nothing is contacted. base: what ``file:`` paths are relative to.

    Raises UsageError: no such channel, or not a valid one. SettingsError: it needs a setting that is missing.
    """
    scheme, colon, rest = url.strip().partition(":")
    match scheme.lower():
        case "file" if colon:
            return FileChannel(_file_path(rest, base))
        case "atom" if colon:
            return FeedChannel(_file_path(rest, base))
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
    """Look, when a channel is chosen, whether it can be had: a webhook's host must be known, and may not be private.

    ``open_channel`` has taken it. Raises UsageError.
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


class FileChannel:
    """Appends each message once, as one JSON line, whoever else appends."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, message: Message) -> None:
        """Append and sync to disk. Raises DeliveryError."""
        line = json.dumps(dict(message.data) | {"key": message.key, "subject": message.subject}, ensure_ascii=False)
        try:
            append_once(self._path, message.key, line.encode("utf-8", "replace"))
        except OSError as error:
            raise DeliveryError(f"{self._path} cannot be written: {error.strerror}; make room or allow it") from error


class WebhookChannel:
    """Posts JSON; Idempotency-Key is the message's key, the signature an HMAC-SHA256 of the body with our secret."""

    def __init__(self, url: str, secret: str | None, webhook_client: WebhookPoster) -> None:
        self._url = url
        self._secret = secret
        self._poster = webhook_client

    def send(self, message: Message) -> None:
        """Post. Raises DeliveryError; permanent where the receiver says that it will never take it."""
        content = dict(message.data) | {"key": message.key, "subject": message.subject, "text": message.text}
        body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": message.key}
        if self._secret is not None:
            headers["X-Wirewatch-Signature"] = signature(self._secret, body)
        status = self._poster.post(self._url, body, headers)
        host = urlsplit(self._url).hostname
        if 300 <= status < 400:
            raise DeliveryError(f"the webhook at {host} redirects ({status}); give its new address", permanent=True)
        if not 200 <= status < 300:
            raise DeliveryError(f"the webhook at {host} answered HTTP {status}", permanent=status in _NEVER)


class AppriseChannel:
    """Chat services and the rest, through apprise, which is loaded when the first message goes out."""

    def __init__(self, url: str) -> None:
        self._scheme = url.partition(":")[0]
        if _NOT_BY_APPRISE.fullmatch(self._scheme):
            raise UsageError(f"{self._scheme}:// is not a channel; use https:// for webhooks")
        self._url = url

    def send(self, message: Message) -> None:
        """Hand over to the service. Raises DeliveryError; permanent where apprise knows no such service."""
        import apprise

        service = self._service()
        text = truncate_paragraphs(message.text, service.body_maxlen)
        if not service.notify(title=message.subject, body=text, body_format=apprise.NotifyFormat.TEXT):
            raise DeliveryError(f"the {self._scheme}:// service did not take the message")

    def check(self) -> None:
        """Raises UsageError: apprise knows no such service, or its address lacks something."""
        try:
            self._service()
        except DeliveryError as error:
            raise UsageError(str(error)) from error

    def _service(self) -> "NotifyBase":
        import apprise

        service = apprise.Apprise.instantiate(self._url)  # one; add() would take a list of them
        if not isinstance(service, apprise.NotifyBase):
            raise DeliveryError(f"the {self._scheme}:// address is not one that apprise understands", permanent=True)
        return service


def signature(secret: str, body: bytes) -> str:
    """What X-Wirewatch-Signature says of a body: receivers compute the same and compare."""
    return "sha256=" + hmac.new(secret.encode("utf-8"), body, hashlib.sha256).hexdigest()


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
