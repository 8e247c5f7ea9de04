"""One story, one uri: canonical addresses, scoping by publisher, hashes for texts without an id."""

import pytest

from pipeline.parse.values.identity import bounded, canonical_url, entry_uri, split_newsml_urn, text_uri
from tests.parse.documents import document, only_story, rss, stories

OWN = frozenset({"news.example"})


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("https://Example.org/A?utm_source=x&id=7&fbclid=y#top", "https://example.org/A?id=7"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("http://example.org:8080/a", "http://example.org:8080/a"),
        ("https://example.org", "https://example.org/"),
        ("https://example.org/a?b=%20c&d", "https://example.org/a?b=%20c&d"),
        ("https://[::1]/a", "https://[::1]/a"),
        ("  https://example.org/a\n", "https://example.org/a"),
    ],
)
def test_canonical(written: str, canonical: str) -> None:
    assert canonical_url(written) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    "written",
    [
        "",
        "a",
        "ftp://example.org/",
        "javascript:alert(1)",
        "https://",
        "http://[::1",
        "http://x:99999999/",
        "mailto:a@b",
    ],
)
def test_not_an_address_of_a_page(written: str) -> None:
    assert canonical_url(written) is None


@pytest.mark.parametrize(
    ("identifier", "uri"),
    [
        ("https://www.news.example/1?utm_medium=rss", "https://www.news.example/1"),
        ("https://other.example/1", "Pub:https://other.example/1"),
        ("tag:news.example,2017:1", "tag:news.example,2017:1"),
        ("tag:other.example,2017:1", "Pub:tag:other.example,2017:1"),
        ("urn:newsml:other.example:20171109:1", "urn:newsml:other.example:20171109:1"),
        ("urn:uuid:1-2-3", "Pub:urn:uuid:1-2-3"),
        ("12345", "Pub:12345"),
        (" 12 345\n", "Pub:12 345"),
    ],
)
def test_entry_ids_are_scoped_by_publisher(identifier: str, uri: str) -> None:
    assert entry_uri(identifier, "Pub", OWN) == uri


def test_two_feeds_of_one_publisher_name_a_story_alike() -> None:
    item = "<title>a</title><guid isPermaLink='false'>77</guid>"
    world = only_story(document(rss(item), "https://news.example/world.rss", publisher="News"))
    politics = only_story(document(rss(item), "https://news.example/politics.rss", publisher="News"))
    another = only_story(document(rss(item), "https://other.example/rss", publisher="Other"))
    assert world.uri == politics.uri != another.uri


def test_an_aggregator_cannot_speak_for_the_publisher_it_copies() -> None:
    item = "<title>a</title><guid>https://feed.example/1</guid>"
    original = only_story(document(rss(item)))
    copied = only_story(document(rss(item, head="<title>Planet</title><link>https://planet.example/</link>")))
    assert original.uri == "https://feed.example/1"
    assert copied.uri == "planet.example:https://feed.example/1"


def test_ids_that_every_entry_shares_are_not_used() -> None:
    items = [
        f"<title>t{n}</title><guid>https://feed.example/</guid><link>https://feed.example/{n}</link>" for n in range(3)
    ]
    assert [story.uri for story in stories(document(rss(*items)))] == [f"https://feed.example/{n}" for n in range(3)]


def test_links_that_every_entry_shares_are_not_used() -> None:
    items = [f"<title>t{n}</title><link>https://feed.example/</link>" for n in range(3)]
    assert len({story.uri for story in stories(document(rss(*items)))}) == 3


def test_an_entry_without_id_or_link_is_known_by_its_words() -> None:
    first, second = (only_story(document(rss("<title>a</title><description>b</description>"))) for _ in range(2))
    other = only_story(document(rss("<title>a</title><description>c</description>")))
    assert first.uri == second.uri != other.uri


def test_plain_text_is_known_by_agency_date_and_opening() -> None:
    text = "ANKARA, Nov 9 (Reuters) - Turkey signed a letter.\n\nMore."
    again = "  ANKARA, Nov 9 (Reuters) -   Turkey signed\na letter.\n\nMore."
    assert only_story(document(text)).uri == only_story(document(again)).uri
    for other in (text.replace("Reuters", "AP"), text.replace("Nov 9", "Nov 8"), text.replace("letter", "treaty")):
        assert only_story(document(other)).uri != only_story(document(text)).uri


def test_scope_and_date_of_a_hashed_uri_can_be_read() -> None:
    assert text_uri("The Agency", "2017-11-09", "words").startswith("text:the-agency:2017-11-09:")
    assert text_uri("", "", "words").startswith("text:unknown:undated:")


def test_long_uris_are_cut_and_stay_distinct() -> None:
    long = "x" * 5000
    assert len(bounded(long)) <= 2000
    assert bounded(long) != bounded(long + "y")


@pytest.mark.parametrize(
    ("guid", "expected"),
    [
        ("urn:newsml:a.example:20171109:item:3U", ("urn:newsml:a.example:20171109:item", "3")),
        ("urn:newsml:a.example:20171109:item", ("urn:newsml:a.example:20171109:item", None)),
        ("tag:a.example,2017:item:3", ("tag:a.example,2017:item:3", None)),
    ],
)
def test_revisions_of_newsml_names(guid: str, expected: tuple[str, str | None]) -> None:
    assert split_newsml_urn(guid) == expected
