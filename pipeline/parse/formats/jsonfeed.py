"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from collections.abc import Iterator
from typing import Any

from pipeline.errors import ParseError
from pipeline.models import RawDocument, Rejected
from pipeline.parse.fields import Fields
from pipeline.parse.io.html import to_line, to_text
from pipeline.parse.io.json_values import compact_json
from pipeline.parse.rejected import reject
from pipeline.parse.values.identity import FeedScope, canonical_url
from pipeline.parse.values.written_times import read_time


def recognises(value: dict[str, Any]) -> bool:
    """Whether a JSON object is a JSON Feed: its version is an address at jsonfeed.org, of whatever number."""
    version = value.get("version")
    return isinstance(version, str) and "jsonfeed.org/version/" in version


def read(feed: dict[str, Any], document: RawDocument) -> Iterator[Fields | Rejected]:
    """Read the items of a feed; those that are no stories are Rejected.

    Raises:
        ParseError: It has no list of items.
    """
    items = feed.get("items", [])
    if not isinstance(items, list):
        raise ParseError("a JSON Feed whose items are no list; expected an array of items")
    scope = FeedScope.of(document, _text(feed.get("home_page_url")), _text(feed.get("feed_url")))
    for number, item in enumerate(items, start=1):
        part = f"item {number}"
        if not isinstance(item, dict):
            yield reject(document, part, "expected a JSON Feed item, found no object", compact_json(item))
            continue
        try:
            yield _fields(item, feed, scope)
        except ParseError as error:
            yield reject(document, part, str(error), compact_json(item))


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    # the standard wants ids to be text and tells readers to take numbers too
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _fields(item: dict[str, Any], feed: dict[str, Any], scope: FeedScope) -> Fields:
    headline = to_line(_text(item.get("title")))
    body = _body(item)
    url = _text(item.get("url")) or _text(item.get("external_url"))
    if not headline and not body:
        raise ParseError("the item has neither title nor content")
    published = read_time(item.get("date_published"))
    return Fields(
        uri=scope.uri(_text(item.get("id")), url, headline, body, published),
        headline=headline,
        body=body,
        language=_text(item.get("language")) or _text(feed.get("language")),
        byline=_authors(item) or _authors(feed),
        source=_text(feed.get("title")) or None,
        url=canonical_url(url),
        topics=tuple(tag for tag in item["tags"] if isinstance(tag, str)) if isinstance(item.get("tags"), list) else (),
        published_at=published,
        updated_at=read_time(item.get("date_modified")),
    )


def _body(item: dict[str, Any]) -> str:
    plain, markup = _text(item.get("content_text")), _text(item.get("content_html"))
    return plain or to_text(markup) or _text(item.get("summary"))


def _authors(holder: dict[str, Any]) -> str | None:
    authors = holder.get("authors")
    listed = authors if isinstance(authors, list) else [holder.get("author")]
    return ", ".join(filter(None, (_text(author.get("name")) for author in listed if isinstance(author, dict)))) or None
