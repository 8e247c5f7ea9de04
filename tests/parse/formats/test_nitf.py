"""NITF beyond the golden files, and what no XML may do."""

import pytest

from pipeline.errors import ParseError
from pipeline.models import Status, Story
from pipeline.parse import parse
from tests.parse.documents import document, only_story


def nitf(docdata: str = "", body: str = "<p>Text.</p>", attributes: str = "") -> str:
    return (
        f"<nitf><head><docdata {attributes}>{docdata}</docdata></head>"
        f"<body><body.head><hedline><hl1>Head</hl1></hedline></body.head><body.content>{body}</body.content></body></nitf>"
    )


def test_nitf_without_namespace_or_id() -> None:
    first, second = only_story(document(nitf())), only_story(document(nitf()))
    assert first.uri == second.uri
    assert (first.headline, first.body) == ("Head", "Text.")


@pytest.mark.parametrize(
    ("docdata", "uri"),
    [
        ('<doc-id regsrc="AP" id-string="1"/>', "AP:1"),
        ('<doc-id id-string="urn:newsml:a.example:2017:1"/>', "urn:newsml:a.example:2017:1"),
        ('<doc-id regsrc="AP" id-string="1"/><du-key key="k" version="3"/>', "AP:k"),
        ('<doc-id regsrc="AP" id-string="1"/><du-key key="k"/>', "AP:1"),
    ],
)
def test_nitf_ids(docdata: str, uri: str) -> None:
    assert only_story(document(nitf(docdata))).uri == uri


@pytest.mark.parametrize(
    "norm", ["20171109T040000-0500", "20171109040000-0500", "20171109T090000Z", "2017-11-09T09:00:00Z"]
)
def test_nitf_times(norm: str) -> None:
    story = only_story(document(nitf(f'<date.issue norm="{norm}"/>')))
    assert story.updated_at is not None
    assert story.updated_at.isoformat() == "2017-11-09T09:00:00+00:00"


def test_a_document_that_cancels_another() -> None:
    attributes = 'management-doc-idref="1" management-idref-status="canceled"'
    first, second = parse(document(nitf('<doc-id regsrc="AP" id-string="2"/>', attributes=attributes)))
    assert isinstance(first, Story)
    assert isinstance(second, Story)
    assert (first.status, second.status, second.uri) == (Status.USABLE, Status.WITHDRAWN, "AP:1")


def test_embeds_and_captions_are_no_text() -> None:
    media = "<media><media-caption>Pic</media-caption></media>"
    body = f"<p>One.</p>{media}<p>&lt;script src='x'&gt;&lt;/script&gt;</p><p>1 &lt; 2</p>"
    assert only_story(document(nitf(body=body))).body == "One.\n\n1 < 2"


def test_utf_8_that_calls_itself_latin_1() -> None:
    raw = '<?xml version="1.0" encoding="iso-8859-1"?>' + nitf(body="<p>København</p>")
    assert only_story(document(raw)).body == "København"
    assert only_story(document(raw.encode("latin-1"))).body == "København"


def test_control_characters_and_a_wrong_encoding_are_survived() -> None:
    assert only_story(document(nitf(body="<p>a\x01b</p>"))).body == "a b"
    assert only_story(document(nitf(body="<p>Zürich</p>").encode("latin-1"))).body == "Zürich"


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE n [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE n [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>',
        '<!doctype n PUBLIC "-//x" "y.dtd" [ <!ATTLIST p a CDATA "x"> ]>',
    ],
)
def test_declared_entities_are_refused(prolog: str) -> None:
    with pytest.raises(ParseError, match="refused"):
        list(parse(document(prolog + nitf())))


def test_undeclared_entities_and_depth_are_refused() -> None:
    for body in ("&nbsp;", "<p>" * 1000):
        with pytest.raises(ParseError, match="not well-formed"):
            list(parse(document(nitf(body=body))))
