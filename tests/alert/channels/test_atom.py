"""The Atom feed channel: a feed that feed readers take, each message once, whatever happens to its writers."""

import threading
from pathlib import Path

import feedparser
import pytest

from pipeline.alert import open_channel
from pipeline.alert.channels.atom import ENTRIES, AtomChannel
from pipeline.errors import DeliveryError, UsageError
from pipeline.fetch.webhook_client import WebhookClient
from tests.alert.samples import message


def entries(path: Path) -> list[str]:
    feed = feedparser.parse(path.read_bytes())
    assert not feed.bozo, feed.get("bozo_exception")
    return [entry.id.rpartition(":")[2] for entry in feed.entries]


def test_messages_are_entries_newest_first(tmp_path: Path) -> None:
    channel = open_channel("atom:feeds/desk.xml", tmp_path, None, None, WebhookClient())
    story = {"url": "https://x.example/1", "source": "Bosphorus Wire", "published_at": "2018-01-15T09:10:00+00:00"}
    channel.send(message(key="a", data={"story": story, "subscription": {"name": "Air <defence>"}}))
    channel.send(message(key="b"))
    path = tmp_path / "feeds" / "desk.xml"
    assert entries(path) == ["b", "a"]
    feed = feedparser.parse(path.read_bytes())
    assert feed.feed.title_detail.value == "Wirewatch: Air <defence>"
    old = feed.entries[1]
    assert (old.link, old.author, old.published) == (story["url"], "Bosphorus Wire", story["published_at"])
    assert old.content[0].value == message().html
    assert feed.feed.id
    assert feed.feed.updated
    assert old.updated


def test_a_message_is_there_once_and_old_ones_leave(tmp_path: Path) -> None:
    channel = AtomChannel(tmp_path / "desk.xml")
    for number in range(ENTRIES + 2):
        channel.send(message(key=f"k{number}"))
    channel.send(message(key=f"k{ENTRIES}"))
    kept = entries(tmp_path / "desk.xml")
    assert (len(kept), kept[0], kept[-1]) == (ENTRIES, f"k{ENTRIES + 1}", "k2")


def test_nothing_in_a_story_breaks_the_feed(tmp_path: Path) -> None:
    evil = "<script>]]>&amp; \x00\x0b\ufffe \u202e é 😀"
    data = {"story": {"source": evil, "url": "https://x.example/?a=1&b=2"}, "subscription": {"name": evil}}
    AtomChannel(tmp_path / "desk.xml").send(message(subject=evil, html=evil, data=data))
    [entry] = feedparser.parse((tmp_path / "desk.xml").read_bytes(), sanitize_html=False).entries
    assert entries(tmp_path / "desk.xml")
    assert "]]>&amp;" in entry.content[0].value
    assert "😀" in entry.content[0].value


def test_several_writers_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "desk.xml"

    def write(writer: int) -> None:
        for number in range(15):
            AtomChannel(path).send(message(key=f"w{writer}-{number}"))

    threads = [threading.Thread(target=write, args=[writer]) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(entries(path))) == len(entries(path)) == 60
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith((".xml", ".tmp"))] == ["desk.xml"]


def test_a_file_that_is_no_feed_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "desk.xml"
    path.write_text("my notes")
    with pytest.raises(DeliveryError, match="no Atom feed"):
        AtomChannel(path).send(message())
    assert path.read_text() == "my notes"


@pytest.mark.parametrize("url", ["atom:", "atom:../up.xml", "atom:a/../../up.xml", "atom:/"])
def test_a_feed_must_be_a_file_in_the_home(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        open_channel(url, tmp_path, None, None, WebhookClient())
