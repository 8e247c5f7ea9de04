"""Whatever comes in: stories, rejections or a ParseError come out, and every span lies in its text."""

import contextlib
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import ParseError
from pipeline.models import Rejected, Span, Status, Story
from pipeline.parse import parse, parse_article, without_take_line
from pipeline.parse.html import to_text
from pipeline.parse.identity import canonical_url
from pipeline.parse.takes import read_take_line
from pipeline.parse.wire import read_wire
from tests.parse.documents import ARRIVED, document
from tests.parse.golden import inputs

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
SOAK = settings(max_examples=100_000, deadline=None, suppress_health_check=list(HealthCheck))
NAMES = ("", "a.txt", "a.xml", "a.json", "a.jsonl", "a.jsonl.gz", "https://feed.example/rss")

# pieces that mean something to one of the parsers
TOKENS = (
    "<rss>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<link>", "<guid>", "<pubDate>", "<feed>",
    "<entry>", "<content type='xhtml'>", "<![CDATA[", "]]>", "<!--", "-->", "<?xml version='1.0'?>",
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


documents = st.one_of(
    st.binary(max_size=400),
    st.text(max_size=400).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(st.sampled_from(TOKENS) | st.text(max_size=8), max_size=60).map(
        lambda pieces: "".join(pieces).encode("utf-8", "surrogatepass")
    ),
)


def parses(content: bytes, name: str, charset: str | None) -> None:
    check(content, name, charset)


random_documents = given(documents, st.sampled_from(NAMES), st.sampled_from([None, "utf-8", "latin-1", "utf-16", "x"]))
test_documents = QUICK(random_documents(parses))
test_documents_soak = pytest.mark.soak(SOAK(random_documents(parses)))


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


def parses_mutated(path: Path, seed: int) -> None:
    check(mutated(path.read_bytes(), seed), path.name)


mutations = given(st.sampled_from(inputs()), st.integers(min_value=0, max_value=2**40))
test_mutations = QUICK(mutations(parses_mutated))
test_mutations_soak = pytest.mark.soak(SOAK(mutations(parses_mutated)))


@QUICK
@given(st.lists(st.sampled_from(TOKENS) | st.text(max_size=8), max_size=40).map("".join), st.text(max_size=60))
def test_wire_marks(body: str, headline: str) -> None:
    marks = read_wire(headline, headline, body, ARRIVED)
    assert marks.dateline is None or within(marks.dateline.span, body)
    assert marks.trailer is None or within(marks.trailer, body)
    assert 0 <= read_take_line(headline)[1] <= len(headline)
    assert without_take_line(headline) in headline


@QUICK
@given(st.lists(st.sampled_from(TOKENS) | st.text(max_size=8), max_size=40).map("".join))
def test_markup(markup: str) -> None:
    text = to_text(markup)
    assert "<script" not in text.lower()
    assert text == text.strip("\r\n") or "<pre>" in markup


@QUICK
@given(st.text(max_size=60) | st.text(max_size=40).map(lambda rest: f"https://a.example/{rest}"))
def test_addresses(url: str) -> None:
    canonical = canonical_url(url)
    assert canonical is None or canonical_url(canonical) == canonical


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(TOKENS) | st.text(max_size=30), max_size=40).map("".join))
def test_article_pages(page: str) -> None:
    with contextlib.suppress(ParseError):
        check_story(parse_article(document(page), Story(uri="u", headline="h")))


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        "A ",
        "LONDON - ",
        "LONDON, ",
        "(Adds ",
        "\n",
        " \n",
        "\n(",
        "(Reporting by ",
        "Reporting by A;",
        "UPDATE 1-",
        "<p",
        "&lt;",
        "_",
    ],
)
def test_a_repeated_pattern_costs_in_proportion(pattern: str) -> None:
    # a quadratic step would take minutes at this size
    text = pattern * (1_000_000 // len(pattern))
    read_wire(text[:1000], text[:1000], text, ARRIVED)
    to_text(text[:200_000])
    without_take_line(text)
