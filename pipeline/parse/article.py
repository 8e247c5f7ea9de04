"""Article pages: the whole story for feeds that carry teasers only, taken from the page's markup by trafilatura."""

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.errors import ParseError
from pipeline.models import RawDocument, Story, TakeKind
from pipeline.parse.conventions.wire_conventions import read_conventions
from pipeline.parse.io.decode import decode, language_tag, one_line, require_text, scrub
from pipeline.parse.values.written_times import read_time
from pipeline.wire.take_line import without_take_line
from pipeline.wire.times import plausible_time

if TYPE_CHECKING:
    from trafilatura.settings import Document

LARGEST_PAGE = 8 * 1024 * 1024
_SHORTEST = 120


def parse_article(document: RawDocument, story: Story) -> Story:
    """Give a feed's story the text of its page.

    Uri, times and status stay the feed's; what the feed lacks is filled in.

    Args:
        document: The page.
        story: The story as the feed has it.

    Raises:
        ParseError: The page has no article, or one that says less than the feed did: a consent or login page.
    """
    import trafilatura
    from lxml.etree import LxmlError

    if len(document.content) > LARGEST_PAGE:
        raise ParseError(f"an article page of {len(document.content)} bytes; at most {LARGEST_PAGE} are read")
    markup = require_text(decode(document.content, document.charset), "the article page")
    if not markup.strip():
        raise ParseError("the article page is empty")
    try:
        page = trafilatura.bare_extraction(
            markup,
            url=story.url,
            include_comments=False,
            include_tables=False,
            favor_precision=True,
            with_metadata=True,
        )
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError, LxmlError) as error:
        # its many heuristics trip over odd pages in as many ways: faults of the page, not of the program
        raise ParseError(f"the article page cannot be read: {error!r}") from error
    if page is None or isinstance(page, dict):
        raise ParseError("the article page holds no article that can be told from its surroundings")
    body = _article_text(page, story)
    if len(body) < max(_SHORTEST, len(story.body)):
        raise ParseError(
            f"the article page has {len(body)} characters of text, the feed's own {len(story.body)}; kept the latter"
        )
    return _completed_story(story, document, body, page)


def _article_text(page: "Document", story: Story) -> str:
    """Return the article's paragraphs, without the headline that pages put on top of them."""
    paragraphs = [line.strip() for line in scrub(page.text or "").split("\n") if line.strip()]
    headlines = {title.casefold() for title in (story.headline, without_take_line(story.headline), page.title) if title}
    if paragraphs and paragraphs[0].casefold() in headlines:
        del paragraphs[0]
    return "\n\n".join(paragraphs)


def _completed_story(story: Story, document: RawDocument, body: str, page: "Document") -> Story:
    arrived = document.origin.fetched_at
    conventions = read_conventions(story.headline, story.slugline, body, arrived)
    role, dateline = conventions.role, conventions.dateline
    headline = story.headline or one_line(scrub(page.title or ""))
    dated = plausible_time(read_time(page.date), arrived)
    is_kind_open = story.take is TakeKind.FIRST and role.kind is not TakeKind.KILL
    return replace(
        story,
        headline=headline,
        body=body,
        dateline=dateline.span if dateline else None,
        trailer=conventions.trailer,
        dateline_place=(dateline.place if dateline else None) or story.dateline_place,
        agency=(dateline.agency if dateline else None) or story.agency,
        byline=story.byline or (one_line(scrub(page.author)) if page.author else None),
        language=story.language or language_tag(page.language) or language_tag(document.language),
        source=story.source or page.sitename or None,
        take=role.kind if is_kind_open else story.take,
        take_number=story.take_number or role.number,
        corrected=story.corrected or role.corrected,
        note=story.note or role.note,
        published_at=story.published_at or dated,
        updated_at=story.updated_at or story.published_at or dated,
    )
