"""LineageRecord -> StoryDocument: pure, and the same for every engine."""

from dataclasses import replace

from pipeline.models import EntityType, LineageRecord, Status, StoryDocument


def document(record: LineageRecord) -> StoryDocument:
    """Make the document of a lineage: its current take with what tagging and relating added; blank unless usable."""
    story = record.current.story
    enrichment = record.enrichment
    names: dict[EntityType, tuple[str, ...]] = {
        kind: tuple(dict.fromkeys(e.name for e in enrichment.entities if e.type is kind)) if enrichment else ()
        for kind in EntityType
    }
    return blanked(
        StoryDocument(
            id=record.lineage,
            uri=story.uri,
            lineage=record.lineage,
            version=record.current.version,
            revision=record.revision,
            status=record.status,
            corrected=record.corrected,
            headline=story.headline,
            slugline=story.slugline,
            body=story.body,
            language=story.language or (enrichment.language if enrichment else None),
            byline=story.byline,
            agency=story.agency,
            source=story.source,
            url=story.url,
            urgency=story.urgency,
            topics=story.topics or (enrichment.topics if enrichment else ()),
            dateline_place=story.dateline_place,
            published_at=record.published_at,
            updated_at=record.updated_at,
            fetched_at=record.fetched_at,
            person=names[EntityType.PERSON],
            organization=names[EntityType.ORGANIZATION],
            place=names[EntityType.PLACE],
            product=names[EntityType.PRODUCT],
            named_event=names[EntityType.NAMED_EVENT],
            entity_ids=tuple(dict.fromkeys(e.entity_id for e in enrichment.entities)) if enrichment else (),
            event_type=enrichment.event_type if enrichment else None,
            keyterms=enrichment.keyterms if enrichment else (),
            copy_group=record.copy_group,
            copies=record.copies,
            happening=record.happening,
            thread=record.thread,
            follows=record.follows,
            vector=enrichment.vector if enrichment else None,
            terms=tuple(enrichment.terms) if enrichment else (),
            headline_terms=tuple(enrichment.headline_terms) if enrichment else (),
            month=record.month,
        )
    )


def blanked(story: StoryDocument) -> StoryDocument:
    """Empty a document unless it is usable: nothing of it can be read or found.

    What is left of a withdrawn or withheld story says that it is there, and keeps a late take from bringing it back.
    """
    if story.status is Status.USABLE:
        return story
    return replace(
        story,
        headline="",
        slugline=None,
        body="",
        byline=None,
        url=None,
        topics=(),
        dateline_place=None,
        person=(),
        organization=(),
        place=(),
        product=(),
        named_event=(),
        entity_ids=(),
        event_type=None,
        keyterms=(),
        copy_group=None,
        copies=0,
        happening=None,
        thread=None,
        follows=(),
        vector=None,
        terms=(),
        headline_terms=(),
    )
