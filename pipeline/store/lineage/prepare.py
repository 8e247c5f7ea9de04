"""Stories made ready for the store before its transaction begins. Pure, and the only costly part of adding."""

from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.models import Origin, Story
from pipeline.store.db.epoch import to_epoch_us
from pipeline.store.db.json_codec import dump_story
from pipeline.store.db.sanitize import clean_story, uri_key
from pipeline.store.lineage.content_hash import content_hash
from pipeline.store.lineage.take_profile import TakeProfile, profile_of
from pipeline.store.lineage.take_record import TakeRecord
from pipeline.wire.availability import take_state

LINEAGE_LINKS = frozenset({"evolved_from", "previous_version", "replaces"})  # the publisher's links that make lineage


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One story on its way in.

    Attributes:
        story: The story, storable.
        uri_key: Key of its uri.
        record: Its take; ``version_id`` is 0 until the story is placed.
        profile: What tells its other takes, where the publisher does not link them.
        story_json: Its fields as the store keeps them.
        link_targets: Keys of the uris that it evolved from by the publisher's links.
    """

    story: Story
    uri_key: bytes
    record: TakeRecord
    profile: TakeProfile
    story_json: str
    link_targets: frozenset[bytes]


def prepare(story: Story, origin: Origin, now: datetime) -> Incoming:
    """Make one story storable and work out all that its placement needs.

    Args:
        story: The story as it was parsed.
        origin: Where it came from; see ``clean_origin``.
        now: The time, UTC.
    """
    story = clean_story(story, origin.fetched_at)
    content = content_hash(story)
    if not story.uri:  # no publisher does this twice for one story: its content names it
        story = replace(story, uri=f"urn:wirewatch:content:{content.hex()}")
    record = TakeRecord(
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
    sent_at = record.fetched_at if record.sent_at is None else record.sent_at
    targets = (link.uri for link in story.links if link.rel in LINEAGE_LINKS and link.uri != story.uri)
    return Incoming(
        story=story,
        uri_key=uri_key(story.uri),
        record=record,
        profile=profile_of(0, story, sent_at, content),
        story_json=dump_story(story),
        link_targets=frozenset(map(uri_key, targets)),
    )
