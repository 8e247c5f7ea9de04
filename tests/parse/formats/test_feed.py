"""RSS, RDF, Atom and JSON Feed beyond the golden files: broken ones, wrong labels, hostile ones."""

import json

import pytest

from pipeline.models import Rejected, Status, Story, TakeKind
from pipeline.parse import parse
from tests.parse.documents import document, only_story, rss, stories


def test_the_longer_of_summary_and_content_is_the_body() -> None:
    teaser, full_text = "<description>Teaser.</description>", "&lt;p&gt;The whole story of it.&lt;/p&gt;"
    named = rss(f"<title>a</title>{teaser}<content:encoded>{full_text}</content:encoded>").replace(
        "<rss ", '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    )
    assert only_story(document(named)).body == "The whole story of it."
    assert only_story(document(rss(f"<title>a</title>{teaser}"))).body == "Teaser."


@pytest.mark.parametrize(
    ("escaped", "shown"),
    [
        ("Profit &amp;amp; loss", "Profit & loss"),
        ("&lt;b&gt;Profit&lt;/b&gt; up", "Profit up"),
        ("&amp;lt;b&amp;gt;Profit&amp;lt;/b&amp;gt; up", "Profit up"),
        ("5 &lt; 6", "5 < 6"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;News", "News"),
        ("Two\n  lines", "Two lines"),
    ],
)
def test_no_tag_of_a_title_is_shown(escaped: str, shown: str) -> None:
    assert only_story(document(rss(f"<title>{escaped}</title>"))).headline == shown


def test_paragraphs_and_line_breaks_of_markup_are_kept() -> None:
    table = "<table><tr><td>x</td><td>y</td></tr></table>"
    markup = f"<p>One<br>two.</p><ul><li>a</li><li>b</li></ul>{table}<pre> raw\n  text</pre>"
    body = only_story(document(rss(f"<title>t</title><description><![CDATA[{markup}]]></description>"))).body
    assert body == "One\ntwo.\n\na\n\nb\n\nx y\n\n raw\n  text"


def test_code_captions_and_navigation_are_no_text() -> None:
    markup = (
        "<nav>Home</nav><style>p{}</style><script>x()</script><figure><figcaption>Pic</figcaption></figure><p>News.</p>"
    )
    body = only_story(document(rss(f"<title>t</title><description><![CDATA[{markup}]]></description>"))).body
    assert body == "News."


def test_a_feed_in_latin_1_that_calls_itself_utf_8() -> None:
    feed = '<?xml version="1.0" encoding="utf-8"?>' + rss("<title>Zürich öffnet Grenze</title>")
    assert only_story(document(feed.encode("latin-1"))).headline == "Zürich öffnet Grenze"


def test_broken_markup_is_survived() -> None:
    feed = (
        "<rss version=2.0><channel><item><title>One & two</title><link>https://x.example/1</item><item><title>3</title>"
    )
    assert "One & two" in [result.headline for result in parse(document(feed)) if isinstance(result, Story)]


def test_junk_before_the_root_is_survived() -> None:
    feed = "\n\n<!-- made by hand -->\n" + rss("<title>a</title>")
    assert only_story(document(feed)).headline == "a"
    assert only_story(document("\ufeff" + rss("<title>a</title>"))).headline == "a"
    assert only_story(document("Warning: date() in feed.php\n" + rss("<title>a</title>"))).headline == "a"


def test_a_bad_entry_is_rejected_and_the_rest_goes_on() -> None:
    results = list(parse(document(rss("<title>a</title>", "<guid>only-an-id</guid>", "<title>b</title>"))))
    assert [type(result).__name__ for result in results] == ["Story", "Rejected", "Story"]
    (rejected,) = [result for result in results if isinstance(result, Rejected)]
    assert rejected.part == "entry 2"
    assert "neither title nor text" in rejected.reason
    assert json.loads(rejected.payload)["id"] == "only-an-id"


def test_a_feed_without_entries_has_no_stories() -> None:
    assert stories(document(rss())) == []


def test_external_and_growing_entities_add_nothing() -> None:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    feed = f'<!DOCTYPE rss [<!ENTITY a0 "ha"><!ENTITY f SYSTEM "file:///etc/hostname">{laughs}]>' + rss(
        "<title>x &f; &a9;</title><description>y &a9;</description>"
    )
    for story in stories(document(feed)):
        assert len(story.headline) < 100
        assert len(story.body) < 100


def test_ten_thousand_entries() -> None:
    feed = rss(*(f"<title>Story {n}</title><guid>https://feed.example/{n}</guid>" for n in range(10_000)))
    assert len({story.uri for story in stories(document(feed))}) == 10_000


def test_the_publisher_and_language_of_the_carrier_stand_in() -> None:
    story = only_story(document(rss("<title>a</title>", head=""), publisher="The Paper", language="tr-TR"))
    assert (story.source, story.language) == ("The Paper", "tr")


@pytest.mark.parametrize(
    "name",
    [
        "links", "tags", "content", "enclosures", "authors", "author_detail", "title_detail", "summary_detail",
        "source", "published_parsed", "updated_parsed", "expired_parsed", "guidislink", "rights", "language", "id",
    ],
)  # fmt: skip
def test_an_element_named_like_one_of_feedparsers_findings_is_survived(name: str) -> None:
    entry = f"<title>Ferry aground</title><{name}>odd</{name}><description>All are safe.</description>"
    story = only_story(document(rss(entry)))
    assert (story.headline, story.body) == ("Ferry aground", "All are safe.")


def test_an_aggregators_source_is_the_source() -> None:
    story = only_story(document(rss("<title>a</title><source url='https://b.example/rss'>The B Times</source>")))
    assert story.source == "The B Times"


def test_a_deleted_atom_entry_is_a_kill() -> None:
    feed = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">'
        '<title>F</title><link href="https://f.example/"/>'
        '<at:deleted-entry ref="https://f.example/1" when="2017-11-09T09:00:00Z"/></feed>'
    )
    story = only_story(document(feed))
    assert (story.uri, story.status, story.take) == ("https://f.example/1", Status.WITHDRAWN, TakeKind.KILL)
