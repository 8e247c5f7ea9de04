"""NewsML-G2: news items alone, in packages and in news messages; text as NITF, XHTML or plain, remote content ignored.

Read with lxml rather than the IPTC's own ``newsmlg2`` (1.1): that library keeps its catalogs in one list a process,
prints to standard output for each catalog that is not the IPTC's, takes text for a file's name, gives no choice of XML
parser, and raises TypeError on three of the IPTC's own examples (listings 14, 15 and 29 of the guidelines).

Source: the NewsML-G2 specification 2.35 and guidelines (https://iptc.org/std/NewsML-G2/).
"""

import binascii
from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from pipeline.errors import ParseError
from pipeline.models import PublisherLink, RawDocument, Rejected, TakeKind
from pipeline.parse.conventions.agencies import known_agency
from pipeline.parse.conventions.dateline import read_label
from pipeline.parse.fields import Fields
from pipeline.parse.formats import nitf as nitf_format
from pipeline.parse.io.decode import decode, one_line
from pipeline.parse.io.html import looks_like_html, to_text, tree_text
from pipeline.parse.io.safe_xml import child, children, find, find_all, local_name, read_tree, text_of
from pipeline.parse.rejected import reject
from pipeline.parse.values.identity import canonical_url, host_of, split_newsml_urn
from pipeline.parse.values.subject_codes import code_of_concept, qualified_code
from pipeline.parse.values.written_times import read_time
from pipeline.wire.take_line import FIRST, TakeRole

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_STORY_CLASSES = frozenset({"", "text", "composite"})
_OTHERS = {
    "packageItem": "a package only refers to items",
    "conceptItem": "a concept is not a story",
    "knowledgeItem": "a list of concepts is not a story",
    "planningItem": "planned coverage is not a story",
    "catalogItem": "a catalog is not a story",
}
_RELATIONS = {
    "previousversion": "previous_version",
    "evolvedfrom": "evolved_from",
    "replaces": "replaces",
    "seealso": "see_also",
}
_SIGNALS = {
    "update": TakeRole(TakeKind.UPDATE),
    "correction": TakeRole(TakeKind.CORRECTION, corrected=True),
    "corrected": TakeRole(TakeKind.CORRECTION, corrected=True),
    "refile": TakeRole(TakeKind.REFILE),
    "repeat": TakeRole(TakeKind.REPEAT),
    "kill": TakeRole(TakeKind.KILL),
    "withdraw": TakeRole(TakeKind.KILL),
}
_TOPICAL = frozenset({"", "abstract"})
_LARGEST_INLINE = 16 * 1024 * 1024


def read(document: RawDocument) -> Iterator[Fields | Rejected]:
    """Read the items of a news message, or the one item; every item that is no story is Rejected with what it is.

    Raises:
        ParseError: The XML cannot be read, or the message holds no item.
    """
    root = read_tree(document.content, document.charset, "NewsML-G2")
    if local_name(root) == "newsMessage":
        item_sets = children(root, "itemSet")
        items = [item for item_set in item_sets for item in item_set if local_name(item)]
        if not items:
            raise ParseError("the NewsML-G2 message holds no item; expected newsItem elements in its itemSet")
    else:
        items = [root]
    for number, item in enumerate(items, start=1):
        part = f"item {number} ({local_name(item)})"
        try:
            yield _fields(item, document)
        except ParseError as error:
            yield reject(document, part, str(error), etree.tostring(item))


def _fields(item: etree._Element, document: RawDocument) -> Fields:
    item_meta, content_meta = _require_story(item)
    status = _local_code(child(item_meta, "pubStatus")) or None
    headline, body = _require_text(item, content_meta, status, document)
    guid, revision = _require_guid(item)
    sent = read_time(text_of(child(item_meta, "versionCreated")))
    embargo = child(item_meta, "embargoed")
    located, signed = _filed(item, content_meta)
    return Fields(
        uri=guid,
        version=item.get("version") or revision,
        publishing_status=status,
        embargo=None if embargo is None else text_of(embargo),
        headline=headline or _first(item_meta, "title"),
        slugline=_first(content_meta, "slugline") or None,
        body=body,
        language=_language(item, content_meta),
        byline=_byline(item, content_meta),
        located=located,
        agency=signed or _agency(item, item_meta, content_meta),
        source=_source(item, item_meta, content_meta),
        url=_page(item, item_meta),
        urgency=text_of(child(content_meta, "urgency")),
        topics=_topics(item, content_meta),
        published_at=_published(item_meta, content_meta) or sent,
        updated_at=sent,
        links=_links(item_meta),
        rights=_rights(item),
        expires_at=read_time(text_of(find(item, "expires"))),
        note=_first(item_meta, "edNote") or None,
        role=_signal(item_meta),
    )


