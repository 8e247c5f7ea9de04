"""Stories a second for each format, beside the bare library that reads it: `python -m tests.parse.throughput`."""

import io
import json
import time
from collections.abc import Callable
from functools import partial

from lxml import etree

from pipeline.models import Story
from pipeline.parse import parse
from tests.parse.documents import document, rss

BODY = (
    "ANKARA, Nov 9 (Reuters) - Turkey signed a letter of intent with France and Italy on Thursday, officials said. " * 3
)
COUNT = 2000


def ninjs_lines() -> bytes:
    item = {
        "uri": "urn:x:1",
        "version": "1",
        "type": "text",
        "versioncreated": "2017-11-09T09:00:00Z",
        "language": "en",
    }
    return b"".join(json.dumps({**item, "uri": f"urn:x:{n}", "body_text": BODY}).encode() + b"\n" for n in range(COUNT))


def rss_feed() -> bytes:
    item = f"<pubDate>Thu, 09 Nov 2017 09:00:00 GMT</pubDate><description>&lt;p&gt;{BODY}&lt;/p&gt;</description>"
    return rss(*(f"<title>t {n}</title><guid>https://feed.example/{n}</guid>{item}" for n in range(COUNT))).encode()


def newsml() -> bytes:
    items = "".join(
        f'<newsItem guid="tag:x,2017:{n}" version="1"><itemMeta><itemClass qcode="ninat:text"/>'
        "<versionCreated>2017-11-09T09:00:00Z</versionCreated></itemMeta><contentMeta><headline>t</headline>"
        '<subject qcode="medtop:20000206"/></contentMeta><contentSet><inlineXML><html><body>'
        f"<p>{BODY}</p></body></html></inlineXML></contentSet></newsItem>"
        for n in range(COUNT)
    )
    return f"<newsMessage xmlns='http://iptc.org/std/nar/2006-10-01/'><itemSet>{items}</itemSet></newsMessage>".encode()


def teleprinter() -> bytes:
    message = f"\x01abc001 3 i 9 dpa 1\r\n\r\nSlug/\r\n\x02Head =\r\n\r\n{BODY}\r\n\x03091000 GMT Nov 17\r\n\x04"
    return (message * COUNT).encode()


def read_all(content: bytes, name: str) -> None:
    for _ in parse(document(content, name)):
        pass


def bare_json(content: bytes) -> None:
    for line in content.splitlines():
        json.loads(line)


def bare_feedparser(content: bytes) -> None:
    import feedparser

    feedparser.parse(io.BytesIO(content))


def bare_lxml(content: bytes) -> None:
    etree.fromstring(content)


def seconds(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def main() -> None:
    """Print one line a format: stories a second of processor time, ours and the bare library's."""
    formats: tuple[tuple[str, bytes, Callable[[bytes], object] | None], ...] = (
        ("a.jsonl", ninjs_lines(), bare_json),
        ("a.rss", rss_feed(), bare_feedparser),
        ("newsml-g2.xml", newsml(), bare_lxml),
        ("iptc7901.txt", teleprinter(), None),
    )
    for name, content, bare in formats:
        assert sum(isinstance(result, Story) for result in parse(document(content, name))) == COUNT
        ours = seconds(partial(read_all, content, name))
        line = f"{name:16} {COUNT / ours:9,.0f} stories/s"
        if bare is not None:
            line += f"   bare library {COUNT / seconds(partial(bare, content)):10,.0f}/s"
        print(line)


if __name__ == "__main__":
    main()
