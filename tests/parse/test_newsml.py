"""NewsML-G2, NITF and IPTC 7901 beyond the golden files."""

import pytest

from pipeline.errors import ParseError
from pipeline.models import Rejected, Status, Story, TakeKind
from pipeline.parse import parse
from tests.parse.documents import document, only_story

NAR = "http://iptc.org/std/nar/2006-10-01/"


def item(meta: str = "", content: str = "<headline>Head</headline>", body: str = "", attributes: str = "") -> str:
    return (
        f'<newsItem xmlns="{NAR}" guid="tag:a.example,2017:1" version="2" {attributes}>'
        f'<itemMeta><itemClass qcode="ninat:text"/>{meta}</itemMeta>'
        f"<contentMeta>{content}</contentMeta><contentSet>{body}</contentSet></newsItem>"
    )


@pytest.mark.parametrize(
    ("meta", "status"),
    [
        ("", Status.USABLE),
        ('<pubStatus qcode="stat:usable"/>', Status.USABLE),
        ('<pubStatus qcode="stat:withheld"/>', Status.WITHHELD),
        ('<pubStatus uri="http://cv.iptc.org/newscodes/pubstatusg2/canceled"/>', Status.WITHDRAWN),
        ("<embargoed>2017-11-12T00:00:00Z</embargoed>", Status.WITHHELD),
        ("<embargoed>2017-11-09T00:00:00Z</embargoed>", Status.USABLE),
        ("<embargoed/>", Status.WITHHELD),
    ],
)
def test_status(meta: str, status: Status) -> None:
    assert only_story(document(item(meta))).status is status


@pytest.mark.parametrize(
    ("signal", "kind"),
    [("sig:update", TakeKind.UPDATE), ("sig:correction", TakeKind.CORRECTION), ("sig:atomic", TakeKind.FIRST)],
)
def test_signals(signal: str, kind: TakeKind) -> None:
    story = only_story(document(item(f'<signal qcode="{signal}"/>')))
    assert story.take is kind
    assert story.corrected is (kind is TakeKind.CORRECTION)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<inlineData>Plain  text.\n</inlineData>", "Plain  text.\n"),
        ('<inlineData contenttype="text/html">&lt;p&gt;a&lt;/p&gt;&lt;p&gt;b&lt;/p&gt;</inlineData>', "a\n\nb"),
        ('<inlineData encoding="encd:base64">UGxhaW4=</inlineData>', "Plain"),
        ('<inlineData encoding="encd:base64">!</inlineData>', ""),
        ('<inlineData contenttype="image/jpeg">QUJD</inlineData>', ""),
        (
            '<inlineXML><html xmlns="http://www.w3.org/1999/xhtml"><body><p>x<br/>y</p></body></html></inlineXML>',
            "x\ny",
        ),
        ("<inlineXML><nitf><body><body.content><p>n</p></body.content></body></nitf></inlineXML>", "n"),
        ('<remoteContent href="file:///etc/hostname"/>', ""),
    ],
)
def test_content(body: str, text: str) -> None:
    assert only_story(document(item(body=body))).body == text


def test_a_subject_in_a_catalog_of_the_items_own() -> None:
    catalog = '<catalog><scheme alias="x" uri="http://cv.iptc.org/newscodes/mediatopic/"/></catalog>'
    content = '<headline>h</headline><subject qcode="x:20000206"/><subject qcode="y:20000206"/>'
    raw = item(content=content).replace("<itemMeta>", catalog + "<itemMeta>")
    assert only_story(document(raw)).topics == ("medtop:20000206",)


def test_a_dateline_of_the_metadata() -> None:
    story = only_story(document(item(content="<headline>h</headline><dateline>MOSCOW, Monday (Reuters)</dateline>")))
    assert (story.dateline_place, story.agency, story.dateline) == ("Moscow", "Reuters", None)


def test_an_item_without_guid_is_rejected() -> None:
    (rejected,) = parse(document(item().replace("guid=", "id=")))
    assert isinstance(rejected, Rejected)
    assert "no guid" in rejected.reason


@pytest.mark.parametrize("root", ["newsMessage", "contentSet", "contentMeta", "groupSet", "html", "note", "NewsML"])
def test_what_holds_no_item_is_an_error(root: str) -> None:
    with pytest.raises(ParseError):
        list(parse(document(f'<{root} xmlns="{NAR}"><a/></{root}>')))


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


def test_a_teleprinter_message_without_an_end_of_heading() -> None:
    message = (
        "\x01abc001 2 i 10 xyz\r\n\r\nSlug/\r\n\x02The headline\r\n\r\nLONDON (AP) - Text.\r\n\x03101015 Nov 17\r\n\x04"
    )
    story = only_story(document(message))
    assert (story.headline, story.body, story.agency, story.urgency) == ("The headline", "LONDON (AP) - Text.", "AP", 2)


@pytest.mark.parametrize("message", ["\x01\x02", "\x01x\x02\x03\x04", "\x01abc001 2 i\r\n\x02\r\n\x03"])
def test_an_empty_teleprinter_message_is_rejected(message: str) -> None:
    assert all(isinstance(result, Rejected) for result in parse(document(message)))
