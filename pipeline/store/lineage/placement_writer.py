"""Writing what the desk decided: items, takes, links and joins, then the standing of every lineage touched."""

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
from pipeline.store.lineage.merge import merge_lineages
from pipeline.store.lineage.placement import BatchPlacer, NewTake
from pipeline.store.lineage.prepare import Incoming
from pipeline.store.lineage.refresh import refresh_lineages
from pipeline.store.lineage.versions import TakeRecord, dump_sightings


def write_placement(connection: Connection, placer: BatchPlacer, origin: Origin) -> None:
    """Write the placer's outcome. origin: the clean origin of the whole batch."""
    done = placer.outcome
    if not (done.items or done.takes or done.links or done.changed):
        return
    for numbers in (placer.item_ids, placer.version_ids):
        connection.execute(update(t.counters).where(t.counters.c.name == numbers.name).values(value=numbers.last))
    new = {take.version_id for take in done.takes}
    numbers_of = _number(placer, new)
    takes = {version_id: take for state in placer.states.values() for version_id, take in state.takes.items()}
    if done.items:
        rows = [{"id": item.id, "uri_key": item.key, "uri": item.uri, "lineage": item.lineage} for item in done.items]
        insert_rows(connection, t.items, rows)
    if done.takes:
        _write_takes(connection, placer, takes, numbers_of, dump_origin(origin))
    insert_new(
        connection,
        t.item_links,
        [{"target_key": target, "source_item": item} for target, item in sorted(set(done.links))],
    )
    _write_changes(connection, {key: text for key, text in done.changed.items() if key not in new}, takes)
    seen: dict[int, bool] = {}
    renamed: set[int] = set()
    for younger, older in done.joined:
        join = merge_lineages(connection, younger, older)
        seen[older] = join.seen or seen.get(older, False) or seen.get(younger, False)
        renamed |= join.renamed
    states = [placer.states[lineage] for lineage in sorted(done.touched)]
    refresh_lineages(connection, states, {state.id: seen[state.id] for state in states if state.id in seen}, renamed)


def _number(placer: BatchPlacer, new: set[int]) -> dict[int, int]:
    """The new takes' versions; they are written with these, so that settling finds them in place."""
    numbers: dict[int, int] = {}
    for lineage in placer.outcome.touched:
        state = placer.states[lineage]
        for number, take in enumerate(state.resolve().ordered, start=1):
            if take.version_id in new:
                numbers[take.version_id] = state.numbers[take.version_id] = number
    return numbers


def _write_takes(
    connection: Connection,
    placer: BatchPlacer,
    takes: Mapping[int, TakeRecord],
    numbers: Mapping[int, int],
    origin: str,
) -> None:
    arrived: dict[int, Incoming] = {}
    versions: list[dict[str, Any]] = []
    bodies: list[dict[str, Any]] = []
    for new in placer.outcome.takes:
        take = takes[new.version_id]
        if new.incoming is not None:
            arrived[new.version_id] = new.incoming
            story = new.incoming.story
            text = placer.outcome.changed.get(new.version_id) or new.incoming.text
        else:
            story = _returned(connection, new, take, arrived)
            text = dump_story(story)
        versions.append(_row(new, take, story) | {"number": numbers[take.version_id], "story": text, "origin": origin})
        bodies.append({"version_id": new.version_id, "body": story.body})
    insert_rows(connection, t.versions, versions)
    insert_rows(connection, t.bodies, bodies)
    keys = [{"key": key, "version_id": new.version_id} for new in placer.outcome.takes for key in new.keys]
    insert_new(connection, t.take_keys, keys)


def _row(new: NewTake, take: TakeRecord, story: Story) -> dict[str, Any]:
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


def _returned(connection: Connection, new: NewTake, take: TakeRecord, arrived: Mapping[int, Incoming]) -> Story:
    """The story of a content that came back: as it was first sent, with the dates of its return."""
    assert new.copy_of is not None
    if new.copy_of in arrived:
        story = arrived[new.copy_of].story
    else:
        joined = t.versions.join(t.bodies, t.bodies.c.version_id == t.versions.c.id)
        statement = (
            select(t.versions.c.story, t.versions.c.headline, t.bodies.c.body)
            .select_from(joined)
            .where(t.versions.c.id == new.copy_of)
        )
        data, headline, body = connection.execute(statement).one()
        story = load_story(data, take.uri, headline, body)
    return replace(story, version=take.publisher_version, updated_at=from_epoch_us(take.updated_at))


_SEEN = (
    update(t.versions)
    .where(t.versions.c.id == bind("take_id"))
    .values(
        publisher_version=bind("now_version"),
        published_at=bind("now_published"),
        updated_at=bind("now_updated"),
        seen=bind("now_seen"),
    )
)


def _write_changes(connection: Connection, changed: Mapping[int, str | None], takes: Mapping[int, TakeRecord]) -> None:
    if not changed:
        return
    rows = [
        {
            "take_id": version_id,
            "now_version": takes[version_id].publisher_version,
            "now_published": takes[version_id].published_at,
            "now_updated": takes[version_id].updated_at,
            "now_seen": dump_sightings(takes[version_id].seen),
        }
        for version_id in sorted(changed)
    ]
    connection.execute(_SEEN, rows)
    for version_id, text in sorted(changed.items()):
        if text is not None:
            connection.execute(update(t.versions).where(t.versions.c.id == version_id).values(story=text))
