"""Dossiers: what the store and the ranking know of a story's affair, put together and rendered."""

from datetime import datetime, timedelta

from pipeline.errors import UsageError
from pipeline.flow.reading.stories import Stories
from pipeline.flow.reading.story_history import StoryVersion
from pipeline.models import LineageRecord, Status
from pipeline.relate.dossier.build import Member, assemble, web_address
from pipeline.relate.dossier.contents import Dossier, Role, Version
from pipeline.relate.dossier.markdown import dossier_markdown
from pipeline.relate.dossier.page import dossier_page
from pipeline.relate.mark_filter import load_mark_filters
from pipeline.wiring import Adapters

__all__ = ["Dossier", "Dossiers"]

MIN_SCORE = 0.2  # a follow-up with a lower score is no part of the affair ...
LIMIT = 60  # ... nor are more stories than a reader reads, on either side
_UNDATED_LAST = timedelta.max


class Dossiers:
    """A story's whole affair as one document."""

    def __init__(self, adapters: Adapters) -> None:
        self._adapters = adapters

    def build(self, id_or_uri: str, min_score: float = MIN_SCORE, limit: int = LIMIT) -> Dossier:
        """Put the dossier of a story together.

        Args:
            id_or_uri: The story.
            min_score: Follow-ups and background with a lower score are left out, unless they are of its thread.
            limit: At most so many follow-ups, and so many background stories.

        Raises:
            NotFoundError: There is no such story.
            UsageError: The story is withheld: nobody may see it yet.
        """
        history = Stories(self._adapters).history(id_or_uri)
        record = history.record
        if record.status is Status.WITHHELD:
            raise UsageError(f"story {record.lineage} is held back by its publisher: there is nothing to show yet")
        store = self._adapters.store
        answer = self._adapters.followup_finder.followups(record.lineage, limit)
        ranked = {background.story.lineage: (Role.BACKGROUND, background) for background in answer.background}
        ranked |= {followup.story.lineage: (Role.FOLLOWUP, followup) for followup in answer.followups}
        thread = self._stories_of_thread(record, limit)
        near = {key: pair for key, pair in ranked.items() if pair[1].score >= min_score or key in thread}
        members = [Member(near_record, *near[near_record.lineage]) for near_record in store.stories.records(list(near))]
        members += _others_of_thread(record, members, thread, limit)
        copies = {
            copied.lineage: store.stories.records(store.relations.copies(copied.lineage))
            for copied in (record, *(member.record for member in members))
            if copied.copies
        }
        versions = [_version_of(version) for version in history.versions]
        left_out = len(ranked) - len(near)
        return assemble(record, members, copies, versions, self._adapters.clock.now(), left_out=left_out)

    def as_page(self, dossier: Dossier) -> str:
        """A dossier as an HTML page that needs no network and no script; times are in the zone of the settings."""
        return dossier_page(dossier, self._adapters.settings.timezone)

    def as_markdown(self, dossier: Dossier) -> str:
        """A dossier as Markdown; times are in the zone of the settings."""
        return dossier_markdown(dossier, self._adapters.settings.timezone)

    def _stories_of_thread(self, record: LineageRecord, limit: int) -> dict[int, LineageRecord]:
        """The stories of a story's thread by id, the nearest in time first, at most twice ``limit``.

        Those are left out that readers have marked as wrong for it.
        """
        if record.thread is None:
            return {}
        store, at = self._adapters.store, record.published_at
        stories = [
            story
            for happening in store.threads.thread(record.thread, most=2 * limit).happenings
            for story in happening.stories
            if story.lineage != record.lineage and story.status is Status.USABLE
        ]
        stories.sort(key=lambda story: abs(story.published_at - at) if story.published_at and at else _UNDATED_LAST)
        records = store.stories.records([story.lineage for story in stories[: 2 * limit]])
        marks = load_mark_filters(store, record.lineage)
        return {
            other.lineage: other
            for other in records
            if not any(
                marked.is_wrong(other.lineage, -1 if other.copy_group is None else other.copy_group) for marked in marks
            )
        }


def _others_of_thread(
    record: LineageRecord, members: list[Member], thread: dict[int, LineageRecord], limit: int
) -> list[Member]:
    """The stories of the thread that are no members yet, as far as the limit leaves room on either side."""
    known = {record.lineage, *(member.record.lineage for member in members)}
    others = [Member(other, _side_of(other, record.published_at)) for key, other in thread.items() if key not in known]
    added: list[Member] = []
    for side in (Role.BACKGROUND, Role.FOLLOWUP):
        room = limit - sum(member.role is side for member in members)
        added += [other for other in others if other.role is side][:room]
    return added


def _side_of(record: LineageRecord, at: datetime | None) -> Role:
    """Whether a story was published before a time, as background, or after it."""
    earlier = at is not None and record.published_at is not None and record.published_at < at
    return Role.BACKGROUND if earlier else Role.FOLLOWUP


def _version_of(version: StoryVersion) -> Version:
    story = version.take.story
    headline = next((change for change in version.fields if change.field == "headline"), None)
    return Version(
        number=version.take.version,
        take=story.take.value,
        status=version.status.value,
        at=story.updated_at,
        headline=story.headline,
        headline_pieces=headline.pieces if headline else (),
        note=story.note,
        url=web_address(story.url),
        changes=version.body,
    )
