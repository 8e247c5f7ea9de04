"""What the stages hand each other: frozen values, no behaviour beyond what follows from their own fields.

All times are timezone-aware and UTC. All offsets are Unicode code points into the named field, end exclusive.

- feeds: sources, and what became of fetching them
- story: stories as publishers send them, and takes as the store keeps them
- work: the stages that claim work, and what they could not process
- enrichment: what tagging adds to a take; outlines and sketches, as ranking reads it
- entities: operators' decisions about entities
- relations: follow-ups with their reasons, copies, the request for candidates, a lineage's full record
- threads: happenings, threads, rulings on them
- marks: readers' verdicts on follow-ups
- index: what a search engine is given and answers
- alerts: subscriptions, matches, deliveries, messages
- months: months as stories are kept and dropped by them
"""

from pipeline.models.alerts import (
    Delivery,
    DeliveryKind,
    Match,
    Message,
    Mute,
    MuteKind,
    Problem,
    QuietHours,
    Rhythm,
    Subscription,
)
from pipeline.models.enrichment import (
    CorpusCounts,
    Enrichment,
    Entity,
    EntityType,
    Mention,
    StoryHead,
    StoryOutline,
    StorySketch,
    TaggedTake,
)
from pipeline.models.entities import DecisionKind, EntityDecision
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
from pipeline.models.marks import Mark, ResolvedMarks
from pipeline.models.relations import CandidateQuery, CopyEdge, LineageRecord, Link, Reason, Relations
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
    TakeState,
    first_words,
)
from pipeline.models.threads import (
    GroupChange,
    GroupKind,
    HappeningAssignment,
    HappeningStory,
    HappeningView,
    Ruling,
    ThreadSummary,
    ThreadView,
)
from pipeline.models.work import Quarantined, Stage

__all__ = [
    "AddOutcome",
    "Added",
    "Candidate",
    "CandidateQuery",
    "CopyEdge",
    "CorpusCounts",
    "DecisionKind",
    "Delivery",
    "DeliveryKind",
    "Enrichment",
    "Entity",
    "EntityDecision",
    "EntityType",
    "Feed",
    "FeedCondition",
    "FeedHealth",
    "FeedState",
    "FetchOutcome",
    "FetchRecord",
    "Field",
    "GroupChange",
    "GroupKind",
    "HappeningAssignment",
    "HappeningStory",
    "HappeningView",
    "Hit",
    "LineageRecord",
    "Link",
    "Mark",
    "Match",
    "Mention",
    "Message",
    "Mute",
    "MuteKind",
    "Origin",
    "Problem",
    "PublisherLink",
    "Quarantined",
    "QueryFailure",
    "QueryMatch",
    "QuietHours",
    "RawDocument",
    "Reason",
    "Rejected",
    "Relations",
    "ResolvedMarks",
    "Rhythm",
    "Ruling",
    "SearchRequest",
    "SearchResult",
    "Span",
    "Stage",
    "Status",
    "StoredQuery",
    "StoredTake",
    "Story",
    "StoryDocument",
    "StoryHead",
    "StoryOutline",
    "StorySketch",
    "Subscription",
    "TaggedTake",
    "TakeKind",
    "TakeState",
    "ThreadSummary",
    "ThreadView",
    "WriteOutcome",
    "WriteState",
    "first_words",
]
