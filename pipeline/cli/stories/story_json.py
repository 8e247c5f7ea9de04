"""A story and its history as JSON."""

from typing import TYPE_CHECKING, Any

from pipeline.models import Entity, LineageRecord

if TYPE_CHECKING:
    from pipeline import Paragraph, Piece, StoryHistory, StoryVersion


def story_as_json(answer: "StoryHistory", history: bool) -> dict[str, Any]:
    """A story as ``story --json`` writes it; history: with every version."""
    record, take = answer.record, answer.readable
    shown = {
        "id": record.lineage,
        "uri": take.uri,
        "uris": answer.uris,
        "joined": answer.joined,
        "status": record.status,
        "corrected": record.corrected,
        "version": record.current.version,
        "versions": len(answer.versions),
        "headline": take.headline,
        "slugline": take.slugline,
        "byline": take.byline,
        "dateline_place": take.dateline_place,
        "agency": take.agency,
        "source": take.source,
        "url": take.url,
        "language": take.language,
        "urgency": take.urgency,
        "topics": take.topics,
        "rights": take.rights,
        "note": take.note,
        "embargo_until": take.embargo_until,
        "expires_at": take.expires_at,
        "published_at": record.published_at,
        "updated_at": record.updated_at,
        "fetched_at": record.fetched_at,
        "body": take.body,
        "entities": [_entity_json(entity) for entity in entities_by_salience(record)],
        "keyterms": record.enrichment.keyterms if record.enrichment else (),
        "copies": record.copies,
        "copy_group": record.copy_group,
        "happening": record.happening,
        "thread": record.thread,
    }
    return shown | {"history": [_version_json(version) for version in answer.versions]} if history else shown


def _entity_json(entity: Entity) -> dict[str, Any]:
    return {
        "type": entity.type,
        "name": entity.name,
        "id": entity.entity_id,
        "mentions": entity.count,
        "salience": entity.salience,
    }


def _version_json(version: "StoryVersion") -> dict[str, Any]:
    take = version.take.story
    compared = {
        "compared_with": version.compared_with,
        "fields": [
            {
                "field": change.field,
                "from": change.before,
                "to": change.after,
                **({"operations": [_piece_json(piece) for piece in change.pieces]} if change.pieces else {}),
            }
            for change in version.fields
        ],
        "body": None if version.body is None else [_paragraph_json(paragraph) for paragraph in version.body],
    }
    return {
        "version": version.take.version,
        "uri": take.uri,
        "publisher_version": take.version,
        "take": take.take,
        "take_number": take.take_number,
        "status": version.status,
        "corrected": take.corrected,
        "headline": take.headline,
        "note": take.note,
        "published_at": take.published_at,
        "updated_at": take.updated_at,
        "fetched_at": version.take.origin.fetched_at,
        "text": take.body,
        "changes": None if version.compared_with is None else compared,
    }


def _paragraph_json(paragraph: "Paragraph") -> dict[str, Any]:
    shown: dict[str, Any] = {"op": paragraph.edit, "text": paragraph.text}
    return shown | ({"words": [_piece_json(piece) for piece in paragraph.pieces]} if paragraph.pieces else {})


def _piece_json(piece: "Piece") -> dict[str, Any]:
    return {"op": piece.edit, "text": piece.text}


def entities_by_salience(record: LineageRecord) -> list[Entity]:
    """A story's entities, the most salient first."""
    entities = record.enrichment.entities if record.enrichment else ()
    return sorted(entities, key=lambda entity: (-entity.salience, entity.name))
