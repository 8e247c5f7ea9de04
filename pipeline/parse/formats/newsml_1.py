"""NewsML 1.0 to 1.2, which several agencies still send: news items with text as NITF, XHTML or plain.

Source: the NewsML 1.2 functional specification (https://iptc.org/std/NewsML/1.2/).
"""

from collections.abc import Iterator

from lxml import etree

from pipeline.errors import ParseError
from pipeline.models import PublisherLink, RawDocument, Rejected, TakeKind
from pipeline.parse.conventions.agencies import known_agency
from pipeline.parse.conventions.dateline import read_label
from pipeline.parse.fields import Fields
from pipeline.parse.formats import nitf as nitf_format
from pipeline.parse.io.html import looks_like_html, to_text, tree_text
from pipeline.parse.io.safe_xml import child, children, find, find_all, local_name, read_tree, text_of
from pipeline.parse.rejected import reject
from pipeline.parse.values.identity import split_newsml_urn
from pipeline.parse.values.subject_codes import qualified_code
from pipeline.parse.values.written_times import read_time
from pipeline.wire.take_line import CORRECTED, FIRST, TakeRole

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_TEXT = frozenset({"photo", "graphic", "video", "audio", "animation", "complexdata"})
_NOT_THE_STORY = _NOT_TEXT | {
    "byline", "caption", "clip", "contact", "headline", "image", "legend", "picture", "sound", "stylesheet",
    "subheadline", "title",
}  # fmt: skip
_SUBJECTS = ("Subject", "SubjectMatter", "SubjectDetail")
_INSTRUCTIONS = {
    "update": TakeRole(TakeKind.UPDATE),
    "correction": CORRECTED,
    "correct": CORRECTED,
    "rectify": CORRECTED,
    "delete": TakeRole(TakeKind.KILL),
    "kill": TakeRole(TakeKind.KILL),
}
_LINKS = {"DerivedFrom": "evolved_from", "AssociatedWith": "see_also"}


def read(document: RawDocument) -> Iterator[Fields | Rejected]:
    """Read the items of a NewsML document; those without text are Rejected.

    Raises:
        ParseError: The document cannot be read, or holds no item.
    """
    root = read_tree(document.content, document.charset, "NewsML")
    items = [item for item in root if local_name(item) == "NewsItem"]
    if not items:
        raise ParseError("the NewsML document holds no NewsItem")
    for number, item in enumerate(items, start=1):
        try:
            yield _fields(item)
        except ParseError as error:
            yield reject(document, f"item {number}", str(error), etree.tostring(item))


def _fields(item: etree._Element) -> Fields:
    management = child(item, "NewsManagement")
    management = etree.Element("NewsManagement") if management is None else management
    lines = next((group for group in find_all(item, "NewsLines") if child(group, "HeadLine") is not None), None)
    headline, body = text_of(None if lines is None else child(lines, "HeadLine")), _body(item)
    status = _formal(child(management, "Status")).lower() or None
    if not body and status not in {"canceled", "cancelled"}:
        names = [_formal(element).lower() for name in ("MediaType", "Role") for element in find_all(item, name)]
        kinds = sorted({name for name in names if name in _NOT_TEXT})
        raise ParseError(f"a NewsML item without text of its own ({', '.join(kinds) or 'no content'}) is not a story")
    uri, version = _identity(item)
    place, signed = read_label(_line(lines, "DateLine"))
    provider = _party(item, "Provider")
    sent = read_time(text_of(child(management, "ThisRevisionCreated")))
    return Fields(
        uri=uri,
        version=version,
        publishing_status=status,
        embargo=_embargo(management, status),
        headline=headline,
        slugline=_line(lines, "SlugLine") or text_of(child(item, "Identification", "NameLabel")) or None,
        body=body,
        language=_formal(find(item, "Language")) or item.get(_LANG),
        byline=_line(lines, "ByLine") or None,
        located=place,
        agency=signed or known_agency(provider) or known_agency(_party(item, "Source")),
        source=provider or None,
        urgency=_formal(child(management, "Urgency")),
        topics=tuple(_topics(item)),
        published_at=read_time(text_of(child(management, "FirstCreated"))) or sent,
        updated_at=sent,
        links=tuple(_links(management)),
        rights=_line(lines, "CopyrightLine") or None,
        role=_INSTRUCTIONS.get(_formal(child(management, "Instruction")).lower(), FIRST),
    )


def _formal(element: etree._Element | None) -> str:
    return "" if element is None else (element.get("FormalName") or "").strip()


def _line(lines: etree._Element | None, name: str) -> str:
    return "" if lines is None else text_of(child(lines, name))


def _party(item: etree._Element, role: str) -> str:
    holder = find(item, role)
    return "" if holder is None else _formal(child(holder, "Party"))


def _identity(item: etree._Element) -> tuple[str, str | None]:
    """Return the item's name without its revision, and the revision.

    Raises:
        ParseError: The item has no name.
    """
    identifier = child(item, "Identification", "NewsIdentifier")
    parts = [
        text_of(None if identifier is None else child(identifier, name))
        for name in ("ProviderId", "DateId", "NewsItemId", "RevisionId", "PublicIdentifier")
    ]
    revision = parts[3] or None
    public, written = split_newsml_urn(parts[4])
    if written is not None:  # a whole name; some send only its beginning
        return public, revision or written
    if not (parts[0] and parts[2]):
        raise ParseError("the NewsML item has no NewsIdentifier, so that its versions could not be told from others")
    return f"urn:newsml:{parts[0]}:{parts[1]}:{parts[2]}", revision


def _embargo(management: etree._Element, status: str | None) -> str | None:
    """Return when a held-back item becomes usable, "" if nobody says so; None for one that is not held back."""
    if status not in {"embargoed", "withheld"}:
        return None
    change = child(management, "StatusWillChange")
    return "" if change is None else text_of(child(change, "DateAndTime"))


def _body(item: etree._Element) -> str:
    """Return the longest text among the item's contents."""
    contents = [content for content in find_all(item, "ContentItem") if not _is_other(content)]
    return max((_text(data) for content in contents for data in children(content, "DataContent")), key=len, default="")


def _is_other(content: etree._Element) -> bool:
    """Whether a content is no text, or text that belongs to something else: a picture's caption, a contact."""
    if _formal(child(content, "MediaType")).lower() in _NOT_TEXT:
        return True
    components = content.iterancestors("{*}NewsComponent")
    return any(_formal(child(component, "Role")).lower() in _NOT_THE_STORY for component in components)


def _text(data: etree._Element) -> str:
    inner = find(data, "nitf")
    if inner is not None:
        return nitf_format.body_of(inner)
    if find(data, "p") is not None or find(data, "body") is not None:
        page = find(data, "body")
        return tree_text(data if page is None else page)
    text = "".join(map(str, data.itertext()))
    return to_text(text) if looks_like_html(text) else text.strip("\r\n")


def _topics(item: etree._Element) -> Iterator[str]:
    for code in find_all(item, "SubjectCode"):
        for name in _SUBJECTS:
            for subject in children(code, name):
                topic = qualified_code("subj", _formal(subject))
                if topic:
                    yield topic


def _links(management: etree._Element) -> Iterator[PublisherLink]:
    for name, rel in _LINKS.items():
        for link in children(management, name):
            target = (link.get("NewsItem") or "").strip()
            if target:
                yield PublisherLink(rel, split_newsml_urn(target)[0])
