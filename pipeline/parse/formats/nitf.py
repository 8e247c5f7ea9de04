"""NITF 3.x, the News Industry Text Format: a document of its own, or the body of a NewsML-G2 or ninjs item.

Source: the schema nitf-3-6.xsd with its documentation (https://www.iptc.org/std/NITF/).
"""

import re
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from pipeline.errors import ParseError
from pipeline.models import PublisherLink, RawDocument, Rejected
from pipeline.parse.conventions.dateline import read_label
from pipeline.parse.fields import Fields
from pipeline.parse.io.decode import one_line
from pipeline.parse.io.html import to_text, tree_text
from pipeline.parse.io.safe_xml import attribute, child, find, find_all, local_name, read_tree, text_of
from pipeline.parse.rejected import reject
from pipeline.parse.values.identity import text_uri
from pipeline.parse.values.written_times import read_time
from pipeline.wire.take_line import CORRECTED, FIRST

_EXPECTED = "NITF"


def read(document: RawDocument) -> Iterator[Fields | Rejected]:
    """Read the story of an NITF document, and the kill of another one that it cancels.

    Raises:
        ParseError: The XML cannot be read, or holds no NITF.
    """
    root = read_tree(document.content, document.charset, _EXPECTED)
    nitf = root if local_name(root) == "nitf" else find(root, "nitf")
    if nitf is None:
        raise ParseError(f"XML with the root <{local_name(root)}> holds no <nitf>")
    try:
        yield _fields(nitf, document)
    except ParseError as error:
        yield reject(document, "document", str(error), document.content)
        return
    yield from _cancelled(nitf, document)


def body_text(markup: str) -> str:
    """Return the body of an NITF document given as text; empty if it cannot be read."""
    try:
        root = read_tree(markup.encode("utf-8", "replace"), "utf-8", _EXPECTED)
    except ParseError:
        return ""
    nitf = root if local_name(root) == "nitf" else find(root, "nitf")
    return "" if nitf is None else body_of(nitf)


def body_of(nitf: etree._Element) -> str:
    """Return the text of an NITF body with its closing tagline, paragraphs set apart by an empty line."""
    content = find(nitf, "body.content")
    parts = [tree_text(content)] if content is not None else []
    if content is None and (body := find(nitf, "body")) is not None:
        parts += [tree_text(part) for part in body if local_name(part) not in {"body.head", "body.end", ""}]
    end = find(nitf, "body.end")
    if end is not None:
        parts += [one_line(tree_text(tagline)) for tagline in find_all(end, "tagline")]
    return "\n\n".join(filter(None, map(_without_embeds, parts)))


def _without_embeds(text: str) -> str:
    """Drop paragraphs that are nothing but escaped markup: web agencies put players and embeds into NITF so."""
    if "<" not in text:
        return text
    paragraphs = (
        to_text(paragraph) if paragraph.startswith("<") and paragraph.endswith(">") else paragraph
        for paragraph in text.split("\n\n")
    )
    return "\n\n".join(filter(None, paragraphs))


def headline_of(nitf: etree._Element) -> str:
    """Return the main headline of an NITF body, else its title."""
    headline = find(nitf, "hedline")
    main = None if headline is None else child(headline, "hl1")
    head = child(nitf, "head")
    title = None if head is None else child(head, "title")
    return text_of(main) or text_of(headline) or text_of(title)


def byline_of(nitf: etree._Element) -> str | None:
    """Return the byline of an NITF body on one line, a job title after a comma."""
    byline = find(nitf, "byline")
    if byline is None:
        return None
    pieces = filter(None, (one_line(str(piece)).strip(" ,") for piece in byline.itertext()))
    return re.sub(r"^(By|Von|Par|Por|Di), ", r"\1 ", ", ".join(pieces), flags=re.I) or None


def place_of(nitf: etree._Element) -> str | None:
    """Return where the dateline element says the story was filed; None if it does not."""
    dateline = find(nitf, "dateline")
    if dateline is None:
        return None
    location = find(dateline, "location")
    written = text_of(location) if location is not None else one_line(dateline.text or "")
    return read_label(written)[0] or written or None


