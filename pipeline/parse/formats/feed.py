"""RSS 0.9x, 1.0 (RDF) and 2.0 with their modules, and Atom 0.3 and 1.0.

They are read by feedparser, which survives what publishers send: broken markup, wrong encodings, missing and misspelt
dates. Deleted entries of Atom feeds withdraw stories: ``<at:deleted-entry ref="..." when="..."/>`` (RFC 6721).
"""

import io
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax import SAXException

from pipeline.errors import ParseError
from pipeline.models import PublisherLink, RawDocument, Rejected, TakeKind
from pipeline.parse.fields import Fields
from pipeline.parse.io.decode import one_line
from pipeline.parse.io.html import shows_tags, to_line, to_text
from pipeline.parse.io.safe_xml import read_tree
from pipeline.parse.rejected import reject
from pipeline.parse.values.identity import FeedScope, canonical_url
from pipeline.parse.values.written_times import from_struct, read_time
from pipeline.wire.take_line import TakeRole, without_take_line

LARGEST_FEED = 32 * 1024 * 1024
# What feedparser is known to let through on hostile input: faults of the document, not of the program.
_PARSER_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    SAXException,
    TypeError,
    ValueError,
)
_TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"
_RELATIONS = {
    "predecessor-version": "previous_version",
    "previous-version": "previous_version",
    "replaces": "replaces",
    "evolved-from": "evolved_from",
}


def read(document: RawDocument) -> Iterator[Fields | Rejected]:
    """Read the entries of a feed in its order; those that are no stories are Rejected.

    Raises:
        ParseError: It is no feed, or one of over 32 MB.
    """
    if len(document.content) > LARGEST_FEED:
        raise ParseError(f"a feed of {len(document.content)} bytes; at most {LARGEST_FEED} are read")
    parsed = _parsed(document)
    feed, entries = parsed["feed"], parsed["entries"]
    if not entries and not _get(parsed, "version"):
        fault = _get(parsed, "bozo_exception")
        raise ParseError(f"not a feed that can be read; expected RSS, RDF or Atom{f' ({fault})' if fault else ''}")
    scope = _scope(document, feed, entries)
    for number, entry in enumerate(entries, start=1):
        part = f"entry {number}"
        try:
            yield _fields(entry, feed, scope)
        except ParseError as error:
            yield reject(document, part, str(error), _payload(entry))
    if b"deleted-entry" in document.content:
        yield from _withdrawals(document, scope)


def _parsed(document: RawDocument) -> Any:
    import feedparser

    headers = {"content-location": document.origin.location}
    headers["content-type"] = "application/xml"
    if document.content_type:
        charset = f"; charset={document.charset}" if document.charset and "charset" not in document.content_type else ""
        headers["content-type"] = document.content_type + charset
    try:
        # as a stream: given bytes, feedparser may take short ones for an address or a file's name
        return feedparser.parse(io.BytesIO(document.content), response_headers=headers, sanitize_html=False)
    except _PARSER_FAULTS as error:
        raise ParseError(f"not a feed that can be read: {error!r}; expected RSS, RDF or Atom") from error


def _get(holder: Any, name: str) -> Any:
    """Return a value that is really there.

    feedparser's own look-up answers with other fields, and warns, for those that are missing.
    """
    return dict.get(holder, name)


def _text(holder: Any, name: str) -> str:
    """Return a value if it is a text, else "".

    A publisher may name an element as feedparser names its own findings (``<links>``, ``<title_detail>``). It takes
    their place then, so that a value may be of any type.
    """
    value = _get(holder, name)
    return value if isinstance(value, str) else ""


def _record(holder: Any, name: str) -> Mapping[str, Any]:
    """Return a value if it has fields of its own, else an empty one."""
    value = _get(holder, name)
    return value if isinstance(value, Mapping) else {}


def _records(holder: Any, name: str) -> list[Mapping[str, Any]]:
    """Return those of a list that have fields of their own."""
    value = _get(holder, name)
    return [record for record in value if isinstance(record, Mapping)] if isinstance(value, list) else []


def _scope(document: RawDocument, feed: Any, entries: list[Any]) -> FeedScope:
    scope = FeedScope.of(document, _text(feed, "link"), _text(feed, "id"))
    links_of: dict[str, set[str]] = defaultdict(set)
    titles_of: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        link = _text(entry, "link")
        links_of[_text(entry, "id")].add(canonical_url(link) or link)
        titles_of[link].add(without_take_line(_text(entry, "title")))
    return FeedScope(scope.publisher, scope.own_hosts, _on_many(links_of), _on_many(titles_of))