def _require_story(item: etree._Element) -> tuple[etree._Element, etree._Element]:
    """Return the metadata of the item and of its content.

    Raises:
        ParseError: The item is something else than a story in words.
    """
    name = local_name(item)
    if name != "newsItem":
        raise ParseError(_OTHERS.get(name, f"<{name}> is not a story; expected newsItem"))
    item_meta, content_meta = child(item, "itemMeta"), child(item, "contentMeta")
    kind = _local_code(None if item_meta is None else child(item_meta, "itemClass"))
    if kind not in _STORY_CLASSES:
        raise ParseError(f"a news item of class {kind!r} is not a story; expected text")
    return (
        etree.Element("itemMeta") if item_meta is None else item_meta,
        etree.Element("contentMeta") if content_meta is None else content_meta,
    )


def _require_text(
    item: etree._Element, content_meta: etree._Element, status: str | None, document: RawDocument
) -> tuple[str, str]:
    """Return headline and body, each "" without one.

    Raises:
        ParseError: The item has neither, and does not cancel its story.
    """
    inner = _inner_nitf(item)
    headline = _first(content_meta, "headline") or ("" if inner is None else nitf_format.headline_of(inner))
    body = _body(item, document) or _first(content_meta, "description")
    if not headline and not body and status != "canceled":
        raise ParseError("the news item has neither headline nor text of its own (remote content is not fetched)")
    return headline, body


def _require_guid(item: etree._Element) -> tuple[str, str | None]:
    """Return the item's guid without a revision, and that revision; raises ParseError without a guid."""
    guid, revision = split_newsml_urn(item.get("guid") or "")
    if not guid:
        raise ParseError("the news item has no guid, so that its versions could not be told from other stories")
    return guid, revision


def _code(element: etree._Element | None) -> str:
    """Return a concept as qcode, uri or literal; empty without one."""
    if element is None:
        return ""
    return next((value.strip() for key in ("qcode", "uri", "literal") if (value := element.get(key))), "")


def _local_code(element: etree._Element | None) -> str:
    """Return the code without its scheme: "ninat:text", "icls:text" and ".../ninature/text" are all "text"."""
    return _code(element).replace("/", ":").rpartition(":")[2].lower()


def _first(parent: etree._Element, name: str) -> str:
    """Return the text of the first child of that name that has any."""
    return next((text for element in children(parent, name) if (text := text_of(element))), "")


def _name(element: etree._Element | None) -> str:
    """Return a concept's name, else its literal, else "": codes are no names."""
    if element is None:
        return ""
    return _first(element, "name") or one_line(element.get("literal") or "")


def _inner_nitf(item: etree._Element) -> etree._Element | None:
    content = child(item, "contentSet")
    return None if content is None else find(content, "nitf")


def _body(item: etree._Element, document: RawDocument) -> str:
    """Return the longest text that the item itself carries."""
    content = child(item, "contentSet")
    if content is None:
        return ""
    texts = [_inline_xml(inline) for inline in children(content, "inlineXML")]
    texts += [_inline_data(inline, document) for inline in children(content, "inlineData")]
    return max(texts, key=len, default="")


def _inline_xml(inline: etree._Element) -> str:
    inner = find(inline, "nitf")
    if inner is not None:
        return nitf_format.body_of(inner)
    page = find(inline, "body")
    if page is None and find(inline, "p") is not None:
        page = inline
    return "" if page is None else tree_text(page)


def _inline_data(inline: etree._Element, document: RawDocument) -> str:
    kind = (inline.get("contenttype") or "text/plain").lower()
    text = "".join(map(str, inline.itertext()))
    if "base64" in (inline.get("encoding") or "").lower():
        try:
            text = decode(b64decode(text[:_LARGEST_INLINE], validate=False), document.charset)
        except (binascii.Error, ValueError):
            return ""
    if "html" in kind or looks_like_html(text):
        return to_text(text)
    return text if kind.startswith("text/") else ""


def _language(item: etree._Element, content_meta: etree._Element) -> str | None:
    language = child(content_meta, "language")
    content = child(item, "contentSet")
    inline = None if content is None else child(content, "inlineXML")
    tags = (
        None if language is None else language.get("tag"),
        None if inline is None else inline.get(_LANG),
        item.get(_LANG),
    )
    return next((tag for tag in tags if tag), None)


def _byline(item: etree._Element, content_meta: etree._Element) -> str | None:
    inner = _inner_nitf(item)
    written = _first(content_meta, "by") or (nitf_format.byline_of(inner) if inner is not None else None)
    names = [name for creator in children(content_meta, "creator") if " " in (name := _first(creator, "name"))]
    return written or ", ".join(dict.fromkeys(names)) or None


