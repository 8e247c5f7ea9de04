"""The addresses in messages at which readers unsubscribe, and the secret that signs them."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from pipeline.alert import unsubscribe_address
from pipeline.models import Delivery
from pipeline.settings import Settings


def unsubscribe_url(delivery: Delivery, settings: Settings) -> str | None:
    """The address at which the reader of a message ends its channel; None where a program reads it."""
    sender = settings.smtp.sender if settings.smtp is not None else None
    return unsubscribe_address(delivery, settings.public_url, link_secret(settings), sender)


def link_secret(settings: Settings) -> str:
    """The secret of the settings, else a key that is generated once and kept in the home."""
    return settings.link_secret or _key_in(settings.home / "link.key")


def _key_in(path: Path) -> str:
    """The key in a file that only its owner can read. Of several processes the first one generates it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        handle, name = tempfile.mkstemp(prefix=".link.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(name, path)
        os.unlink(name)
    return path.read_text(encoding="ascii").strip()
