"""A story's dossier: what the store and the ranking know of its affair, put together and rendered."""

from datetime import datetime, timedelta

from pipeline.errors import UsageError
from pipeline.flow.history import StoryVersion
from pipeline.flow.history import story as story_history
from pipeline.models import LineageRecord, Status
from pipeline.relate.dossier.build import Dossier, Member, Place, Version, assemble, web_address
from pipeline.relate.dossier.markdown import dossier_markdown
from pipeline.relate.dossier.page import dossier_page
from pipeline.relate.mark_filter import read_marks
from pipeline.wiring import Parts

__all__ = ["Dossier", "dossier", "dossier_markdown", "dossier_page"]

LEAST = 0.2  # a tie weaker than this is no part of the affair ...
_FAR = timedelta.max
LIMIT = 60  # ... nor are more stories than a reader reads, on either side


def dossier(parts: Parts, id_or_uri: str, least: float = LEAST, limit: int = LIMIT) -> Dossier:
    """The dossier of a story. least: the least score of a follow-up or background story; limit: of each, at most.

    Raises NotFoundError; UsageError for a story that is held back: nobody may see it yet.
    """
    history = story_history(parts, id_or_uri)
    record = history.record
    if record.status is Status.WITHHELD:
        raise UsageError(f"story {record.lineage} is held back by its publisher: there is nothing to show yet")
    answer = parts.reader.followups(record.lineage, limit)
    ranked = {one.story.lineage: (Place.BACKGROUND, one) for one in answer.background}
    ranked |= {one.story.lineage: (Place.FOLLOWUP, one) for one in answer.followups}
    thread = _thread(parts, record, limit)
    near = {key: pair for key, pair in ranked.items() if pair[1].score >= least or key in thread}
    members = [Member(one, *near[one.lineage]) for one in parts.store.stories.records(list(near))]
    told = {record.lineage, *(member.record.lineage for member in members)}
    others = [Member(one, _place(one, record.published_at)) for key, one in thread.items() if key not in told]
    for place in (Place.BACKGROUND, Place.FOLLOWUP):
        room = limit - sum(member.place is place for member in members)
        members += [other for other in others if other.place is place][:room]
    copies = {
        one.lineage: parts.store.stories.records(parts.store.relations.copies(one.lineage))
        for one in (record, *(member.record for member in members))
        if one.copies
    }
    versions = [_version(one) for one in history.versions]
    return assemble(record, members, copies, versions, parts.clock.now(), left_out=len(ranked) - len(near))


def _thread(parts: Parts, record: LineageRecord, limit: int) -> dict[int, LineageRecord]:
    """The stories that tell of the happenings of the story's thread, the nearest in time first, at most twice
    ``limit``, without what readers marked as wrong."""
    if record.thread is None:
        return {}
    at = record.published_at
    told = [
        story
        for happening in parts.store.threads.thread(record.thread, most=2 * limit).happenings
        for story in happening.stories
        if story.lineage != record.lineage and story.status is Status.USABLE
    ]
    told.sort(key=lambda one: abs(one.published_at - at) if one.published_at and at else _FAR)
    records = parts.store.stories.records([one.lineage for one in told[: 2 * limit]])
    marks = read_marks(parts.store, record.lineage)
    return {
        one.lineage: one
        for one in records
        if not any(marked.is_wrong(one.lineage, -1 if one.copy_group is None else one.copy_group) for marked in marks)
    }


def _place(record: LineageRecord, at: datetime | None) -> Place:
    earlier = at is not None and record.published_at is not None and record.published_at < at
    return Place.BACKGROUND if earlier else Place.FOLLOWUP


def _version(one: StoryVersion) -> Version:
    story = one.take.story
    headline = next((change for change in one.fields if change.field == "headline"), None)
    return Version(
        number=one.take.version,
        take=story.take.value,
        status=one.status.value,
        at=story.updated_at,
        headline=story.headline,
        headline_pieces=headline.pieces if headline else (),
        note=story.note,
        url=web_address(story.url),
        changes=one.body,
    )
