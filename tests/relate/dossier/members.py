"""Records, members and dossiers for the tests of dossiers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pipeline.models import (
    Enrichment,
    Entity,
    EntityType,
    LineageRecord,
    Origin,
    Reason,
    Status,
    StoredTake,
    Story,
    StoryOutline,
)
from pipeline.relate import RankedStory
from pipeline.relate.dossier.build import Member, assemble
from pipeline.relate.dossier.contents import Dossier, Role

START = datetime(2017, 11, 8, 12, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def record(
    lineage: int,
    day: float | None = 0.0,
    *,
    names: tuple[str, ...] = (),
    tagged: bool = True,
    happening: int | None = None,
    status: Status = Status.USABLE,
    headline: str | None = None,
) -> LineageRecord:
    at = None if day is None else START + timedelta(days=day)
    enrichment = Enrichment(
        version_id=lineage,
        revision="test",
        entities=tuple(Entity(f"person:{name}", EntityType.PERSON, name, 0.5, 1) for name in names),
    )
    words = f"Headline {lineage}" if headline is None else headline
    story = Story(uri=f"wire:{lineage}", headline=words, body=f"Text {lineage}.", source="Wire")
    return LineageRecord(
        lineage=lineage,
        revision=1,
        status=status,
        corrected=False,
        published_at=at,
        updated_at=at,
        fetched_at=START,
        current=StoredTake(
            version_id=lineage, lineage=lineage, version=1, story=story, origin=Origin("import", "", START)
        ),
        enrichment=enrichment if tagged else None,
        happening=happening,
    )


def member(story: LineageRecord, score: float | None, role: Role = Role.FOLLOWUP) -> Member:
    if score is None:
        return Member(story, role)
    assert story.enrichment is not None
    outline = StoryOutline(
        lineage=story.lineage,
        version_id=story.lineage,
        uri=story.current.story.uri,
        headline=story.current.story.headline,
        agency=None,
        source=None,
        published_at=story.published_at,
        updated_at=story.updated_at,
        enrichment=story.enrichment,
    )
    return Member(
        story, role, RankedStory(story=outline, score=score, reasons=(Reason("time", "later", score),), new=())
    )


def dossier_of(*members: Member, story: LineageRecord | None = None) -> Dossier:
    return assemble(story or record(1, names=("Ana",)), members, {}, (), START)