def _fields(nitf: etree._Element, document: RawDocument) -> Fields:
    docdata = find(nitf, "docdata")
    if docdata is None:
        docdata = etree.Element("docdata")
    headline, body = headline_of(nitf), body_of(nitf)
    status = docdata.get("management-status")
    if not headline and not body and status != "canceled":
        raise ParseError("the NITF document has neither headline nor body")
    issued = _moment(docdata, "date.issue") or _publication(nitf) or read_time(attribute(nitf, "story.date", "norm"))
    released = attribute(docdata, "date.release", "norm")
    source = _source(nitf, docdata)
    day = issued.date().isoformat() if issued else ""
    key = find(docdata, "du-key")
    note = attribute(docdata, "ed-msg", "info")
    correction = find(docdata, "correction")
    return Fields(
        uri=_uri(docdata, document, source) or text_uri(source or "", day, body or headline),
        version=None if key is None else key.get("version"),
        publishing_status=status,
        embargo=released if read_time(_with_t(released)) else "" if status == "embargoed" else None,
        headline=headline,
        slugline=_slugline(nitf, docdata),
        body=body,
        language=nitf.get("baselang") or attribute(nitf, "body", "{http://www.w3.org/XML/1998/namespace}lang"),
        byline=byline_of(nitf),
        located=place_of(nitf),
        source=source,
        urgency=attribute(docdata, "urgency", "ed-urg"),
        topics=_topics(nitf),
        published_at=issued or read_time(_with_t(released)),
        updated_at=issued,
        links=_links(docdata, document, source),
        rights=_rights(docdata),
        expires_at=_moment(docdata, "date.expire"),
        note=(correction.get("info") if correction is not None else None) or note,
        role=FIRST if correction is None else CORRECTED,
    )


def _with_t(norm: str | None) -> str | None:
    """Put a "T" between day and time, which NITF may leave out."""
    if norm and len(norm) > 14 and norm[:14].isdigit():
        return f"{norm[:8]}T{norm[8:]}"
    return norm


def _moment(docdata: etree._Element, name: str) -> datetime | None:
    return read_time(_with_t(attribute(docdata, name, "norm")))


def _publication(nitf: etree._Element) -> datetime | None:
    return read_time(_with_t(attribute(nitf, "pubdata", "date.publication")))


def _uri(docdata: etree._Element, document: RawDocument, source: str | None) -> str | None:
    """Return the du-key where it counts versions (it is the same for all of them), else the document's own id."""
    key = find(docdata, "du-key")
    if key is not None and key.get("key") and key.get("version"):
        return _scoped(key.get("key"), docdata, document, source)
    return _scoped(attribute(docdata, "doc-id", "id-string"), docdata, document, source)


def _scoped(identifier: str | None, docdata: etree._Element, document: RawDocument, source: str | None) -> str | None:
    identifier = one_line(identifier or "")
    if not identifier or identifier.startswith(("urn:", "tag:", "http://", "https://")):
        return identifier or None
    scope = attribute(docdata, "doc-id", "regsrc") or document.publisher or source or "nitf"
    return f"{one_line(scope)}:{identifier}"


def _links(docdata: etree._Element, document: RawDocument, source: str | None) -> tuple[PublisherLink, ...]:
    links: list[PublisherLink] = []
    updated = _scoped(docdata.get("management-doc-idref"), docdata, document, source)
    if updated:
        links.append(PublisherLink("previous_version", updated))
    corrected = _scoped(attribute(docdata, "correction", "id-string"), docdata, document, source)
    if corrected:
        links.append(PublisherLink("replaces", corrected))
    return tuple(links)


def _cancelled(nitf: etree._Element, document: RawDocument) -> Iterator[Fields]:
    """Yield the withdrawal of another document that this one cancels."""
    docdata = find(nitf, "docdata")
    if docdata is None or docdata.get("management-idref-status") != "canceled":
        return
    uri = _scoped(docdata.get("management-doc-idref"), docdata, document, _source(nitf, docdata))
    if uri:
        yield Fields(uri=uri, publishing_status="canceled", updated_at=_moment(docdata, "date.issue"))


def _source(nitf: etree._Element, docdata: etree._Element) -> str | None:
    return (
        text_of(find(nitf, "distributor"))
        or attribute(docdata, "doc-id", "regsrc")
        or attribute(docdata, "doc.copyright", "holder")
        or None
    )


def _slugline(nitf: etree._Element, docdata: etree._Element) -> str | None:
    for meta in find_all(nitf, "meta"):
        if (meta.get("name") or "").lower() in {"slug", "slugline", "anpa-keyword", "ntbstikkord"} and meta.get(
            "content"
        ):
            return meta.get("content")
    return attribute(docdata, "keyword", "key") or attribute(docdata, "fixture", "fix-id") or None


def _topics(nitf: etree._Element) -> tuple[str, ...]:
    names: list[str] = []
    for subject in find_all(nitf, "tobject.subject"):
        number = (subject.get("tobject.subject.refnum") or "").strip()
        provider = (subject.get("tobject.subject.ipr") or "IPTC").upper()
        if provider == "IPTC" and len(number) == 8 and number.isdigit():
            # subject codes end at 17, media topics begin at 20
            names.append(f"{'medtop' if number >= '20' else 'subj'}:{number}")
        else:
            levels = (subject.get(f"tobject.subject.{level}") for level in ("detail", "matter", "type"))
            names.append(next((name for name in levels if name), ""))
    return tuple(names)


def _rights(docdata: etree._Element) -> str | None:
    copyright_ = find(docdata, "doc.copyright")
    if copyright_ is None:
        return None
    return one_line(f"Copyright {copyright_.get('year') or ''} {copyright_.get('holder') or ''}")