def _filed(item: etree._Element, content_meta: etree._Element) -> tuple[str | None, str | None]:
    """Return where the item was filed, and the agency where the dateline names one."""
    place, agency = read_label(_first(content_meta, "dateline"))
    inner = _inner_nitf(item)
    if place is None and inner is not None:
        place = nitf_format.place_of(inner)
    return place or _located(child(content_meta, "located")), agency


def _located(located: etree._Element | None) -> str | None:
    if located is None:
        return None
    name = _name(located)
    if not name:
        code = _code(located).rpartition(":")[2]
        name = code if code.replace("-", "").isalpha() and code[:1].isupper() and not code.isupper() else ""
    wider = [_name(broader) for broader in children(located, "broader")]
    country = next((text for text in reversed(wider) if text and text != name), None)
    return f"{name}, {country}" if name and country and "," not in name else name or None


def _published(item_meta: etree._Element, content_meta: etree._Element) -> datetime | None:
    """Return when the item was first created, else its content: for text that is next to its first publication."""
    first = read_time(text_of(child(item_meta, "firstCreated")))
    return first or read_time(text_of(child(content_meta, "contentCreated")))


def _source(item: etree._Element, item_meta: etree._Element, content_meta: etree._Element) -> str | None:
    """Return the publisher: who provides the item, else who holds its rights, else who the information is from."""
    provider = child(item_meta, "provider")
    holder = child(item, "rightsInfo", "copyrightHolder")
    origins = (_name(origin) for origin in children(content_meta, "infoSource"))
    candidates = (_name(provider), _short_code(provider), _name(holder), *origins, _first(content_meta, "creditline"))
    return next((name for name in candidates if name), None) or host_of(_code(provider))


def _agency(item: etree._Element, item_meta: etree._Element, content_meta: etree._Element) -> str | None:
    """Return the news agency among those who had a hand in the item."""
    hands = (
        *children(content_meta, "infoSource"),
        *children(content_meta, "creator"),
        child(item_meta, "provider"),
        child(item, "rightsInfo", "copyrightHolder"),
    )
    names = [name for hand in hands for name in (_name(hand), _short_code(hand)) if name]
    return next((agency for name in names if (agency := known_agency(name))), None)


def _short_code(element: etree._Element | None) -> str:
    """Return a qcode without its scheme: "nprov:REUTERS" -> "REUTERS"."""
    return "" if element is None else (element.get("qcode") or "").rpartition(":")[2].strip()


def _page(item: etree._Element, item_meta: etree._Element) -> str | None:
    """Return the story's own web page, where the publisher names one."""
    for link in children(item_meta, "link"):
        if _relation(link) in {"canonical", "webpage", "alternate"} and (url := canonical_url(link.get("href") or "")):
            return url
    return canonical_url(item.get("guid") or "")


def _relation(link: etree._Element) -> str:
    return (link.get("rel") or link.get("reluri") or "").replace("/", ":").rpartition(":")[2].lower()


def _links(item_meta: etree._Element) -> tuple[PublisherLink, ...]:
    return tuple(
        PublisherLink(rel, split_newsml_urn(target)[0])
        for link in children(item_meta, "link")
        if (rel := _RELATIONS.get(_relation(link)))
        and (target := (link.get("residref") or link.get("href") or "").strip())
    )


def _signal(item_meta: etree._Element) -> TakeRole:
    return next(
        (role for signal in children(item_meta, "signal") if (role := _SIGNALS.get(_local_code(signal)))), FIRST
    )


def _topics(item: etree._Element, content_meta: etree._Element) -> tuple[str, ...]:
    """Return media topics and subject codes, and the names of other abstract subjects; persons and places are none."""
    schemes = {scheme.get("alias") or "": scheme.get("uri") or "" for scheme in find_all(item, "scheme")}
    names: list[str] = []
    for subject in children(content_meta, "subject"):
        main = child(subject, "mainConcept")
        main = subject if main is None else main
        alias, _, code = (main.get("qcode") or "").partition(":")
        topic = code_of_concept(_code(main)) or qualified_code(schemes.get(alias, ""), code)
        kind = (subject.get("type") or "").rpartition(":")[2].lower()
        names.append(topic or (_name(main) if kind in _TOPICAL else ""))
    return tuple(names)


def _rights(item: etree._Element) -> str | None:
    rights = child(item, "rightsInfo")
    if rights is None:
        return None
    return (
        _first(rights, "copyrightNotice")
        or _first(rights, "usageTerms")
        or _name(child(rights, "copyrightHolder"))
        or None
    )
