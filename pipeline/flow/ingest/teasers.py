"""Feeds that carry teasers: the text of each entry is on the page that it links to."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from pipeline import fetch, parse
from pipeline.errors import FetchError, ParseError
from pipeline.models import Feed, Rejected, Story
from pipeline.ports import Clock

PAGES_AT_ONCE = 4  # all pages of a feed are usually one publisher's


@dataclass(slots=True)
class Teasers:
    """Entries with the text of their pages.

    Attributes:
        items: What is to be stored: completed teasers, and entries that stay as they are.
        fingerprints: The uri of each teaser that was completed -> its fingerprint.
        known: How many teasers were complete in the store already; they are left out of ``items``.
        missing: Why pages could not be fetched this time; their entries stay teasers.
    """

    items: list[Story | Rejected] = field(default_factory=list)
    fingerprints: dict[str, str] = field(default_factory=dict)
    known: int = 0
    missing: list[str] = field(default_factory=list)


def complete_teasers(
    items: Sequence[Story | Rejected],
    feed: Feed,
    client: fetch.HttpClient,
    clock: Clock,
    completed: Callable[[Sequence[str]], dict[str, str]],
) -> Teasers:
    """Fetch the pages of those teasers that are new or have changed.

    Args:
        items: The entries of a feed.
        feed: The feed.
        client: Fetches the pages.
        clock: The time.
        completed: Gives for uris the fingerprint of the teaser whose page the store has; see ``StoryStore.completed``.
    """
    result = Teasers()
    stories = [item for item in items if isinstance(item, Story) and item.url is not None]
    known = completed([story.uri for story in stories])
    wanted = [story for story in stories if known.get(story.uri) != fingerprint(story)]
    result.known = len(stories) - len(wanted)
    result.items += [item for item in items if not isinstance(item, Story) or item.url is None]

    def page_of(story: Story) -> Story | str:
        try:
            page = fetch.fetch_article(story.url or "", feed, client, clock.now())
            return parse.parse_article(page, story)
        except ParseError:
            return story  # the page has no article: to fetch it again would not help
        except FetchError as error:
            return story if is_final(error) else str(error)

    with ThreadPoolExecutor(PAGES_AT_ONCE, thread_name_prefix="pages") as pool:
        for story, answer in zip(wanted, pool.map(page_of, wanted), strict=True):
            if isinstance(answer, str):
                result.missing.append(answer)
                result.items.append(story)
            else:
                result.items.append(answer)
                result.fingerprints[story.uri] = fingerprint(story)
    return result


def is_final(error: FetchError) -> bool:
    """Whether it is no use to fetch a page again: it is gone, or it is not for us."""
    return error.http_status is not None and error.http_status in (200, 401, 403, 404, 410, 451)


def fingerprint(story: Story) -> str:
    """A hash of a teaser's headline, text and state: when it changes, the page is fetched again."""
    identity = "\0".join((story.headline, story.body, story.status, str(story.version)))
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]
