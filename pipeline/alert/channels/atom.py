"""An Atom feed in a file: the latest messages of a subscription, for any feed reader that the file is served to."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as Xml

from pipeline.alert.render.wording import one_line
from pipeline.errors import DeliveryError
from pipeline.models import Message

ENTRIES = 200  # kept in the file
_ATOM = "http://www.w3.org/2005/Atom"
_FEED = "urn:wirewatch:feed:"
_ENTRY = "urn:wirewatch:alert:"


class AtomChannel:
    """Puts each message at the head of the file, once; readers see the old file or the new one, never a part."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, message: Message) -> None:
        """Write and sync to disk. Raises DeliveryError."""
        try:
            with _locked(self._path):
                feed = self._read(message)
                if feed is not None:
                    self._replace(feed)
        except OSError as error:
            raise DeliveryError(f"{self._path} cannot be written: {error.strerror}; make room or allow it") from error
        except Xml.ParseError as error:
            raise DeliveryError(f"{self._path} is no Atom feed ({error}); move it out of the way") from error

    def _read(self, message: Message) -> Xml.Element | None:
        """The feed with the message in it; None if it is there already."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        if self._path.exists():
            feed = Xml.fromstring(self._path.read_bytes())
        else:
            feed = Xml.Element(_tag("feed"))
            _add(feed, "id", f"{_FEED}{self._path.stem}")
            _add(feed, "title", _title(message))
            _add(feed, "updated", now)
        entries = feed.findall(_tag("entry"))
        if any(entry.findtext(_tag("id")) == f"{_ENTRY}{message.key}" for entry in entries):
            return None
        for updated in feed.findall(_tag("updated")):
            updated.text = now
        feed.insert(len(feed) - len(entries), _entry(message, now))
        for old in entries[ENTRIES - 1 :]:
            feed.remove(old)
        return feed

    def _replace(self, feed: Xml.Element) -> None:
        handle, name = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(Xml.tostring(feed, encoding="utf-8", xml_declaration=True))
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)
            os.replace(name, self._path)
        except OSError:
            os.unlink(name)
            raise


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One writer at a time; the lock lies beside the file, since the file itself is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _entry(message: Message, now: str) -> Xml.Element:
    story = message.data.get("story", {})
    entry = Xml.Element(_tag("entry"))
    _add(entry, "id", f"{_ENTRY}{message.key}")
    _add(entry, "title", _clean(message.subject))
    _add(entry, "updated", now)
    if story.get("published_at"):
        _add(entry, "published", story["published_at"])
    _add(_add(entry, "author"), "name", _clean(one_line(story.get("source") or "Wirewatch")))
    if story.get("url"):
        _add(entry, "link", href=_clean(story["url"]), rel="alternate")
    _add(entry, "content", _clean(message.html), type="html")
    return entry


def _title(message: Message) -> str:
    name = (message.data.get("subscription") or {}).get("name")
    return _clean(f"Wirewatch: {one_line(name)}" if name else "Wirewatch")


def _add(parent: Xml.Element, name: str, text: str | None = None, **attributes: str) -> Xml.Element:
    element = Xml.SubElement(parent, _tag(name), attributes)
    element.text = text
    return element


def _tag(name: str) -> str:
    return f"{{{_ATOM}}}{name}"


def _clean(text: str) -> str:
    """Without what XML cannot carry."""
    return "".join(
        char
        for char in text
        if char in "\t\n\r" or " " <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or char > "\uffff"
    )


Xml.register_namespace("", _ATOM)
