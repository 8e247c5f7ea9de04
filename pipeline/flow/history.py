"""A story as a reader asks for it: how it stands, and what each take changed.

What nobody may read is not shown here either: no text, and no difference in it, of a story that was withdrawn or has
expired, of a killed take, or of one held back until later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.models import LineageRecord, Span, Status, StoredTake, Story, TakeKind
from pipeline.text.difference import Paragraph, Piece, text_difference, word_difference
from pipeline.wire.take_line import without_take_line
from pipeline.wiring import Parts

__all__ = ["FieldChange", "Paragraph", "Piece", "StoryHistory", "StoryVersion", "story", "take_line", "versions"]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that a take says otherwise than the one before. pieces: where it is text that was reworded."""

    field: str
    before: str | None
    after: str | None
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryVersion:
    """One take. take.story.body is empty where it may not be read.

    compared_with: the version that the changes are against; None for the first. body: None where either text may not
    be read, empty where the texts say the same.
    """

    take: StoredTake
    status: Status
    compared_with: int | None = None
    fields: tuple[FieldChange, ...] = ()
    body: tuple[Paragraph, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryHistory:
    """How a story stands, and all its takes, oldest first. joined: ids of lineages that turned out to be this story;
    uris: all that its takes came under."""

    record: LineageRecord
    joined: tuple[int, ...]
    uris: tuple[str, ...]
    versions: tuple[StoryVersion, ...]

    @property
    def readable(self) -> Story:
        """The take that stands, without its text where the story may not be read."""
        take = self.record.current
        return (take if self.record.status is Status.USABLE else _unread(take)).story


def story(parts: Parts, id_or_uri: str) -> StoryHistory:
    """The story that an id or any uri of it names, with its history. Raises NotFoundError."""
    stories = parts.store.stories
    lineage = stories.resolve(id_or_uri)
    (record,) = stories.records([lineage])
    takes = stories.history(lineage)
    return StoryHistory(
        record=record,
        joined=tuple(stories.joined(lineage)),
        uris=tuple(dict.fromkeys(take.story.uri for take in takes)),
        versions=tuple(versions(takes, record.status, parts.clock.now())),
    )


def versions(takes: Sequence[StoredTake], status: Status, now: datetime) -> list[StoryVersion]:
    """The takes of a story that stands so, oldest first, each with what it changed. Pure."""
    found: list[StoryVersion] = []
    for take in readable_takes(takes, status, now):
        own = take_status(take.story, now)
        if not found:
            found.append(StoryVersion(take=take, status=own))
            continue
        last = next((one for one in reversed(found) if one.status is Status.USABLE), found[-1])
        readable = status is Status.USABLE and own is last.status is Status.USABLE
        found.append(
            StoryVersion(
                take=take,
                status=own,
                compared_with=last.take.version,
                fields=tuple(_field_changes(last, take.story, own, readable)),
                body=_body_changes(last.take.story, take.story) if readable else None,
            )
        )
    return found


def readable_takes(takes: Sequence[StoredTake], status: Status, now: datetime) -> list[StoredTake]:
    """The takes of a story that stands so, those without their text that may not be read. Pure."""
    return [
        take if status is Status.USABLE and take_status(take.story, now) is Status.USABLE else _unread(take)
        for take in takes
    ]


def take_status(story: Story, now: datetime) -> Status:
    """Whether a take may be read at a time: held back until its embargo ends, withdrawn by a kill or its expiry."""
    if story.status is Status.WITHDRAWN or story.take is TakeKind.KILL:
        return Status.WITHDRAWN
    if story.expires_at is not None and story.expires_at <= now:
        return Status.WITHDRAWN
    held = story.status is Status.WITHHELD if story.embargo_until is None else story.embargo_until > now
    return Status.WITHHELD if held else Status.USABLE


def take_line(story: Story) -> str:
    """The headline's take line as it was sent: "UPDATE 1-"; empty where there is none."""
    plain = without_take_line(story.headline)
    return story.headline[: story.headline.find(plain)].strip() if plain else ""


def _unread(take: StoredTake) -> StoredTake:
    return replace(take, story=replace(take.story, body="", dateline=None, trailer=None))


_WORDS = ("headline", "dateline", "byline", "note", "credits")
_IN_THE_TEXT = ("dateline", "credits")


def _field_changes(last: StoryVersion, after: Story, status: Status, readable: bool) -> list[FieldChange]:
    before_said, after_said = _said(last.take.story, last.status), _said(after, status)
    changes = []
    for field, before in before_said.items():
        said = after_said[field]
        if before != said and (readable or field not in _IN_THE_TEXT):
            pieces = word_difference(before, said) if field in _WORDS and before and said else ()
            changes.append(FieldChange(field, before, said, pieces))
    return changes


def _said(story: Story, status: Status) -> dict[str, str | None]:
    """What a take says beside its text, by the name that readers know it by."""
    return {
        "status": status.value,
        "take_line": take_line(story) or None,
        "headline": " ".join(without_take_line(story.headline).split()) or None,
        "slugline": story.slugline,
        "dateline": _span(story, story.dateline),
        "byline": story.byline,
        "note": story.note,
        "credits": _span(story, story.trailer),
        "urgency": None if story.urgency is None else str(story.urgency),
        "language": story.language,
        "topics": ", ".join(sorted(story.topics)) or None,
        "rights": story.rights,
        "embargo_until": story.embargo_until.isoformat() if story.embargo_until else None,
        "expires_at": story.expires_at.isoformat() if story.expires_at else None,
    }


def _span(story: Story, span: Span | None) -> str | None:
    return None if span is None else " ".join(story.body[span.start : span.end].split()) or None


def _body_changes(before: Story, after: Story) -> tuple[Paragraph, ...]:
    return tuple(text_difference(_text(before), _text(after)))


def _text(story: Story) -> str:
    """The body between its dateline and its editors' credits, which are fields of their own."""
    start = story.dateline.end if story.dateline else 0
    return story.body[start : story.trailer.start if story.trailer else None]
