"""What every parser promises of whatever comes in, and inputs that are nearly right."""

import random
from collections.abc import Callable

from pipeline.errors import ParseError
from pipeline.models import Rejected, Span, Status, Story
from pipeline.parse import parse
from tests.parse.documents import document

NAMES = ("", "a.txt", "a.xml", "a.json", "a.jsonl", "a.jsonl.gz", "https://feed.example/rss")

# pieces that mean something to one of the parsers
TOKENS = (
    "<rss>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<link>", "<guid>", "<pubDate>", "<feed>",
    "<entry>", "<content type='xhtml'>", "<links>", "</links>", "<authors>", "<tags>", "<title_detail>",
    "<![CDATA[", "]]>", "<!--", "-->", "<?xml version='1.0'?>",
    "<!DOCTYPE a [", "<!ENTITY x 'y'>", "&x;", "&amp;", "&#0;", "&#x110000;", "&#55296;", "<nitf>",
    "<body.content>", "<docdata>", "<p>", "</p>", "<pre>", "<br/>", "<newsItem guid='1'>", "<newsMessage>",
    "<itemSet>", "<inlineXML>", "<html>", "<div>", "<script>", '{"uri":"a"', '"body_text":"', '"bodies":[',
    '"headline":', "{", "}", "[", "]", ",", ":", '"', "\\ud800", "\\u0000", "null", "1e999",
    "\x01abc001 3 i 1\r\n", "\x02", "\x03", "\x04", " =\r\n", "LONDON", ", Nov 8", " (Reuters)", " - ",
    "UPDATE 1-", "CORRECTED-", "KILL: ", "(Adds ", "(Reporting by ", ")", "By ", "\n\n", "\r\n", "\t", "\x00",
    "\ufeff", "\u2028", "😀", "İ", "é", "date 2017-11-09 ", "2017-11-09T00:00:00Z",
)  # fmt: skip


def check(content: bytes, name: str, charset: str | None = None) -> None:
    """Parse, and hold every result to what its type promises."""
    try:
        results = list(parse(document(content, name, charset=charset)))
    except ParseError:
        return
    for result in results:
        if isinstance(result, Rejected):
            assert result.part
            assert result.reason
        else:
            check_story(result)


def check_story(story: Story) -> None:
    assert story.uri
    for span in (story.dateline, story.trailer):
        assert span is None or within(span, story.body)
    for text in (story.uri, story.headline, story.body, story.slugline or "", story.byline or "", *story.topics):
        text.encode()
        assert "\0" not in text
    for moment in (story.published_at, story.updated_at, story.embargo_until, story.expires_at):
        assert moment is None or moment.utcoffset() is not None
    assert story.embargo_until is None or story.status is Status.WITHHELD
    assert story.urgency is None or 1 <= story.urgency <= 9


def within(span: Span, body: str) -> bool:
    return 0 <= span.start < span.end <= len(body)


def mutated(golden: bytes, seed: int) -> bytes:
    """A golden input with a few pieces cut out, doubled, swapped or overwritten."""
    rng = random.Random(seed)
    content = bytearray(golden)
    for _ in range(rng.randint(1, 6)):
        at, length = rng.randrange(len(content) + 1), rng.choice((1, 1, 2, 8, 64, 512))
        change: Callable[[], bytes] = rng.choice(
            (
                lambda: b"",
                lambda at=at, length=length: bytes(content[at : at + length]) * 3,
                lambda: rng.choice(TOKENS).encode("utf-8", "surrogatepass"),
                lambda length=length: rng.randbytes(min(length, 8)),
            )
        )
        content[at : at + length] = change()
    return bytes(content)
