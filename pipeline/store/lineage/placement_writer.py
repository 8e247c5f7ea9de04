"""Writing what was decided for a batch: items, takes, links, and the sightings of takes that were sent again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy import bindparam as bind

from pipeline.models import Origin, Story
from pipeline.store.db import tables as t
from pipeline.store.db.epoch import from_epoch_us, to_epoch_us
from pipeline.store.db.json_codec import dump_origin, dump_story, load_story
from pipeline.store.db.statements import insert_new, insert_rows
from pipeline.store.lineage.placement import NewTake, PlacementOutcome
from pipeline.store.lineage.take_record import TakeRecord, dump_sightings


def write_placement(connection: Connection, outcome: PlacementOutcome, origin: Origin) -> None:
    """Write a batch's items, takes, links and sightings. What follows for its lineages is up to ``refresh``.

    Args:
        connection: The transaction in which the batch was placed.
        outcome: What was decided. The new takes' numbers are noted in its lineages.
        origin: Where the whole batch came from; see ``clean_origin``.
    """
    outcome.item_ids.save()
    outcome.version_ids.save()
    items = [
        {"id": item.id, "uri_key": item.uri_key, "uri": item.uri, "lineage": item.lineage} for item in outcome.items
    ]
    insert_rows(connection, t.items, items)
    takes = {version_id: take for state in outcome.states.values() for version_id, take in state.takes.items()}
    _insert_takes(connection, outcome, takes, dump_origin(origin))
    links = [{"target_key": target, "source_item": item_id} for target, item_id in sorted(set(outcome.links))]
    insert_new(connection, t.item_links, links)
    _update_resent(connection, outcome, takes)


def _number_new_takes(outcome: PlacementOutcome) -> dict[int, int]:
    """New take -> its number within its lineage. The takes are written with it, so that ``refresh`` need not."""
    new = {take.version_id for take in outcome.takes}
    numbers: dict[int, int] = {}
    for state in outcome.touched_states:
        for number, take in enumerate(state.resolve().ordered, start=1):
            if take.version_id in new:
                numbers[take.version_id] = state.numbers[take.version_id] = number
    return numbers


def _insert_takes(
    connection: Connection, outcome: PlacementOutcome, takes: Mapping[int, TakeRecord], origin: str
) -> None:
    numbers = _number_new_takes(outcome)
    arrived: dict[int, Story] = {}
    versions: list[dict[str, Any]] = []
    bodies: list[dict[str, Any]] = []
    for new in outcome.takes:
        take = takes[new.version_id]
        if new.incoming is not None:
            story = arrived[new.version_id] = new.incoming.story
            story_json = outcome.changed.get(new.version_id) or new.incoming.story_json
        else:
            story = _returned_story(connection, new, take, arrived)
            story_json = dump_story(story)
        row = _version_row(new, take, story)
        versions.append(row | {"number": numbers[take.version_id], "story": story_json, "origin": origin})
        bodies.append({"version_id": new.version_id, "body": story.body})
    insert_rows(connection, t.versions, versions)
    insert_rows(connection, t.bodies, bodies)
    keys = [{"key": key, "version_id": new.version_id} for new in outcome.takes for key in new.keys]
    insert_new(connection, t.take_keys, keys)


def _version_row(new: NewTake, take: TakeRecord, story: Story) -> dict[str, Any]:
    return {
        "id": take.version_id,
        "item_id": new.item.id,
        "lineage": new.item.lineage,
        "publisher_version": take.publisher_version,
        "kind": take.kind,
        "take_number": take.number,
        "state": take.state,
        "tagged": False,
        "related": False,
        "backfill": take.backfill,
        "corrected": take.corrected,
        "content": take.content,
        "seen": dump_sightings(take.seen),
        "published_at": take.published_at,
        "updated_at": take.updated_at,
        "fetched_at": take.fetched_at,
        "release_at": to_epoch_us(story.embargo_until),
        "expires_at": to_epoch_us(story.expires_at),
        "headline": story.headline,
        "agency": story.agency,
        "source": story.source,
    }


def _returned_story(connection: Connection, new: NewTake, take: TakeRecord, arrived: Mapping[int, Story]) -> Story:
    """The story of a content that came back: as it was first sent, with the dates of its return."""
    assert new.copy_of is not None
    story = arrived.get(new.copy_of) or _load_story(connection, new.copy_of, take.uri)
    return replace(story, version=take.publisher_version, updated_at=from_epoch_us(take.updated_at))


def _load_story(connection: Connection, version_id: int, uri: str) -> Story:
    statement = (
        select(t.versions.c.story, t.versions.c.headline, t.bodies.c.body)
        .select_from(t.versions.join(t.bodies, t.bodies.c.version_id == t.versions.c.id))
        .where(t.versions.c.id == version_id)
    )
    story_json, headline, body = connection.execute(statement).one()
    return load_story(story_json, uri, headline, body)


_SET_SIGHTINGS = (
    update(t.versions)
    .where(t.versions.c.id == bind("take_id"))
    .values(
        publisher_version=bind("new_publisher_version"),
        published_at=bind("new_published_at"),
        updated_at=bind("new_updated_at"),
        seen=bind("new_seen"),
    )
)


def _update_resent(connection: Connection, outcome: PlacementOutcome, takes: Mapping[int, TakeRecord]) -> None:
    """Write the numbers, dates and sightings of stored takes that were sent again, and the story where it changed."""
    new = {take.version_id for take in outcome.takes}
    changed = {version_id: text for version_id, text in sorted(outcome.changed.items()) if version_id not in new}
    if not changed:
        return
    rows = [
        {
            "take_id": version_id,
            "new_publisher_version": takes[version_id].publisher_version,
            "new_published_at": takes[version_id].published_at,
            "new_updated_at": takes[version_id].updated_at,
            "new_seen": dump_sightings(takes[version_id].seen),
        }
        for version_id in changed
    ]
    connection.execute(_SET_SIGHTINGS, rows)
    for version_id, story_json in changed.items():
        if story_json is not None:
            statement = update(t.versions).where(t.versions.c.id == version_id).values(story=story_json)
            connection.execute(statement)
