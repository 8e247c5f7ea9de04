"""What the stages hand each other: frozen values, no behaviour beyond what follows from their own fields.

All times are timezone-aware and UTC. All offsets are Unicode code points into the named field, end exclusive.
"""

from pipeline.models.alerts import Delivery, DeliveryKind, Match, Message, Rhythm, Subscription
from pipeline.models.enrichment import CorpusCounts, Enrichment, Entity, EntityType, Mention, StoryOutline, TaggedTake
from pipeline.models.feeds import Feed, FeedCondition, FeedHealth, FeedState, FetchOutcome, FetchRecord
from pipeline.models.index import (
    Candidate,
    Hit,
    QueryFailure,
    QueryMatch,
    SearchRequest,
    SearchResult,
    StoredQuery,
    StoryDocument,
    WriteOutcome,
    WriteState,
)
from pipeline.models.marks import Mark
from pipeline.models.relations import CandidateQuery, CopyEdge, LineageRecord, Link, Reason, Relations, in_words
from pipeline.models.story import (
    Added,
    AddOutcome,
    Field,
    Origin,
    PublisherLink,
    RawDocument,
    Rejected,
    Span,
    Status,
    StoredTake,
    Story,
    TakeKind,
)
from pipeline.models.work import Quarantined, Stage

__all__ = [
    "AddOutcome",
    "Added",
    "Candidate",
    "CandidateQuery",
    "CopyEdge",
    "CorpusCounts",
    "Delivery",
    "DeliveryKind",
    "Enrichment",
    "Entity",
    "EntityType",
    "Feed",
    "FeedCondition",
    "FeedHealth",
    "FeedState",
    "FetchOutcome",
    "FetchRecord",
    "Field",
    "Hit",
    "LineageRecord",
    "Link",
    "Mark",
    "Match",
    "Mention",
    "Message",
    "Origin",
    "PublisherLink",
    "Quarantined",
    "QueryFailure",
    "QueryMatch",
    "RawDocument",
    "Reason",
    "Rejected",
    "Relations",
    "Rhythm",
    "SearchRequest",
    "SearchResult",
    "Span",
    "Stage",
    "Status",
    "StoredQuery",
    "StoredTake",
    "Story",
    "StoryDocument",
    "StoryOutline",
    "Subscription",
    "TaggedTake",
    "TakeKind",
    "WriteOutcome",
    "WriteState",
    "in_words",
]
