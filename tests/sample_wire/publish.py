"""The sample wire as its publishers deliver it: feeds and pages on a local HTTP server, files in drop folders."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any

import yaml

from tests.sample_wire.loader import SampleFeed, SampleStory
from tests.servers.http import HttpServer, Reply, redirect

_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
_TEASER_PARAGRAPHS = 2


def publish(http: HttpServer, drop: Path, feeds: Iterable[SampleFeed], stories: Sequence[SampleStory]) -> str:
    """Serve everything; ``drop`` is made to hold the drop folders. Returns the feeds.yaml that reads it all."""
    entries = []
    for feed in feeds:
        own = [story for story in stories if story.feed == feed.name]
        if feed.format in ("ninjs", "plain"):
            _deliver_files(drop / feed.name, feed, own)
            location: dict[str, Any] = {"folder": str(drop / feed.name)}
        else:
            _serve(http, feed, own)
            location = {"url": http.url + feed.path}
        entries.append(
            {
                "name": feed.name,
                **location,
                "publisher": feed.publisher,
                "language": feed.language,
                "every": "1s",
                "article_pages": feed.format == "rss-with-article-page",
            }
        )
    return yaml.safe_dump({"feeds": entries}, sort_keys=False, allow_unicode=True)


# --------------------------------------------------------------------------- over HTTP


def _serve(http: HttpServer, feed: SampleFeed, stories: Sequence[SampleStory]) -> None:
    if feed.behaviour == "gone":
        http.route(feed.path, Reply(status=410, body="This feed has ended."))
        return
    newest = _newest_takes(stories)
    path = feed.path
    if feed.behaviour == "moved" and feed.location:
        http.route(path, redirect(http.url + feed.location, status=301))
        path = feed.location
    body, content_type = _document(http, feed, newest)
    http.route(path, Reply(body=body, content_type=content_type, etag=f'"{hashlib.sha256(body).hexdigest()[:16]}"'))
    if feed.format == "rss-with-article-page":
        for story in newest:
            http.route(_path(story), Reply(body=_page(feed, story), content_type="text/html; charset=utf-8"))


def _newest_takes(stories: Sequence[SampleStory]) -> list[SampleStory]:
    """A feed shows each entry as it is now, newest first."""
    newest = {}
    for story in sorted(stories, key=lambda story: story.version):
        newest[story.uri or story.key] = story
    return sorted(newest.values(), key=lambda story: story.updated or _UNDATED, reverse=True)


def _document(http: HttpServer, feed: SampleFeed, stories: Sequence[SampleStory]) -> tuple[bytes, str]:
    if feed.format == "atom":
        return _atom(http, feed, stories).encode(), "application/atom+xml"
    if feed.format == "jsonfeed":
        return json.dumps(_json_feed(http, feed, stories), ensure_ascii=False).encode(), "application/feed+json"
    rss = _rss(http, feed, stories)
    return (_broken(rss) if feed.behaviour == "broken" else rss).encode(), "application/rss+xml"


def _path(story: SampleStory) -> str:
    return story.path or f"/stories/{story.key}"


def _rss(http: HttpServer, feed: SampleFeed, stories: Sequence[SampleStory]) -> str:
    items = "\n".join(_rss_item(http, feed, story) for story in stories)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">\n<channel>\n'
        f"<title>{escape(feed.title)}</title>\n<link>{http.url}</link>\n<language>{feed.language}</language>\n"
        f"<description>{escape(feed.publisher)}</description>\n{items}\n</channel>\n</rss>\n"
    )


def _rss_item(http: HttpServer, feed: SampleFeed, story: SampleStory) -> str:
    full = (
        "" if feed.format == "rss-with-article-page" else f"<content:encoded>{escape(_html(story))}</content:encoded>\n"
    )
    date = f"<pubDate>{format_datetime(story.published)}</pubDate>\n" if story.published else ""
    author = f"<dc:creator>{escape(story.byline)}</dc:creator>\n" if story.byline else ""
    teaser = " ".join(story.paragraphs[:_TEASER_PARAGRAPHS])[:300]
    categories = "".join(f"<category>{escape(topic)}</category>\n" for topic in story.topics)
    return (
        f"<item>\n<title>{escape(story.headline)}</title>\n<link>{http.url}{_path(story)}?utm_source=rss</link>\n"
        f'<guid isPermaLink="false">{escape(story.uri or story.key)}</guid>\n{date}{author}{categories}'
        f"<description>{escape(teaser)}</description>\n{full}</item>"
    )


def _broken(rss: str) -> str:
    """Markup as it does come: an unknown entity, a bare ampersand, an open element, no end."""
    return rss.replace("<description>", "<description>&nbsp;News & more: ", 2).replace("</channel>\n</rss>\n", "<item>")


def _html(story: SampleStory) -> str:
    return "".join(f"<p>{escape(paragraph, quote=False)}</p>\n" for paragraph in story.paragraphs)


def _page(feed: SampleFeed, story: SampleStory) -> str:
    return (
        f'<!doctype html><html lang="{story.language}"><head><meta charset="utf-8"><title>{escape(story.headline)} | '
        f"{escape(feed.title)}</title></head><body><header><nav><a href='/'>Home</a> <a href='/world'>World</a> "
        f"<a href='/markets'>Markets</a></nav></header><main><article><h1>{escape(story.headline)}</h1>\n{_html(story)}"
        f"</article></main><footer><p>&copy; {escape(feed.publisher)}. Terms. Privacy.</p></footer></body></html>"
    )


def _atom(http: HttpServer, feed: SampleFeed, stories: Sequence[SampleStory]) -> str:
    entries = "\n".join(
        f"<entry><id>{escape(story.uri or story.key)}</id><title>{escape(story.headline)}</title>"
        f'<link rel="alternate" href="{http.url}{_path(story)}"/>'
        f"<published>{_iso(story.published)}</published><updated>{_iso(story.updated)}</updated>"
        f'<content type="html">{escape(_html(story))}</content></entry>'
        for story in stories
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{feed.language}">'
        f"<id>{http.url}{feed.path}</id><title>{escape(feed.title)}</title>"
        f"<updated>{_iso(stories[0].updated)}</updated><author><name>{escape(feed.publisher)}</name></author>\n"
        f"{entries}\n</feed>\n"
    )


def _json_feed(http: HttpServer, feed: SampleFeed, stories: Sequence[SampleStory]) -> dict[str, Any]:
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": http.url,
        "language": feed.language,
        "items": [
            {
                "id": story.uri or story.key,
                "url": http.url + _path(story),
                "title": story.headline,
                "content_html": _html(story),
                "date_published": _iso(story.published),
                "date_modified": _iso(story.updated),
            }
            for story in stories
        ],
    }


def _iso(moment: datetime | None) -> str:
    return (moment or _UNDATED).isoformat().replace("+00:00", "Z")


# --------------------------------------------------------------------------- as files


def _deliver_files(folder: Path, feed: SampleFeed, stories: Sequence[SampleStory]) -> None:
    """Put files into a drop folder as agencies do: under another name first, complete before they get their own."""
    folder.mkdir(parents=True, exist_ok=True)
    if feed.format == "plain":
        for story in stories:
            date = f" date {story.dateline_date} " if story.dateline_date else ""
            _deliver(folder / f"{story.key}.txt", date + story.body)
        return
    single = stories[::2]
    for story in single:
        _deliver(folder / f"{story.key}.json", json.dumps(ninjs(story), ensure_ascii=False, indent=1))
    lines = [json.dumps(ninjs(story), ensure_ascii=False) for story in stories[1::2]]
    _deliver(folder / "archive.jsonl", "\n".join(lines) + "\n")


def _deliver(path: Path, text: str) -> None:
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.rename(path)


def ninjs(story: SampleStory) -> dict[str, Any]:
    """A story as a ninjs object; one without an identifier of its own goes by its key."""
    entry = {
        "uri": story.uri or f"sample:{story.key}",
        "type": "text",
        "version": str(story.version),
        "pubstatus": story.status,
        "versioncreated": _iso(story.updated),
        "firstcreated": _iso(story.published),
        "embargoed": _iso(story.embargo) if story.embargo else None,
        "language": story.language,
        "headline": story.headline,
        "slugline": story.slugline,
        "byline": story.byline,
        "located": story.dateline_place,
        "source": story.publisher,
        "subject": [{"code": topic} for topic in story.topics],
        "evolvedfrom": story.previous,
        "body_text": story.body,
    }
    return {name: value for name, value in entry.items() if value not in (None, [])}


def write_archive(path: Path, stories: Iterable[SampleStory]) -> None:
    """The stories as one ninjs file, a line each."""
    path.write_text("".join(json.dumps(ninjs(story), ensure_ascii=False) + "\n" for story in stories), encoding="utf-8")
