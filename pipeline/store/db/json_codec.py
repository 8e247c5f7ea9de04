"""The store's JSON texts: a story's own fields, where it came from, enrichments, reasons.

Fields that hold their default are left out, so that a row is small and a new optional field needs no migration.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pipeline.models import (
    Enrichment,
    Entity,
    EntityType,
    Field,
    Mention,
    Origin,
    PublisherLink,
    Reason,
    Span,
    Status,
    Story,
    TakeKind,
)
from pipeline.store.db.epoch import from_epoch_us, to_epoch_us

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode

_TYPES = {str(kind): kind for kind in EntityType}  # twice as fast as EntityType(...)
_FIELDS = {str(name): name for name in Field}

_PLAIN = (
    "version",
    "take_number",
    "note",
    "slugline",
    "dateline_place",
    "language",
    "byline",
    "agency",
    "source",
    "url",
    "urgency",
    "rights",
)
_TIMES = ("embargo_until", "published_at", "updated_at", "expires_at")


def dump_story(story: Story) -> str:
    """A story's fields without uri, headline and body, which have columns of their own."""
    data: dict[str, Any] = {}
    for name in _PLAIN:
        value = getattr(story, name)
        if value is not None:
            data[name] = value
    for name in _TIMES:
        instant: datetime | None = getattr(story, name)
        if instant is not None:
            data[name] = to_epoch_us(instant)
    if story.status is not Status.USABLE:
        data["status"] = story.status
    if story.take is not TakeKind.FIRST:
        data["take"] = story.take
    if story.corrected:
        data["corrected"] = True
    for name, span in (("dateline", story.dateline), ("trailer", story.trailer)):
        if span is not None:
            data[name] = [span.start, span.end]
    if story.topics:
        data["topics"] = story.topics
    if story.links:
        data["links"] = [[link.rel, link.uri] for link in story.links]
    return _encode(data)


def load_story(data: str, uri: str, headline: str, body: str) -> Story:
    """The story that ``dump_story`` was given."""
    fields: dict[str, Any] = json.loads(data)
    for name in _TIMES:
        if name in fields:
            fields[name] = from_epoch_us(fields[name])
    for name in ("dateline", "trailer"):
        if name in fields:
            fields[name] = Span(*fields[name])
    if "status" in fields:
        fields["status"] = Status(fields["status"])
    if "take" in fields:
        fields["take"] = TakeKind(fields["take"])
    if "topics" in fields:
        fields["topics"] = tuple(fields["topics"])
    if "links" in fields:
        fields["links"] = tuple(PublisherLink(rel, target) for rel, target in fields["links"])
    return Story(uri=uri, headline=headline, body=body, **fields)


def dump_origin(origin: Origin) -> str:
    """An origin as a JSON list."""
    return _encode([origin.name, origin.location, to_epoch_us(origin.fetched_at), origin.backfill])


def load_origin(data: str) -> Origin:
    """The inverse of ``dump_origin``."""
    name, location, fetched_at, backfill = json.loads(data)
    return Origin(name, location, from_epoch_us(fetched_at), backfill)


def dump_enrichment(enrichment: Enrichment) -> str:
    """An enrichment without its mentions, vector and signature."""
    data: dict[str, Any] = {}
    if enrichment.language is not None:
        data["language"] = enrichment.language
    if enrichment.event_type is not None:
        data["event_type"] = enrichment.event_type
    for name in ("keyterms", "amounts", "dates", "topics", "terms", "headline_terms"):
        value = getattr(enrichment, name)
        if value:
            data[name] = value
    if enrichment.entities:
        data["entities"] = [[e.entity_id, e.type, e.name, e.salience, e.count] for e in enrichment.entities]
    return _encode(data)


def load_enrichment(
    version_id: int,
    revision: str,
    data: str,
    vector: bytes | None,
    signature: bytes | None,
    mentions: str | None = None,
) -> Enrichment:
    """An enrichment from its columns; without ``mentions`` it carries none."""
    fields: dict[str, Any] = json.loads(data)
    for name in ("keyterms", "amounts", "dates", "topics"):
        if name in fields:
            fields[name] = tuple(fields[name])
    if "entities" in fields:
        fields["entities"] = tuple(
            Entity(entity_id, _TYPES[kind], name, salience, count)
            for entity_id, kind, name, salience, count in fields["entities"]
        )
    return Enrichment(
        version_id=version_id,
        revision=revision,
        mentions=() if mentions is None else load_mentions(mentions),
        vector=vector,
        signature=signature,
        **fields,
    )


def load_entity_ids(data: str) -> list[str]:
    """The entity ids of an enrichment, sorted."""
    return sorted({row[0] for row in json.loads(data).get("entities", ())})


def dump_mentions(mentions: Sequence[Mention]) -> str:
    """Mentions as JSON lists."""
    return _encode(
        [[m.field, m.start, m.end, m.text, m.type, m.name, m.entity_id, m.by, m.confidence] for m in mentions]
    )


def load_mentions(data: str) -> tuple[Mention, ...]:
    """The inverse of ``dump_mentions``."""
    return tuple(
        Mention(_FIELDS[field], start, end, text, _TYPES[kind], name, entity_id, by, confidence)
        for field, start, end, text, kind, name, entity_id, by, confidence in json.loads(data)
    )


def dump_reasons(reasons: Sequence[Reason]) -> str:
    """Reasons as JSON lists."""
    return _encode([[reason.kind, reason.value, reason.weight] for reason in reasons])


def load_reasons(data: str) -> tuple[Reason, ...]:
    """The inverse of ``dump_reasons``."""
    return tuple(Reason(kind, value, weight) for kind, value, weight in json.loads(data))


def dump_strings(values: Sequence[str]) -> str:
    """Strings as a JSON list."""
    return _encode(list(values))


def load_strings(data: str) -> tuple[str, ...]:
    """The inverse of ``dump_strings``."""
    return tuple(json.loads(data))
