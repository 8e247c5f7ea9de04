"""Documents that are no news: refused with what was expected, within bounded time and memory."""

import contextlib
import gzip
import json
import random
import sys
from pathlib import Path

import pytest

from pipeline.errors import ParseError
from pipeline.models import Origin, Rejected, Story
from pipeline.parse import parse, parse_file
from pipeline.parse.io.compressed import lines_of
from pipeline.parse.io.decode import decode
from tests.parse.documents import ARRIVED, document, only_story, rss

JUNK = random.Random(7).randbytes(20_000)


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (b"", "a.xml", "empty"),
        (b" \r\n\t", "a.txt", "empty"),
        (b"\xef\xbb\xbf", "a.txt", "empty"),
        (JUNK, "a.bin", "binary"),
        (JUNK, "a.txt", "binary"),
        (b"\x89PNG\r\n\x1a\n" + JUNK, "a.png", "binary"),
        (b"PK\x03\x04" + JUNK, "a.docx", "binary"),
        (bytes(5_000_000), "a.txt", "binary"),
        (b"<html><body>404</body></html>", "feed.xml", "web page"),
        (b"<!DOCTYPE html><html lang=en><title>Log in</title>", "rss", "web page"),
        (b"<?xml version='1.0'?><note>x</note>", "a.xml", "<note> is unknown"),
        (b"<?xml version='1.0'?>", "a.xml", "without a root"),
        (b"<?xml version='1.0'?><NewsML><NewsEnvelope/></NewsML>", "a.xml", "holds no NewsItem"),
        (b"name,age\nAnn,3\n", "people.csv", "format is unknown"),
        (b"Received: by mail\nSubject: x\n\nbody", "mail.txt", "e-mail"),
        (b"\x16\x16\x01a0042\x1f", "wire.tst", "ANPA 1312"),
        (gzip.compress(b"", mtime=0), "a.gz", "empty"),
        (gzip.compress(b"LONDON (AP) - Text", mtime=0)[:-9], "a.txt.gz", "gzip data is damaged"),
        (gzip.compress(bytes(140_000_000), 1, mtime=0), "a.xml.gz", "grows to more than"),
        (b"word " * 4_000_000, "a.txt", "no single story"),
        (b"{]", "a.json", "not valid JSON"),
        (b"[" * 200_000, "a.json", "nested too deeply"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else None,
)
def test_refused_with_the_reason(content: bytes, name: str, expected: str) -> None:
    with pytest.raises(ParseError, match=expected):
        list(parse(document(content, name)))


@pytest.mark.parametrize(
    "content", [b"<rss>" + b"<channel>" * 5000, b"<feed><entry>" + b"<" * 20_000, b"<rdf:RDF" + b" a='b'" * 9000]
)
def test_hostile_feeds_end(content: bytes) -> None:
    with contextlib.suppress(ParseError):
        list(parse(document(content)))


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.xml", tmp_path / "missing.jsonl", tmp_path):
        with pytest.raises(ParseError, match="cannot be read"):
            list(parse_file(path, Origin("import", str(path), ARRIVED)))


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.xml"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(ParseError, match="at most"):
        list(parse_file(path, Origin("import", str(path), ARRIVED)))


def test_a_bomb_of_many_short_lines_is_stopped() -> None:
    def endless(_: int) -> bytes:
        return b"{}\n" * 100_000

    with pytest.raises(ParseError, match="times its size"):
        for _ in lines_of(endless, compressed_size=1000):
            pass


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (gzip.compress(b"{}\n" * 5_000_000, 1, mtime=0), "a.jsonl.gz"),
        (b"[" + b"1," * 500_000 + b"1]", "a.json"),
        (b"\x01abc\x02" * 50_000, "a.txt"),
    ],
    ids=["lines", "array", "messages"],
)
def test_ten_thousand_items_in_a_row_that_are_no_stories_are_enough(content: bytes, name: str) -> None:
    *rejections, last = parse(document(content, name))
    assert len(rejections) == 10_000
    assert isinstance(last, Rejected)
    assert "the rest of the document is not read" in last.reason


