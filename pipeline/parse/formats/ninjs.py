"""ninjs, the IPTC's news in JSON, in all its versions, and what agencies built on it.

Version 1 has one property per value, 2 has arrays, and 3 writes names in camel case. Property names are compared in
lower case, which makes 3 the same as 2; unknown ones are ignored.

Sources: the JSON schemas 1.0 to 3.1 (https://iptc.org/std/ninjs/) and the "ninjs Guidelines".
"""

from collections.abc import Iterator
from typing import Any

from pipeline.errors import ParseError
from pipeline.models import PublisherLink, RawDocument, Rejected
from pipeline.parse.fields import Fields
from pipeline.parse.formats import digitalwires
from pipeline.parse.io.html import looks_like_html, to_line, to_text
from pipeline.parse.io.json_values import compact_json
from pipeline.parse.rejected import reject
from pipeline.parse.values.identity import canonical_url, text_uri
from pipeline.parse.values.subject_codes import code_of_concept, qualified_code
from pipeline.parse.values.written_times import read_time
from pipeline.wire.take_line import CORRECTED, FIRST

_DEEPEST = 5
_STORY_TYPES = frozenset({"", "text", "composite", "article", "story", "news"})
_CONTAINERS = (
    "items",
    "_items",
    "newsitems",
    "news_items",
    "newsobjects",
    "results",
    "stories",
    "articles",
    "collection",
)
_WRAPPERS = ("item", "data")
# property names that show an object to be a news object even where it has no type
_OWN_NAMES = frozenset(
    {"uri", "headline", "headlines", "body_text", "body_html", "body_xhtml", "bodies", "versioncreated"}
)

_ADDRESSES = ("url", "link", "canonical_url", "href", "weburl")
_LINKS = {
    "evolvedfrom": "evolved_from",
    "rewriteof": "evolved_from",
    "rewrite_of": "evolved_from",
    "updateof": "evolved_from",
    "previousversion": "previous_version",
    "predecessor": "previous_version",
    "replaces": "replaces",
    "seealso": "see_also",
}


def recognises(value: dict[str, Any]) -> bool:
    """Whether a JSON object is a news object, or a collection of them."""
    names = {name.lower() for name in value}
    return not names.isdisjoint(_OWN_NAMES) or _contained(_lowered(value)) is not None


def read(value: object, document: RawDocument, part: str = "document") -> Iterator[Fields | Rejected]:
    """Read the takes of one JSON value: a news object, an array, or an object that holds an array of them."""
    yield from _read(value, document, part, 0)


def _read(value: object, document: RawDocument, part: str, depth: int) -> Iterator[Fields | Rejected]:
    if depth > _DEEPEST:
        yield reject(document, part, "collections nested too deeply to be news", compact_json(value))
    elif isinstance(value, list):
        for number, item in enumerate(value, start=1):
            yield from _read(
                item, document, f"item {number}" if part == "document" else f"{part}, item {number}", depth + 1
            )
    elif not isinstance(value, dict):
        yield reject(document, part, f"expected a ninjs object, found {type(value).__name__}", compact_json(value))
    else:
        item = _lowered(value)
        inner = _contained(item)
        if inner is None:
            yield read_object(item, value, document, part)
        else:
            yield from _read(inner, document, part, depth + 1)


def read_object(item: dict[str, Any], value: dict[str, Any], document: RawDocument, part: str) -> Fields | Rejected:
    """Read one news object, its property names in lower case; ``value`` is the same as it came."""
    try:
        return _fields(item, document)
    except ParseError as error:
        return reject(document, part, str(error), compact_json(value))


def _lowered(value: dict[str, Any]) -> dict[str, Any]:
    return {name.lower(): content for name, content in value.items()}


def _contained(item: dict[str, Any]) -> list[Any] | dict[str, Any] | None:
    """Return the news objects that another object holds: an array of them, or one in a wrapper ({"meta", "item"})."""
    if not _OWN_NAMES.isdisjoint(item):
        return None
    arrays = (item[name] for name in _CONTAINERS if isinstance(item.get(name), list))
    wrapped = (item[name] for name in _WRAPPERS if isinstance(item.get(name), list | dict))
    return next(arrays, None) or next(wrapped, None)


