"""The walk, readable on one screen; the only package that knows every stage.

    ingest   due feeds, drop folders, paths  -> fetch -> parse -> store.add          stories
    enrich   untagged takes                  -> tagger -> store.record_enriched      entities, terms, vectors
    relate   tagged takes, oldest first      -> candidates, ranking, copies          links
    index    lineages that changed           -> documents -> engine                  search
    match    takes that are searchable       -> subscriptions -> outbox              matches
    deliver  outbox lines that are due       -> channels                             messages

Every stage claims work with a lease, does it, and records the outcome in one transaction: a run that dies anywhere is
finished by the next one. Stages hand each other ids through the store, never payloads.
"""

from pipeline.alert import quiet_hours
from pipeline.flow.alerts import (
    Preview,
    Subscribed,
    apply_subscriptions,
    change_subscription,
    mute,
    pause,
    preview_subscription,
    subscribe,
    unsubscribe,
    unsubscribe_by_link,
)
from pipeline.flow.dossier import Dossier, dossier, dossier_markdown, dossier_page
from pipeline.flow.entities import (
    EntityProfile,
    entity,
    merge_entities,
    replay_decisions,
    retag,
    split_entity,
    undo_decision,
)
from pipeline.flow.health import feed_health, health_of, show_feeds, silent_feeds
from pipeline.flow.history import StoryHistory, StoryVersion, story
from pipeline.flow.ingest import Ingested, due_feeds, ingest_feeds, ingest_paths, parse_paths
from pipeline.flow.learn import Lessons, learn_from, trained, weights_about
from pipeline.flow.marks import Exported, apply_mark, export_marks, mark, unmark
from pipeline.flow.read import FollowUps, RankedStory, followups, rank_all, tag_paths
from pipeline.flow.replay import Replayed, replay
from pipeline.flow.retention import Retention, retain, retain_as_set
from pipeline.flow.stages import (
    deliver,
    enrich,
    match,
    reindex,
    relate,
    release_due,
    tagging_workers,
    take_back_abandoned,
)
from pipeline.progress import SILENT, Progress
from pipeline.wiring import Parts

__all__ = [
    "Dossier",
    "EntityProfile",
    "Exported",
    "FollowUps",
    "Ingested",
    "Lessons",
    "Preview",
    "RankedStory",
    "Replayed",
    "Retention",
    "StoryHistory",
    "StoryVersion",
    "Subscribed",
    "apply_mark",
    "apply_subscriptions",
    "change_subscription",
    "deliver",
    "dossier",
    "dossier_markdown",
    "dossier_page",
    "due_feeds",
    "enrich",
    "entity",
    "export_marks",
    "feed_health",
    "followups",
    "health_of",
    "ingest_feeds",
    "ingest_paths",
    "learn_from",
    "mark",
    "match",
    "merge_entities",
    "mute",
    "parse_paths",
    "pause",
    "preview_subscription",
    "quiet_hours",
    "rank_all",
    "reindex",
    "relate",
    "release_due",
    "replay",
    "replay_decisions",
    "retag",
    "retain",
    "retain_as_set",
    "show_feeds",
    "silent_feeds",
    "split_entity",
    "story",
    "subscribe",
    "tag_paths",
    "tagging_workers",
    "trained",
    "undo_decision",
    "unmark",
    "unsubscribe",
    "unsubscribe_by_link",
    "walk",
    "weights_about",
]


def walk(parts: Parts, progress: Progress = SILENT) -> None:
    """Everything after ingest, to the end; finishes what an earlier run left, and drops what is too old to be kept."""
    take_back_abandoned(parts)
    release_due(parts)
    enrich(parts, progress)
    relate(parts, progress)
    match(parts, progress)
    deliver(parts, progress)
    retain_as_set(parts)
