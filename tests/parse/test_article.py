"""Article pages complete the stories of feeds that carry teasers."""

import pytest

from pipeline.errors import ParseError
from pipeline.models import Story
from pipeline.parse import parse_article
from tests.parse.documents import document, only_story, rss

PARAGRAPHS = (
    "TARBEN, Nov 9 (Reuters) - The council of Tarben voted on Thursday to rebuild the stone bridge that a flood took.",
    "The work will cost 4 million euros and take two summers, mayor Elena Roig said after the vote.",
    "Shepherds have driven their flocks over the bridge each spring since 1790, and the village is now cut off.",
    "(Reporting by Marc Pons; Editing by Joan Vidal)",
)
PAGE = f"""<!DOCTYPE html><html lang="en"><head><title>Tarben to rebuild bridge - Valley News</title>
<meta property="og:site_name" content="Valley News"><meta name="author" content="Marc Pons">
<meta property="article:published_time" content="2017-11-09T10:00:00Z"></head><body>
<nav><a href="/">Home</a><a href="/sport">Sport</a></nav>
<article><h1>Tarben to rebuild bridge</h1>{"".join(f"<p>{text}</p>" for text in PARAGRAPHS)}</article>
<aside><p>Read more: ten bridges you must see before you are thirty, number four will surprise you</p></aside>
<footer><p>All rights reserved. Cookies. Imprint.</p></footer></body></html>"""


@pytest.fixture
def teaser() -> Story:
    item = (
        "<title>Tarben to rebuild bridge</title><link>https://valley.example/7</link><description>A vote.</description>"
    )
    return only_story(document(rss(item, head="<title>Valley</title><link>https://valley.example/</link>")))


def test_the_page_gives_the_text_and_what_the_feed_lacks(teaser: Story) -> None:
    page = parse_article(document(PAGE, "https://valley.example/7"), teaser)
    assert page.body == "\n\n".join(PARAGRAPHS)
    assert (page.uri, page.url, page.headline, page.source) == (
        teaser.uri,
        teaser.url,
        teaser.headline,
        "Valley",
    )
    assert page.dateline is not None
    assert page.body[page.dateline.start : page.dateline.end] == "TARBEN, Nov 9 (Reuters) -"
    assert (page.dateline_place, page.agency, page.byline) == ("Tarben", "Reuters", "Marc Pons")
    assert page.trailer is not None
    assert page.body[page.trailer.start :] == PARAGRAPHS[-1]
    assert page.published_at is not None
    assert page.published_at.date().isoformat() == "2017-11-09"


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<html><body><p>Please accept cookies.</p></body></html>",
        "<html><body><form>Log in</form></body></html>",
        "no markup",
        b"\x89PNG\r\n" + bytes(range(256)) * 10,
        "<html>" + "<div>" * 5000,
    ],
    ids=["empty", "consent", "login", "text", "picture", "deep"],
)
def test_a_page_without_the_article_is_an_error(teaser: Story, page: str | bytes) -> None:
    with pytest.raises(ParseError):
        parse_article(document(page), teaser)


def test_a_page_that_says_less_than_the_feed_is_not_taken(teaser: Story) -> None:
    from dataclasses import replace

    with pytest.raises(ParseError, match="kept the latter"):
        parse_article(document(PAGE), replace(teaser, body="x" * 5000))