def _fields(item: dict[str, Any], document: RawDocument) -> Fields:
    if digitalwires.recognises(item):
        return digitalwires.read_fields(item)
    kind = _text(item.get("type")).lower()
    if kind not in _STORY_TYPES:
        raise ParseError(f"a ninjs object of type {kind[:40]!r} is not a story; expected text or composite")
    if "eventdetails" in item or "plannedcoverage" in item:
        raise ParseError("a ninjs event or planned coverage is not a story; expected text or composite")
    headline, body = _headline(item), _body(item)
    withdrawn = _text(item.get("pubstatus")).lower() in {"canceled", "cancelled"}
    if not headline and not body.strip() and not withdrawn:
        raise ParseError("the ninjs object has neither headline nor body; expected headline(s), body_* or bodies")
    uri = _identifier(item)
    updated = _time(item, "versioncreated", "datemodified", "updated")
    published = _time(item, "firstpublished", "firstcreated", "datepublished", "published", "contentcreated") or updated
    day = published.date().isoformat() if published else ""
    source = _source(item)
    return Fields(
        uri=uri or text_uri(document.publisher or source or "", day, headline or body),
        version=item.get("version"),
        publishing_status=_text(item.get("pubstatus")) or None,
        embargo=_embargo(item),
        headline=headline,
        slugline=_text(item.get("slugline")) or None,
        body=body,
        language=_text(item.get("language")),
        byline=_byline(item),
        located=_located(item),
        source=source,
        url=_address(item, uri),
        urgency=item.get("urgency"),
        topics=_topics(item),
        published_at=published,
        updated_at=updated,
        links=_links(item),
        rights=_text(item.get("copyrightnotice"))
        or _text(item.get("usageterms"))
        or _text(item.get("copyrightholder")),
        expires_at=_time(item, "expires", "expiry"),
        note=_text(item.get("ednote")) or None,
        role=CORRECTED if _text(item.get("pubstatus")).lower() == "corrected" else FIRST,
    )


def _identifier(item: dict[str, Any]) -> str:
    """Return the object's uri. AP's names the item in its path and, after it, the request that it was sent for."""
    uri = next((text for name in ("uri", "guid", "id", "_id") if (text := _text(item.get(name)))), "")
    path, _, query = uri.partition("?")
    named = next((_text(entry.get("itemid")) for entry in _objects(item.get("altids"))), "")
    return path if query and named and path.endswith(f"/{named}") else uri


def _text(value: object) -> str:
    """Return a value if it is text, a number as text, else "": publishers put other shapes where text is due."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _objects(value: object) -> list[dict[str, Any]]:
    """Return an array's objects, property names in lower case; one object counts as an array of one."""
    if not value:
        return []
    values = value if isinstance(value, list) else [value] if isinstance(value, dict) else []
    return [_lowered(entry) for entry in values if isinstance(entry, dict)]


def _time(item: dict[str, Any], *names: str) -> Any:
    return next((moment for name in names if (moment := read_time(item.get(name))) is not None), None)


def _embargo(item: dict[str, Any]) -> str | None:
    """Return the embargo as written, "" where it is no text; None without one."""
    value = item.get("embargoeduntil") or item.get("embargoed") or item.get("embargo_date")
    if value is None or value is False or value == "":
        return None
    return value if isinstance(value, str) else ""


def _headline(item: dict[str, Any]) -> str:
    plain = item.get("headline")
    if isinstance(plain, str) and plain.strip():
        return plain if not looks_like_html(plain) else to_line(plain)
    offered = next((text for text in _headlines(item) if text.strip()), "")
    return to_line(offered) if looks_like_html(offered) else offered


def _headlines(item: dict[str, Any]) -> Iterator[str]:
    """Yield every headline on offer, the main one first; the title is metadata, and a last resort."""
    yield _text(item.get("headline_main"))
    entries = _objects(item.get("headlines"))
    entries.sort(key=lambda entry: _text(entry.get("role")).lower() not in {"main", "headline"})
    yield from (_text(entry.get("value")) for entry in entries)
    yield from (_text(content) for name, content in item.items() if name.startswith("headline_"))
    yield _text(item.get("title"))


def _body(item: dict[str, Any]) -> str:
    """Return the body: plain text exactly as it came, else text made of markup, else of the description."""
    plain = item.get("body_text")
    if isinstance(plain, str) and plain.strip():
        return plain
    texts = _bodies(item, "body_", "bodies") or _bodies(item, "description_", "descriptions")
    return texts or _text(plain)


