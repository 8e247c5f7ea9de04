"""Short ways to documents for the tests of parsing."""

from datetime import UTC, datetime

from pipeline.models import Origin, RawDocument, Rejected, Story
from pipeline.parse import parse

ARRIVED = datetime(2017, 11, 10, 18, 0, tzinfo=UTC)


def document(
    content: str | bytes,
    name: str = "document",
    *,
    content_type: str | None = None,
    charset: str | None = None,
    publisher: str | None = None,
    language: str | None = None,
) -> RawDocument:
    """A document that arrived on 10 November 2017 at 18:00 UTC."""
    return RawDocument(
        origin=Origin("import", name, ARRIVED),
        content=content.encode() if isinstance(content, str) else content,
        content_type=content_type,
        charset=charset,
        publisher=publisher,
        language=language,
    )


def stories(raw: RawDocument) -> list[Story]:
    """The stories of a document of which nothing may be rejected."""
    results = list(parse(raw))
    assert [result for result in results if isinstance(result, Rejected)] == []
    return [result for result in results if isinstance(result, Story)]


def only_story(raw: RawDocument) -> Story:
    """The one story of a document."""
    (story,) = stories(raw)
    return story


def rss(*items: str, head: str = "<title>Feed</title><link>https://feed.example/</link>") -> str:
    """An RSS feed of these items' contents."""
    inner = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0"><channel>{head}{inner}</channel></rss>'
