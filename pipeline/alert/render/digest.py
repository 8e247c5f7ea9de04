"""Several stories in one message: what belongs together under one heading, copies folded, most important first. Pure.

Together: stories of one thread; else those of which one follows up the other, or is a copy of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import log2

from pipeline.alert.render.html import render_html
from pipeline.alert.render.message import MessageParts, Notice, data, describe
from pipeline.alert.render.wording import one_line
from pipeline.models import DeliveryKind, Message, Rhythm, Subscription
from pipeline.text.truncate import truncate_characters, truncate_words

SHOWN = 25  # stories in full; of the rest the number is told
_LEAST_LINK = 0.5  # a follow-up's score that puts two stories under one heading
_OPENING = 240  # characters
_SUBJECT_HEADLINE = 90
_UNDATED = datetime.min.replace(tzinfo=UTC)
_NO_URGENCY = 5  # urgency runs from 1, a flash, to 8
_MANNER = {Rhythm.AT_ONCE: "", Rhythm.HOURLY: "this hour", Rhythm.DAILY: "today", Rhythm.WEEKLY: "this week"}


@dataclass(frozen=True, slots=True)
class Group:
    """Stories under one heading, most important first."""

    notices: tuple[Notice, ...]


def render_digest(notices: Sequence[Notice], subscription: Subscription, shown: int = SHOWN) -> Message:
    """One message for several lines of the outbox (at least one) to one channel."""
    folded = fold(notices)
    groups = in_groups(folded)
    most, left = groups[0].notices[0], max(0, len(folded) - shown)
    limited = _first(groups, shown)
    delivery = notices[0].delivery
    name = one_line(subscription.name or "")
    others = len(folded) - 1
    headline = truncate_characters(describe(most).headline, _SUBJECT_HEADLINE)
    about = f"{headline} and {others} more" if others else headline
    stop = notices[0].unsubscribe_url
    title = " ".join(filter(None, [_counted(len(folded)), _MANNER[subscription.rhythm]]))
    page = DigestPage(
        heading=f"{title}: {name}" if name else title,
        groups=[(_block(group.notices[0]), [_block(notice) for notice in group.notices[1:]]) for group in limited],
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
            "stories": [[data(one, describe(one)) for one in group.notices] for group in limited],
            "more": left,
        },
        unsubscribe_url=stop,
    )


def fold(notices: Sequence[Notice]) -> list[Notice]:
    """One a story, and one a text: the newest line of a lineage, and of copies the first, with the others' publishers.

    A story that is new to the reader stays new, whatever takes have come since.
    """
    by_lineage: dict[int, Notice] = {}
    for notice in notices:
        held = by_lineage.get(notice.delivery.lineage)
        if held is None or (notice.delivery.kind is DeliveryKind.NEW) >= (held.delivery.kind is DeliveryKind.NEW):
            by_lineage[notice.delivery.lineage] = notice
    by_text: dict[tuple[str, int], Notice] = {}
    for notice in sorted(by_lineage.values(), key=_first_published):
        group = notice.copy_group
        text = ("lineage", notice.delivery.lineage) if group is None else ("copies", group)
        held = by_text.get(text)
        if held is None:
            by_text[text] = notice
        else:
            story = notice.take.story
            publisher = story.source or story.agency or notice.take.origin.name
            by_text[text] = replace(held, copies=tuple(dict.fromkeys((*held.copies, publisher))))
    return list(by_text.values())


def in_groups(notices: Sequence[Notice]) -> list[Group]:
    """The stories in groups; groups by their most important story, and the stories in each likewise."""
    leaders = {notice.delivery.lineage: notice.delivery.lineage for notice in notices}
    threads: dict[int, int] = {}

    def leader(lineage: int) -> int:
        while leaders[lineage] != lineage:
            lineage = leaders[lineage]
        return lineage

    for notice in notices:
        lineage = notice.delivery.lineage
        if notice.thread is not None:
            leaders[leader(lineage)] = leader(threads.setdefault(notice.thread, lineage))
        for earlier, score in notice.follows:
            if earlier in leaders and score >= _LEAST_LINK:
                leaders[leader(lineage)] = leader(earlier)
    groups: dict[int, list[Notice]] = {}
    for notice in sorted(notices, key=importance, reverse=True):
        groups.setdefault(leader(notice.delivery.lineage), []).append(notice)
    return [Group(tuple(group)) for group in groups.values()]


def importance(notice: Notice) -> tuple[float, datetime]:
    """What puts one story before another: the publisher's urgency, how many carry it, then which is newer."""
    story = notice.take.story
    urgency = story.urgency if story.urgency is not None else _NO_URGENCY
    moment = story.updated_at or story.published_at or _UNDATED
    return log2(1 + len(notice.copies)) - urgency, moment


def _first_published(notice: Notice) -> tuple[datetime, int]:
    story = notice.take.story
    return story.published_at or story.updated_at or _UNDATED, notice.delivery.lineage


def _first(groups: Sequence[Group], count: int) -> list[Group]:
    """So many stories of the groups, in their order."""
    taken: list[Group] = []
    for group in groups:
        some = group.notices[: count - sum(len(one.notices) for one in taken)]
        if some:
            taken.append(Group(some))
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


def _block(notice: Notice) -> StoryBlock:
    parts = describe(notice)
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
    lines = [f"{bullet}{parts.label}{parts.headline}", parts.source, parts.notice, opening, parts.link or ""]
    lines += [f"{name}: {value}" for name, value in story.facts]
    return indent.join(line for line in lines if line)
