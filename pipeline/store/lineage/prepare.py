"""Stories made ready for the store before its transaction begins: pure, and the only costly part of adding."""

from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.models import Origin, Story
from pipeline.store.db.epoch import to_epoch_us
from pipeline.store.db.json_codec import dump_story
from pipeline.store.db.sanitize import clean_story
from pipeline.store.lineage.content_hash import content_hash, uri_key
from pipeline.store.lineage.take_matching import TakeProfile, profile_of
from pipeline.store.lineage.versions import TakeRecord
from pipeline.wire.availability import take_state

LINEAGE_LINKS = frozenset({"evolved_from", "previous_version", "replaces"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One story, storable. take.version_id is 0 until the story is placed."""

    story: Story
    key: bytes
    take: TakeRecord
    profile: TakeProfile
    text: str
    targets: frozenset[bytes]


def prepare(story: Story, origin: Origin, now: datetime) -> Incoming:
    """Make one story storable and work out all that its placing needs. origin: clean."""
    story = clean_story(story, origin.fetched_at)
    content = content_hash(story)
    if not story.uri:  # no publisher does this twice for one story: its content names it
        story = replace(story, uri=f"urn:wirewatch:content:{content.hex()}")
    take = TakeRecord(
        version_id=0,
        uri=story.uri,
        publisher_version=story.version,
        published_at=to_epoch_us(story.published_at),
        updated_at=to_epoch_us(story.updated_at),
        fetched_at=to_epoch_us(origin.fetched_at),
        kind=story.take,
        number=story.take_number,
        state=take_state(story, now),
        content=content,
        corrected=story.corrected,
        backfill=origin.backfill,
    )
    return Incoming(
        story=story,
        key=uri_key(story.uri),
        take=take,
        profile=profile_of(0, story, take.fetched_at if take.at is None else take.at, content),
        text=dump_story(story),
        targets=frozenset(
            uri_key(link.uri) for link in story.links if link.rel in LINEAGE_LINKS and link.uri != story.uri
        ),
    )
