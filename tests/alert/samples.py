"""Stories, takes and subscriptions to build cases from; every argument that a case does not name is ordinary."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.models import (
    Delivery,
    DeliveryKind,
    LineageRecord,
    Match,
    Message,
    Origin,
    Reason,
    Status,
    StoredTake,
    Story,
    StoryDocument,
    Subscription,
    TakeKind,
)

NOW = datetime(2018, 1, 15, 9, 30, tzinfo=UTC)
HEADLINE = "Eurosam wins study contract for Turkish air defence"
BODY = (
    "PARIS, Jan 15 (Bosphorus Wire) - Franco-Italian group Eurosam will study a long-range missile system with two"
    " Turkish firms.\n\nThe work is to last 18 months.\n\nIt follows a letter of intent signed last year."
)


def story(**changes: Any) -> Story:
    ordinary = Story(
        uri="tag:bosphorus.example,2018:eurosam",
        headline=HEADLINE,
        body=BODY,
        source="Bosphorus Wire",
        url="https://bosphorus.example/eurosam",
        language="en",
        published_at=NOW - timedelta(minutes=20),
        updated_at=NOW - timedelta(minutes=10),
    )
    return replace(ordinary, **changes)


def take(lineage: int = 1, version: int = 1, backfill: bool = False, **changes: Any) -> StoredTake:
    """Version ids are lineage * 100 + version."""
    return StoredTake(
        version_id=lineage * 100 + version,
        lineage=lineage,
        version=version,
        story=story(**changes),
        origin=Origin("bosphorus", "https://bosphorus.example/feed", NOW - timedelta(minutes=1), backfill),
    )


def correction(lineage: int = 1, version: int = 2, **changes: Any) -> StoredTake:
    return take(lineage, version, take=TakeKind.CORRECTION, corrected=True, **changes)


def kill(lineage: int = 1, version: int = 2, **changes: Any) -> StoredTake:
    return take(lineage, version, take=TakeKind.KILL, status=Status.WITHDRAWN, **changes)


def record(current: StoredTake, **changes: Any) -> LineageRecord:
    ordinary = LineageRecord(
        lineage=current.lineage,
        revision=current.version,
        status=current.story.status,
        corrected=current.story.corrected,
        published_at=current.story.published_at,
        updated_at=current.story.updated_at,
        fetched_at=current.origin.fetched_at,
        current=current,
        enrichment=None,
    )
    return replace(ordinary, **changes)


def document(of: LineageRecord | StoredTake) -> StoryDocument:
    """As the index holds it, as far as alerting looks at it."""
    fields = of if isinstance(of, LineageRecord) else record(of)
    current = fields.current.story
    return StoryDocument(
        id=fields.lineage,
        uri=current.uri,
        lineage=fields.lineage,
        version=fields.current.version,
        revision=fields.revision,
        status=fields.status,
        corrected=fields.corrected,
        headline=current.headline,
        slugline=None,
        body=current.body,
        language=current.language,
        byline=None,
        agency=None,
        source=current.source,
        url=current.url,
        urgency=None,
        topics=(),
        dateline_place=None,
        published_at=fields.published_at,
        updated_at=fields.updated_at,
        fetched_at=fields.fetched_at,
        copy_group=fields.copy_group,
        copies=fields.copies,
        thread=fields.thread,
        follows=fields.follows,
    )


def subscription(number: int = 1, **changes: Any) -> Subscription:
    ordinary = Subscription(
        id=number,
        owner="harness",
        channels=("file:alerts.jsonl",),
        query=None if "follow" in changes else "Eurosam",
        created_at=NOW - timedelta(days=30),
        name="Air defence",
    )
    return replace(ordinary, **changes)


def delivery(**changes: Any) -> Delivery:
    ordinary = Delivery(
        id=1,
        subscription_id=1,
        lineage=1,
        kind=DeliveryKind.NEW,
        version_id=101,
        channel="mailto:desk@example.org",
        key="0123456789abcdef0123456789abcdef",
        due_at=NOW,
    )
    return replace(ordinary, **changes)


def match(**changes: Any) -> Match:
    ordinary = Match(subscription_id=1, lineage=1, matched_at=NOW, why=(Reason("word", "Eurosam", 1.0),))
    return replace(ordinary, **changes)


def message(**changes: Any) -> Message:
    ordinary = Message(
        key="0123456789abcdef0123456789abcdef",
        to="mailto:desk@example.org",
        subject=HEADLINE,
        text="Çavuşoğlu spoke.\n",
        html="<p>Çavuşoğlu spoke.</p>",
        data={"key": "0123456789abcdef0123456789abcdef", "kind": "new", "story": {"headline": HEADLINE}},
    )
    return replace(ordinary, **changes)
