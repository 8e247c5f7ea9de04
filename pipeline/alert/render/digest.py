"""Digests: several stories in one message, grouped, copies folded, the most important first. Pure.

Stories of one thread form a group; so do stories of which one follows up the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import log2

from pipeline.alert.render.html import render_html
from pipeline.alert.render.message import MessageContent, MessageParts, data, describe
from pipeline.alert.render.wording import one_line
from pipeline.models import DeliveryKind, Message, Rhythm, Subscription
from pipeline.text.truncate import truncate_characters, truncate_words
from pipeline.text.union_find import UnionFind

SHOWN = 25  # stories in full; of the rest only the number is given
_LEAST_LINK = 0.5  # a follow-up's score that puts two stories under one heading
_OPENING = 240  # characters
_SUBJECT_HEADLINE = 90
_UNDATED = datetime.min.replace(tzinfo=UTC)
_NO_URGENCY = 5  # urgency runs from 1, a flash, to 8
_MANNER = {Rhythm.AT_ONCE: "", Rhythm.HOURLY: "this hour", Rhythm.DAILY: "today", Rhythm.WEEKLY: "this week"}


@dataclass(frozen=True, slots=True)
class Group:
    """Stories under one heading, most important first."""

    contents: tuple[MessageContent, ...]


def render_digest(contents: Sequence[MessageContent], subscription: Subscription, shown: int = SHOWN) -> Message:
    """Render one message for several lines of the outbox (at least one) to one channel.

    Args:
        contents: what each line is about.
        subscription: for which they are.
        shown: how many stories are shown; of the rest only the number is given.
    """
    folded = fold(contents)
    groups = group_related(folded)
    most, left = groups[0].contents[0], max(0, len(folded) - shown)
    limited = _first(groups, shown)
    delivery = contents[0].delivery
    name = one_line(subscription.name or "")
    others = len(folded) - 1
    headline = truncate_characters(describe(most).headline, _SUBJECT_HEADLINE)
    about = f"{headline} and {others} more" if others else headline
    stop = contents[0].unsubscribe_url
    title = " ".join(filter(None, [_counted(len(folded)), _MANNER[subscription.rhythm]]))
    page = DigestPage(
        heading=f"{title}: {name}" if name else title,
        groups=[(_block(group.contents[0]), [_block(content) for content in group.contents[1:]]) for group in limited],
        left=left,
        all_of_them=f"wirewatch alerts --subscription {subscription.id}",
        stop=stop,
    )
    return Message(
        key=delivery.bundle or delivery.key,
        to=delivery.channel,
        subject=f"{name}: {about}" if name else about,
        text=_text(page),
        html=render_html("digest", page=page),
        data={
            "key": delivery.bundle or delivery.key,
            "kind": "digest",
            "subscription": {"id": subscription.id, "name": subscription.name},
            "stories": [[data(story, describe(story)) for story in group.contents] for group in limited],
            "more": left,
        },
        unsubscribe_url=stop,
    )


def fold(contents: Sequence[MessageContent]) -> list[MessageContent]:
    """Keep one line per story and one per text: the newest of a lineage, the first of copies with all publishers.

    A story that is new to the reader stays new, whatever takes have come since.
    """
    by_lineage: dict[int, MessageContent] = {}
    for content in contents:
        kept = by_lineage.get(content.delivery.lineage)
        if kept is None or (content.delivery.kind is DeliveryKind.NEW) >= (kept.delivery.kind is DeliveryKind.NEW):
            by_lineage[content.delivery.lineage] = content
    by_text: dict[tuple[str, int], MessageContent] = {}
    for content in sorted(by_lineage.values(), key=_first_published):
        group = content.copy_group
        text = ("lineage", content.delivery.lineage) if group is None else ("copies", group)
        original = by_text.get(text)
        if original is None:
            by_text[text] = content
        else:
            story = content.take.story
            publisher = story.source or story.agency or content.take.origin.name
            by_text[text] = replace(original, copies=tuple(dict.fromkeys((*original.copies, publisher))))
    return list(by_text.values())


def group_related(contents: Sequence[MessageContent]) -> list[Group]:
    """Group related stories. The most important comes first, in each group and among the groups."""
    lineages = {content.delivery.lineage for content in contents}
    related: UnionFind[int] = UnionFind(lineages)
    first_of_thread: dict[int, int] = {}
    for content in contents:
        lineage = content.delivery.lineage
        if content.thread is not None:
            related.union(lineage, first_of_thread.setdefault(content.thread, lineage))
        for earlier, score in content.follows:
            if earlier in lineages and score >= _LEAST_LINK:
                related.union(lineage, earlier)
    groups: dict[int, list[MessageContent]] = {}
    for content in sorted(contents, key=importance, reverse=True):
        groups.setdefault(related.find(content.delivery.lineage), []).append(content)
    return [Group(tuple(group)) for group in groups.values()]


def importance(content: MessageContent) -> tuple[float, datetime]:
    """The sort key of a story: the publisher's urgency and how many carry it, then which is newer."""
    story = content.take.story
    urgency = story.urgency if story.urgency is not None else _NO_URGENCY
    moment = story.updated_at or story.published_at or _UNDATED
    return log2(1 + len(content.copies)) - urgency, moment


