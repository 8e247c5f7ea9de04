"""Parsing: stories a second of processor time for each format, beside the bare library that reads its syntax.

    python -m tests.benchmarks.parsing_cost

What is beyond the bare library: text out of markup, dateline, take line and trailer, times, topics, identity.
"""

import io
import json
import time
from collections.abc import Callable
from functools import partial

from lxml import etree

from pipeline.models import Story
from pipeline.parse import parse, parse_article
from tests.parse.documents import document, rss

BODY = (
    "ANKARA, Nov 9 (Reuters) - Turkey signed a letter of intent with France and Italy on Thursday, officials said. " * 3
)
COUNT = 2000
PAGES = 200


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


def nitf() -> bytes:
    """One document: NITF holds one story a file."""
    return (
        '<nitf><head><docdata><doc-id regsrc="Reuters" id-string="x1"/><date.issue norm="20171109T090000Z"/>'
        '<urgency ed-urg="3"/></docdata></head><body><body.head><hedline><hl1>Head</hl1></hedline></body.head>'
        f"<body.content><p>{BODY}</p></body.content></body></nitf>"
    ).encode()


def page() -> bytes:
    """An article page with its surroundings."""
    menu = "".join(f'<li><a href="/{number}">Section {number}</a></li>' for number in range(40))
    paragraphs = "".join(f"<p>{BODY}</p>" for _ in range(3))
    return (
        f"<html><head><title>Head</title></head><body><nav><ul>{menu}</ul></nav>"
        f"<article><h1>Head</h1>{paragraphs}</article><footer>{menu}</footer></body></html>"
    ).encode()


def plain() -> bytes:
    return f"Turkey signs letter of intent\n\n{BODY}\n\n(Reporting by Ece Ak; Editing by Ann Cole)\n".encode()


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


def repeated(work: Callable[[bytes], object], times: int) -> Callable[[bytes], object]:
    """The work done again and again, for formats of one story a file."""

    def all_of_it(content: bytes) -> None:
        for _ in range(times):
            work(content)

    return all_of_it


def article(content: bytes) -> None:
    """A teaser completed from its page."""
    parse_article(document(content, "page.html"), Story(uri="x", headline="Head", url="https://feed.example/x"))


def bare_trafilatura(content: bytes) -> None:
    import trafilatura

    trafilatura.bare_extraction(content.decode())


def seconds(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def main(arguments: list[str]) -> None:
    """Print one line a format: stories a second, ours and the bare library's, and the ratio of their times."""

    def ours(name: str) -> Callable[[bytes], object]:
        return lambda content: read_all(content, name)

    formats: tuple[tuple[str, int, bytes, Callable[[bytes], object], str, Callable[[bytes], object] | None], ...] = (
        ("ninjs", COUNT, ninjs_lines(), ours("a.jsonl"), "json", bare_json),
        ("RSS", COUNT, rss_feed(), ours("a.rss"), "feedparser", bare_feedparser),
        ("NewsML-G2", COUNT, newsml(), ours("g2.xml"), "lxml", bare_lxml),
        ("NITF", COUNT, nitf(), repeated(ours("nitf.xml"), COUNT), "lxml", repeated(bare_lxml, COUNT)),
        ("IPTC 7901", COUNT, teleprinter(), ours("iptc7901.txt"), "", None),
        ("plain text", COUNT, plain(), repeated(ours("a.txt"), COUNT), "", None),
        ("article page", PAGES, page(), repeated(article, PAGES), "trafilatura", repeated(bare_trafilatura, PAGES)),
    )
    for name, count, content, work, library, bare in formats:
        spent = seconds(partial(work, content))
        line = f"  {name:13}{count / spent:9,.0f} stories/s"
        if bare is not None:
            alone = seconds(partial(bare, content))
            line += f"; {library} alone {count / alone:9,.0f}/s: {spent / alone:.1f} x its time"
        print(line, flush=True)


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