def test_a_line_without_an_end_is_stopped() -> None:
    with pytest.raises(ParseError, match="a line of more than"):
        list(lines_of(lambda limit: b"x" * limit))


def test_a_story_of_a_megabyte() -> None:
    body = "LONDON (AP) - " + "A word after another. " * 50_000
    assert only_story(document(json.dumps({"uri": "u", "body_text": body}))).body == body
    paragraphs = "".join(f"&lt;p&gt;Paragraph {n} of it.&lt;/p&gt;" for n in range(30_000))
    story = only_story(document(rss(f"<title>t</title><description>{paragraphs}</description>")))
    assert story.body.count("\n\n") == 29_999


def test_control_characters_never_reach_a_story() -> None:
    story = only_story(document("LONDON (AP) - A\x1b[31m red\x07 word." + " x" * 300))
    assert story.body.startswith("LONDON (AP) - A\ufffd[31m red\ufffd word.")


def test_a_payload_is_cut_at_a_megabyte() -> None:
    (rejected,) = parse(document(json.dumps({"uri": "u", "type": "picture", "headline": "h" * 3_000_000})))
    assert isinstance(rejected, Rejected)
    assert len(rejected.payload) == 1024 * 1024


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Zürich öffnet"),
        ("utf-8-sig", "Zürich öffnet"),
        ("utf-16", "Zürich öffnet die Grenze"),
        ("utf-16-le", "Zürich öffnet die Grenze"),
        ("utf-32", "Zürich öffnet die Grenze"),
        ("cp1252", "“Zürich” öffnet"),
        ("cp1251", "Россия и Турция подписали соглашение о поставке ракетных комплексов, сообщает агентство"),
        ("shift_jis", "日本とトルコは金曜日、防空システムに関する協力の意向書に署名したと発表した"),
    ],
)
def test_encodings_without_a_label(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    "label", ["latin-1", "ISO-8859-1", "ascii", '"utf-8"', "no-such", "zlib", "utf-7", "rot13", "", None, "\0"]
)
def test_labels_are_checked(label: str | None) -> None:
    assert decode("“Zürich” öffnet".encode("cp1252"), label) == "“Zürich” öffnet"
    assert decode("Zürich".encode(), label) == "Zürich"


def test_a_declared_encoding_is_believed_where_the_bytes_allow_it() -> None:
    assert decode("Łódź".encode("cp1250"), "windows-1250") == "Łódź"


def test_the_carriers_word_makes_unknown_text_a_story() -> None:
    text = "Nothing says that this is a story, and yet it is one."
    assert only_story(document(text, "https://a.example/x.php", content_type="text/plain; charset=utf-8")).body == text
    assert only_story(document(text, "a.txt")).body == text


def test_a_dateline_makes_any_text_a_story() -> None:
    assert only_story(document("LONDON (AP) - Text.", "wire.dat")).agency == "AP"


def test_deep_recursion_of_the_caller_is_no_difference() -> None:
    def deep(levels: int) -> list[Story | Rejected]:
        if levels:
            return deep(levels - 1)
        return list(parse(document('{"uri": "u", "headline": "h"}')))

    assert len(deep(sys.getrecursionlimit() // 2)) == 1


def test_a_grammar_elsewhere_is_not_read_and_one_in_the_document_is_refused() -> None:
    item = "<nitf><head><docdata><doc-id regsrc='x' id-string='1'/></docdata></head><body><body.content><p>One.</p>"
    item += "</body.content></body></nitf>"
    elsewhere = '<!DOCTYPE nitf SYSTEM "nitf.dtd" [ <!ENTITY % more SYSTEM "file:///etc/passwd"> %more; ]>'
    assert only_story(document(elsewhere + item)).body == "One."
    with pytest.raises(ParseError, match="grammar of its own"):
        list(parse(document('<!DOCTYPE nitf [ <!ENTITY a "b"> ]>' + item)))
    endless = "<!DOCTYPE nitf [" + " " * 5000 + '<!ENTITY % a SYSTEM "x">' * 5000
    with pytest.raises(ParseError):
        list(parse(document(endless + item)))
