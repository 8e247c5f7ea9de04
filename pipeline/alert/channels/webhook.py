"""Webhooks: each message is posted as JSON, signed, with an idempotency key."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from pipeline.errors import DeliveryError
from pipeline.models import Message

_NEVER = frozenset({400, 405, 410, 411, 413, 414, 415, 422, 501, 505})  # statuses after which no retry helps


class WebhookPoster(Protocol):
    """Posts to a webhook, with limits, and to private addresses only where that is allowed."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """The answer's status. Raises DeliveryError (permanent: the address may not be asked)."""

    def check(self, url: str) -> None:
        """Look whether the address may be asked, without asking it. Raises DeliveryError as ``post`` does."""


class WebhookChannel:
    """Posts JSON; Idempotency-Key is the message's key, the signature an HMAC-SHA256 of the body with our secret."""

    def __init__(self, url: str, secret: str | None, webhook_client: WebhookPoster) -> None:
        self._url = url
        self._secret = secret
        self._webhook_client = webhook_client

    def send(self, message: Message) -> None:
        """Post. Raises DeliveryError; permanent where the receiver says that it will never take it."""
        content = dict(message.data) | {"key": message.key, "subject": message.subject, "text": message.text}
        body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": message.key}
        if self._secret is not None:
            headers["X-Wirewatch-Signature"] = signature(self._secret, body)
        status = self._webhook_client.post(self._url, body, headers)
        host = urlsplit(self._url).hostname
        if 300 <= status < 400:
            raise DeliveryError(f"the webhook at {host} redirects ({status}); give its new address", permanent=True)
        if not 200 <= status < 300:
            raise DeliveryError(f"the webhook at {host} answered HTTP {status}", permanent=status in _NEVER)


def signature(secret: str, body: bytes) -> str:
    """What X-Wirewatch-Signature says of a body: receivers compute the same and compare."""
    return "sha256=" + hmac.new(secret.encode("utf-8"), body, hashlib.sha256).hexdigest()