def _bodies(item: dict[str, Any], prefix: str, plural: str) -> str:
    offered = [
        (name.removeprefix(prefix), "", content)
        for name, content in item.items()
        if name.startswith(prefix) and isinstance(content, str)
    ]
    offered += [
        (_text(entry.get("role")).lower(), _text(entry.get("contenttype")).lower(), _text(entry.get("value")))
        for entry in _objects(item.get(plural))
    ]
    readable = [(_rank(role, kind, text), text) for role, kind, text in offered if text.strip()]
    for (rank, how), text in sorted(readable, key=lambda offer: offer[0]):
        body = text if how == "plain" else _from_nitf(text) if how == "nitf" else to_text(text)
        if body.strip() and rank < _UNFIT:
            return body
    return ""


_UNFIT = 9
_NOT_THE_BODY = frozenset({"caption", "creditline", "writer", "credit", "dateline", "script", "shotlist", "sidebar"})


def _rank(role: str, kind: str, text: str) -> tuple[int, str]:
    """Say which rendering of a body is taken first (the lowest rank), and how it is read."""
    if role in _NOT_THE_BODY:
        return _UNFIT, "plain"
    if "nitf" in role or "nitf" in kind:
        return 5, "nitf"
    if "html" in kind or "html" in role or (not kind and looks_like_html(text)):
        return 3, "html"
    if "xml" in kind or text.lstrip().startswith("<?xml"):
        return 6, "html"
    return (0 if role in {"text", "main", "body", "plain", ""} else 1), "plain"


def _from_nitf(markup: str) -> str:
    from pipeline.parse.formats.nitf import body_text

    return body_text(markup)


def _byline(item: dict[str, Any]) -> str | None:
    written = _text(item.get("byline")) or _text(item.get("by"))
    if written:
        return written
    names = [_text(author.get("name")) for author in _objects(item.get("authors"))]
    names = names or [_text(byline.get("by")) for byline in _objects(item.get("bylines"))]
    return ", ".join(filter(None, names)) or None


def _located(item: dict[str, Any]) -> str | None:
    return _text(item.get("located")) or next(iter(_names(item.get("located"))), None)


def _source(item: dict[str, Any]) -> str | None:
    written = _text(item.get("source"))
    if written:
        return written
    sources = _names(item.get("infosources") or item.get("infosource"))
    return next(iter(sources), None) or _text(item.get("copyrightholder")) or None


def _names(value: object) -> list[str]:
    return [name for entry in _objects(value) if (name := _text(entry.get("name")))]


def _address(item: dict[str, Any], uri: str) -> str | None:
    for name in _ADDRESSES:
        if name in item and (address := canonical_url(_text(item[name]))) is not None:
            return address
    return canonical_url(uri) if uri.startswith("http") else None


def _topics(item: dict[str, Any]) -> tuple[str, ...]:
    names: list[str] = []
    for entry in _objects(item.get("subject")) + _objects(item.get("subjects")):
        uri, code, scheme = (_text(entry.get(name)) for name in ("uri", "code", "scheme"))
        names.append(code_of_concept(uri) or qualified_code(scheme, code) or _text(entry.get("name")) or code)
    return tuple(names)


def _links(item: dict[str, Any]) -> tuple[PublisherLink, ...]:
    links = [
        PublisherLink(_LINKS[name], target)
        for name, value in item.items()
        if name in _LINKS and (target := _text(value))
    ]
    for name, entry in _associations(item.get("associations")):
        target = _text(entry.get("uri"))
        rel = _LINKS.get(name.replace("_", "").replace("-", "").lower())
        if target and (rel or _text(entry.get("type")).lower() in _STORY_TYPES - {""}):
            links.append(PublisherLink(rel or "see_also", target))
    return tuple(links)


def _associations(value: object) -> list[tuple[str, dict[str, Any]]]:
    """Return associations with their names: an object in version 1, an array of named objects from 2 on."""
    if isinstance(value, dict):
        return [(name, _lowered(entry)) for name, entry in value.items() if isinstance(entry, dict)]
    return [(_text(entry.get("name")) or _text(entry.get("rel")), entry) for entry in _objects(value)]
