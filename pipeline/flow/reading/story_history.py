"""What each take of a story changed, and which of their texts may be read.

Text that nobody may read is left out, and so are differences in it: of a story that was withdrawn or has expired, of a
killed take, and of a take under embargo.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.models import LineageRecord, Span, Status, StoredTake, Story
from pipeline.text.difference import Paragraph, Piece, text_difference, word_difference
from pipeline.wire.availability import status_at
from pipeline.wire.body import body_text
from pipeline.wire.take_line import without_take_line

__all__ = ["FieldChange", "Paragraph", "Piece", "StoryHistory", "StoryVersion", "take_line", "versions"]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs from the take before.

    Attributes:
        field: Its name, as readers know it: "headline", "take_line", "credits" ...
        before: Its value in the take before; None if it had none.
        after: Its value in this take; None if it has none.
        pieces: The words that were kept, removed and added, where it is text; else empty.
    """

    field: str
    before: str | None
    after: str | None
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryVersion:
    """One take, and what it changed.

    Attributes:
        take: The take; ``take.story.body`` is empty where it may not be read.
        status: Whether the take may be read.
        compared_with: The version that it is compared with; None for the first take.
        fields: The fields that changed.
        body: The paragraphs that were kept, removed, added and changed; None where one of the two texts may not be
            read, and for the first take.
    """

    take: StoredTake
    status: Status
    compared_with: int | None = None
    fields: tuple[FieldChange, ...] = ()
    body: tuple[Paragraph, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryHistory:
    """How a story stands, and all its takes.

    Attributes:
        record: The story with its winning take.
        joined: The ids of stories that turned out to be this one.
        uris: The uris that its takes came under.
        versions: Its takes, oldest first.
    """

    record: LineageRecord
    joined: tuple[int, ...]
    uris: tuple[str, ...]
    versions: tuple[StoryVersion, ...]

    @property
    def readable(self) -> Story:
        """The winning take, without its text where the story may not be read."""
        take = self.record.current
        return (take if self.record.status is Status.USABLE else _without_text(take)).story


def versions(takes: Sequence[StoredTake], status: Status, now: datetime) -> list[StoryVersion]:
    """Each take with what it changed.

    Args:
        takes: The takes of one story, oldest first.
        status: The story's.
        now: The present, for embargoes and expiry.

    Returns:
        One version per take. It is compared with the latest take before it that may be read, else with the one before.
    """
    history: list[StoryVersion] = []
    for take in readable_takes(takes, status, now):
        own_status = status_at(take.story, now)
        if not history:
            history.append(StoryVersion(take=take, status=own_status))
            continue
        last = next((version for version in reversed(history) if version.status is Status.USABLE), history[-1])
        readable = status is Status.USABLE and own_status is last.status is Status.USABLE
        history.append(
            StoryVersion(
                take=take,
                status=own_status,
                compared_with=last.take.version,
                fields=tuple(_field_changes(last, take.story, own_status, readable)),
                body=_body_changes(last.take.story, take.story) if readable else None,
            )
        )
    return history


def readable_takes(takes: Sequence[StoredTake], status: Status, now: datetime) -> list[StoredTake]:
    """The takes of a story with this status, without the texts that may not be read."""
    return [
        take if status is Status.USABLE and status_at(take.story, now) is Status.USABLE else _without_text(take)
        for take in takes
    ]


def take_line(story: Story) -> str:
    """The headline's take line as it was sent: "UPDATE 1-"; empty where there is none."""
    plain = without_take_line(story.headline)
    return story.headline[: story.headline.find(plain)].strip() if plain else ""


def _without_text(take: StoredTake) -> StoredTake:
    return replace(take, story=replace(take.story, body="", dateline=None, trailer=None))


_COMPARED_BY_WORD = ("headline", "dateline", "byline", "note", "credits")
_PARTS_OF_THE_TEXT = ("dateline", "credits")


def _field_changes(last: StoryVersion, after: Story, status: Status, readable: bool) -> list[FieldChange]:
    old_fields, new_fields = _fields_of(last.take.story, last.status), _fields_of(after, status)
    changes = []
    for field, old in old_fields.items():
        new = new_fields[field]
        if old != new and (readable or field not in _PARTS_OF_THE_TEXT):
            pieces = word_difference(old, new) if field in _COMPARED_BY_WORD and old and new else ()
            changes.append(FieldChange(field, old, new, pieces))
    return changes


def _fields_of(story: Story, status: Status) -> dict[str, str | None]:
    """What a take says beside its text, by the name that readers know it by."""
    return {
        "status": status.value,
        "take_line": take_line(story) or None,
        "headline": " ".join(without_take_line(story.headline).split()) or None,
        "slugline": story.slugline,
        "dateline": _text_of_span(story, story.dateline),
        "byline": story.byline,
        "note": story.note,
        "credits": _text_of_span(story, story.trailer),
        "urgency": None if story.urgency is None else str(story.urgency),
        "language": story.language,
        "topics": ", ".join(sorted(story.topics)) or None,
        "rights": story.rights,
        "embargo_until": story.embargo_until.isoformat() if story.embargo_until else None,
        "expires_at": story.expires_at.isoformat() if story.expires_at else None,
    }


def _text_of_span(story: Story, span: Span | None) -> str | None:
    return None if span is None else " ".join(story.body[span.start : span.end].split()) or None


def _body_changes(before: Story, after: Story) -> tuple[Paragraph, ...]:
    return tuple(text_difference(body_text(before), body_text(after)))
