"""Messages as people read them: what happened, why they get this, what is new. Pure; all foreign text is escaped."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.alert.render.html import render_html
from pipeline.alert.render.wording import local_time_text, one_line
from pipeline.models import Delivery, DeliveryKind, Match, Message, Reason, StoredTake, Story, Subscription
from pipeline.reason_wording import describe_reasons
from pipeline.text.truncate import truncate_characters

_EXCERPT = 700  # characters
_SUBJECT = 180
_LONGEST_FACT = 300
_COPIES_NAMED = 5
_LANGUAGE_TAG = re.compile(r"[A-Za-z0-9-]{2,35}")

LABELS = {
    DeliveryKind.NEW: "",
    DeliveryKind.UPDATE: "Update: ",
    DeliveryKind.CORRECTION: "Correction: ",
    DeliveryKind.WITHDRAWAL: "Withdrawn: ",
}
_BECAUSE = {
    "word": "it has the words",
    "query": "it matches",
    "follow": "you follow",
    "thread": "it belongs to",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageContent:
    """What the message for one line of the outbox is made of.

    Attributes:
        delivery: the line.
        take: the story as it is shown.
        subscription: None once it has ended.
        match: why the story was sent; None where that is no longer stored.
        new: what an update adds.
        copies: the other publishers that carry the same text.
        thread: as in the story's document, for digests.
        copy_group: likewise.
        follows: likewise; (lineage, score).
        unsubscribe_url: where the reader stops the messages; None for a program.
    """

    delivery: Delivery
    take: StoredTake
    subscription: Subscription | None
    match: Match | None
    new: Sequence[str] = ()
    copies: Sequence[str] = ()
    thread: int | None = None
    copy_group: int | None = None
    follows: Sequence[tuple[int, float]] = ()
    unsubscribe_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageParts:
    """The parts of a message as text, nothing escaped; a missing part is empty."""

    label: str
    headline: str
    source: str
    note: str
    excerpt: str
    link: str | None
    new: str
    because: str
    copies: str
    stop: str | None


def render(content: MessageContent) -> Message:
    """Render the message for one line of the outbox. The text of a withdrawn story is not repeated."""
    delivery, story = content.delivery, content.take.story
    parts = describe(content)
    return Message(
        key=delivery.bundle or delivery.key,
        to=delivery.channel,
        subject=truncate_characters(f"{parts.label}{parts.headline}", _SUBJECT),
        text=_text(parts),
        html=_html(parts, story.language),
        data=data(content, parts),
        unsubscribe_url=content.unsubscribe_url,
    )


def describe(content: MessageContent) -> MessageParts:
    """Word one line of the outbox. Every part is on one line but for the excerpt."""
    delivery, story = content.delivery, content.take.story
    new = content.match.new if content.match and delivery.kind is DeliveryKind.NEW else content.new
    return MessageParts(
        label=LABELS[delivery.kind],
        headline=one_line(story.title) or "(no headline)",
        source=_source(content),
        note=_note(delivery.kind, story),
        excerpt="" if delivery.kind is DeliveryKind.WITHDRAWAL else _excerpt(story),
        link=_link(story, delivery.kind),
        new=", ".join(map(one_line, new)),
        because=_because(content),
        copies=_copies(content.copies),
        stop=content.unsubscribe_url,
    )


def _because(content: MessageContent) -> str:
    """Why this reader gets the message, in one sentence."""
    match content.delivery.kind:
        case DeliveryKind.CORRECTION | DeliveryKind.WITHDRAWAL if not _follows_itself(content):
            return "you were sent this story before"
        case DeliveryKind.UPDATE if not _follows_itself(content):
            asked = content.subscription is not None and content.subscription.updates
            return f"you were sent this story{' and asked for its updates' if asked else ', and this adds to it'}"
    why = content.match.why if content.match else ()
    shared = truncate_characters(one_line(describe_reasons(why)), _LONGEST_FACT)
    if shared:
        return f"it {shared}"
    by_kind: dict[str, list[str]] = {}
    for reason in why:
        by_kind.setdefault(reason.kind, []).append(truncate_characters(one_line(reason.value), _LONGEST_FACT))
    reasons = "; ".join(f"{_BECAUSE.get(kind, kind + ':')} {', '.join(values)}" for kind, values in by_kind.items())
    return reasons or "it matches your subscription"


def _follows_itself(content: MessageContent) -> bool:
    return content.subscription is not None and content.subscription.follow == content.delivery.lineage


def _source(content: MessageContent) -> str:
    story = content.take.story
    publisher = one_line(story.source or story.agency or content.take.origin.name)
    moment = story.updated_at or story.published_at
    zone = content.subscription.timezone if content.subscription else "UTC"
    return f"{publisher}, {local_time_text(moment, zone)}" if moment else publisher


def _note(kind: DeliveryKind, story: Story) -> str:
    note = one_line(story.note or "")
    match kind:
        case DeliveryKind.WITHDRAWAL:
            return f"Its publisher has withdrawn this story. Do not use it. {note}".strip()
        case DeliveryKind.CORRECTION:
            return note or "Its publisher has corrected this story."
        case _:
            return note


def _excerpt(story: Story) -> str:
    """The opening: whole paragraphs as far as they fit."""
    paragraphs = [one_line(paragraph) for paragraph in re.split(r"\n\s*\n|\n(?=\s)", story.body[: 4 * _EXCERPT])]
    taken: list[str] = []
    for paragraph in filter(None, paragraphs):
        if taken and sum(map(len, taken)) + len(paragraph) > _EXCERPT:
            break
        taken.append(truncate_characters(paragraph, _EXCERPT))
    return "\n\n".join(taken)


def _link(story: Story, kind: DeliveryKind) -> str | None:
    url = (story.url or "").strip()
    usable = re.fullmatch(r"https?://[^\s<>\"]+", url, re.IGNORECASE) and url.isprintable()
    return url if usable and kind is not DeliveryKind.WITHDRAWAL else None


def _copies(copies: Sequence[str]) -> str:
    names = list(dict.fromkeys(filter(None, map(one_line, copies))))
    more = len(names) - _COPIES_NAMED
    named = ", ".join(names[:_COPIES_NAMED])
    return f"{named} and {more} more" if more > 0 else named


# --------------------------------------------------------------------------- the three forms


def _text(parts: MessageParts) -> str:
    facts = {
        "New in it": parts.new,
        "Also carried by": parts.copies,
        "Why you get this": parts.because,
        "Stop these messages": parts.stop or "",
    }
    blocks = [
        f"{parts.label}{parts.headline}\n{parts.source}",
        parts.note,
        parts.excerpt,
        parts.link or "",
        "\n".join(f"{name}: {value}" for name, value in facts.items() if value),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _html(parts: MessageParts, language: str | None) -> str:
    paragraphs = [paragraph for paragraph in parts.excerpt.split("\n\n") if paragraph]
    known = language if language and _LANGUAGE_TAG.fullmatch(language) else "en"
    return render_html("message", parts=parts, paragraphs=paragraphs, language=known)


def data(content: MessageContent, parts: MessageParts) -> dict[str, Any]:
    """The message as JSON, for programs: webhooks, files."""
    delivery, story, match = content.delivery, content.take.story, content.match
    return {
        "key": delivery.key,
        "kind": delivery.kind.value,
        "subscription": {
            "id": delivery.subscription_id,
            "name": content.subscription.name if content.subscription else None,
        },
        "story": {
            "lineage": delivery.lineage,
            "version": content.take.version,
            "uri": story.uri,
            "headline": parts.headline,
            "note": story.note,
            "source": story.source,
            "agency": story.agency,
            "url": parts.link,
            "published_at": _iso(story.published_at),
            "updated_at": _iso(story.updated_at),
            "opening": parts.excerpt,
        },
        "because": parts.because,
        "why": [_reason(reason) for reason in match.why] if match else [],
        "new": list(match.new if match and delivery.kind is DeliveryKind.NEW else content.new),
        "copies": list(content.copies),
    }


def _reason(reason: Reason) -> dict[str, str | float]:
    return {"kind": reason.kind, "value": reason.value, "weight": reason.weight}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
