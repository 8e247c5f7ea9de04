"""NewsML-G2 beyond the golden files."""

import pytest

from pipeline.errors import ParseError
from pipeline.models import Rejected, Status, TakeKind
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
