"""LineageRecord -> StoryDocument, and what is left of a story that readers may not see."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from pipeline.index.documents import blanked, document
from pipeline.models import (
    Enrichment,
    Entity,
    EntityType,
    LineageRecord,
    Origin,
    Status,
    StoredTake,
    Story,
    StoryDocument,
)

AT = datetime(2017, 11, 9, 8, 0, tzinfo=UTC)
LATER = datetime(2017, 11, 9, 11, 0, tzinfo=UTC)

TAKE = StoredTake(
    version_id=41,
    lineage=7,
    version=2,
    story=Story(
        uri="tag:wire.example,2017:a",
        version=5,
        headline="UPDATE 1-Turkey signs",
        slugline="TURKEY-DEFENCE",
        body="ANKARA (Northwire) - Turkey signed.",
        byline="By Leyla Tan",
        agency="Northwire",
        source="The Harbour Post",
        url="https://wire.example/a",
        urgency=2,
        topics=("medtop:11001000",),
        dateline_place="Ankara",
        published_at=LATER,
    ),
    origin=Origin("harbour", "https://wire.example/feed", AT),
)
ENRICHMENT = Enrichment(
    version_id=41,
    revision="1",
    language="en",
    entities=(
        Entity("place:turkey", EntityType.PLACE, "Turkey", 0.9, 3),
        Entity("person:a-b", EntityType.PERSON, "A. B.", 0.5, 1),
        Entity("person:c-d", EntityType.PERSON, "C. D.", 0.4, 1),
        Entity("person:c-d-2", EntityType.PERSON, "C. D.", 0.3, 1),
    ),
    terms={"turkey": 2, "sign": 1},
    headline_terms={"sign": 1},
    keyterms=("missile defence",),
    event_type="agreement",
    vector=b"\x00" * 512,
)
RECORD = LineageRecord(
    lineage=7,
    revision=12,
    status=Status.USABLE,
    corrected=True,
    published_at=AT,
    updated_at=LATER,
    fetched_at=AT,
    current=TAKE,
    enrichment=ENRICHMENT,
    copy_group=3,
    copies=2,
    happening=4,
    thread=5,
    follows=((2, 0.75),),
    month="2017.11",
)


def test_a_document_is_the_current_take_with_what_was_added_to_it() -> None:
    assert document(RECORD) == StoryDocument(
        id=7,
        uri="tag:wire.example,2017:a",
        lineage=7,
        version=2,
        revision=12,
        status=Status.USABLE,
        corrected=True,
        headline="UPDATE 1-Turkey signs",
        slugline="TURKEY-DEFENCE",
        body="ANKARA (Northwire) - Turkey signed.",
        language="en",
        byline="By Leyla Tan",
        agency="Northwire",
        source="The Harbour Post",
        url="https://wire.example/a",
        urgency=2,
        topics=("medtop:11001000",),
        dateline_place="Ankara",
        published_at=AT,
        updated_at=LATER,
        fetched_at=AT,
        person=("A. B.", "C. D."),
        place=("Turkey",),
        entity_ids=("place:turkey", "person:a-b", "person:c-d", "person:c-d-2"),
        event_type="agreement",
        keyterms=("missile defence",),
        copy_group=3,
        copies=2,
        happening=4,
        thread=5,
        follows=((2, 0.75),),
        vector=b"\x00" * 512,
        terms=("turkey", "sign"),
        headline_terms=("sign",),
        month="2017.11",
    )


def test_a_story_that_is_not_tagged_yet_is_searchable_by_its_text() -> None:
    untagged = document(replace(RECORD, enrichment=None))
    assert untagged.body == TAKE.story.body
    assert (untagged.person, untagged.terms, untagged.vector, untagged.language) == ((), (), None, None)


_KEPT = {
    *("id", "uri", "lineage", "version", "revision", "status", "corrected", "language", "agency", "source", "urgency"),
    *("published_at", "updated_at", "fetched_at", "month"),
}


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.WITHHELD])
def test_of_an_unusable_story_nothing_is_left_to_read_or_to_find_it_by(status: Status) -> None:
    blank = document(replace(RECORD, status=status))
    assert blank == blanked(blank)
    left = {field.name for field in fields(blank) if getattr(blank, field.name) not in (None, "", (), 0)}
    assert left == _KEPT


def test_a_usable_story_is_left_as_it_is() -> None:
    full = document(RECORD)
    assert blanked(full) is full