def _first_published(content: MessageContent) -> tuple[datetime, int]:
    story = content.take.story
    return story.published_at or story.updated_at or _UNDATED, content.delivery.lineage


def _first(groups: Sequence[Group], count: int) -> list[Group]:
    """The first ``count`` stories of the groups, in their order."""
    taken: list[Group] = []
    for group in groups:
        room = count - sum(len(previous.contents) for previous in taken)
        if room > 0:
            taken.append(Group(group.contents[:room]))
    return taken


# --------------------------------------------------------------------------- the two forms


@dataclass(frozen=True, slots=True)
class StoryBlock:
    """A story in a digest, as text.

    Attributes:
        parts: what a message of its own would say.
        opening: the beginning of its excerpt, on one line.
        facts: what is new, who else carries it, why it is sent: name and value, without empty ones.
    """

    parts: MessageParts
    opening: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPage:
    """A digest as text, nothing escaped.

    Attributes:
        heading: how many stories, for which subscription.
        groups: the lead story of each group with the others.
        left: how many stories are not shown.
        all_of_them: the command that shows them.
        stop: where the reader ends the messages.
    """

    heading: str
    groups: Sequence[tuple[StoryBlock, Sequence[StoryBlock]]]
    left: int
    all_of_them: str
    stop: str | None


def _counted(stories: int) -> str:
    return "One story" if stories == 1 else f"{stories} stories"


def _block(content: MessageContent) -> StoryBlock:
    parts = describe(content)
    facts = [("New in it", parts.new), ("Also carried by", parts.copies), ("Why", parts.because)]
    opening = truncate_words(parts.excerpt.replace("\n\n", " "), _OPENING)
    return StoryBlock(parts, opening, tuple((name, value) for name, value in facts if value))


def _text(page: DigestPage) -> str:
    blocks = [page.heading]
    for lead, others in page.groups:
        blocks.append(_story_text(lead, bullet="* ", indent="\n  ", opening=lead.opening))
        blocks += [_story_text(story, bullet="   ", indent="\n     ", opening="") for story in others]
    if page.left:
        blocks.append(f"and {page.left} more: {page.all_of_them}")
    if page.stop:
        blocks.append(f"Stop these messages: {page.stop}")
    return "\n\n".join(blocks) + "\n"


def _story_text(story: StoryBlock, bullet: str, indent: str, opening: str) -> str:
    parts = story.parts
    lines = [f"{bullet}{parts.label}{parts.headline}", parts.source, parts.note, opening, parts.link or ""]
    lines += [f"{name}: {value}" for name, value in story.facts]
    return indent.join(line for line in lines if line)