def _on_many(uses: dict[str, set[str]]) -> frozenset[str]:
    """Return what stands on three stories or more; two may be takes of one under a new address or headline."""
    return frozenset(key for key, stories in uses.items() if len(stories) >= 3)


def _fields(entry: Any, feed: Any, scope: FeedScope) -> Fields:
    headline = _title(entry)
    body, body_language = _body(entry)
    if not headline and not body:
        raise ParseError("the entry has neither title nor text")
    link = _link(entry)
    published = from_struct(_get(entry, "published_parsed")) or from_struct(_get(entry, "created_parsed"))
    return Fields(
        uri=scope.uri(_text(entry, "id"), link, headline, body, published),
        headline=headline,
        body=body,
        language=body_language or _language(entry) or _text(feed, "language") or None,
        byline=_authors(entry),
        source=_line(_record(entry, "source").get("title")) or _line(_text(feed, "title")),
        url=canonical_url(link),
        topics=tuple(term for tag in _records(entry, "tags") if (term := tag.get("label") or tag.get("term"))),
        published_at=published,
        updated_at=from_struct(_get(entry, "updated_parsed")),
        links=_links(entry),
        rights=_line(_text(entry, "rights")) or _line(_text(feed, "rights")),
        expires_at=from_struct(_get(entry, "expired_parsed")),
    )


def _title(entry: Any) -> str:
    title = _text(entry, "title")
    markup = _is_markup(_record(entry, "title_detail")) or shows_tags(title)
    return to_line(title) if markup else one_line(title)


def _is_markup(detail: Mapping[str, Any]) -> bool:
    return "html" in (detail.get("type") or "html")


def _line(text: str | None) -> str | None:
    return to_line(text) if text else None


def _body(entry: Any) -> tuple[str, str | None]:
    """Return the longest rendering of an entry's text, and its language: feeds put the story in either element."""
    summary = _record(entry, "summary_detail") or {"value": _text(entry, "summary")}
    offered = [*_records(entry, "content"), summary]
    longest, language = "", None
    for detail in offered:
        value = detail.get("value") or ""
        text = to_text(value) if _is_markup(detail) or shows_tags(value) else value.strip()
        if len(text) > len(longest):
            longest, language = text, detail.get("language")
    return longest, language


def _link(entry: Any) -> str:
    """Return the entry's page: its own link, else the alternate one, else a permalink id."""
    link = _text(entry, "link")
    if canonical_url(link):
        return link
    for other in _records(entry, "links"):
        if other.get("rel") == "alternate" and canonical_url(other.get("href") or ""):
            return str(other["href"])
    return link


def _language(entry: Any) -> str | None:
    return _record(entry, "title_detail").get("language") or _text(entry, "language") or None


def _authors(entry: Any) -> str | None:
    named = [str(name) for author in _records(entry, "authors") if (name := author.get("name"))]
    return one_line(", ".join(dict.fromkeys(named))) or _line(_text(entry, "author"))


def _links(entry: Any) -> tuple[PublisherLink, ...]:
    return tuple(
        PublisherLink(_RELATIONS[link["rel"]], link["href"])
        for link in _records(entry, "links")
        if link.get("rel") in _RELATIONS and link.get("href")
    )


def _payload(entry: Any) -> str:
    return json.dumps(entry, default=str, ensure_ascii=False)


def _withdrawals(document: RawDocument, scope: FeedScope) -> Iterator[Fields]:
    """Yield a kill for each deleted entry (RFC 6721); none where the markup is too broken to be sure of it."""
    try:
        root = read_tree(document.content, document.charset, "Atom")
    except ParseError:
        return
    for element in root.iter(f"{_TOMBSTONES}deleted-entry"):
        reference = (element.get("ref") or "").strip()
        if reference:
            yield Fields(
                uri=scope.uri(reference, "", "", "", None),
                publishing_status="canceled",
                updated_at=read_time(element.get("when")),
                note=one_line(element.findtext(f"{_TOMBSTONES}comment") or "") or None,
                role=TakeRole(TakeKind.KILL),
            )
