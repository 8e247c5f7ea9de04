"""A reader's question: what became of this story, and what led to it? Ranked now, with today's rarity of terms."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.models import LineageRecord, Reason, Status, StoredTake, StoryOutline
from pipeline.ports import SearchIndex, Store
from pipeline.relate.ranking import Ranked, rank
from pipeline.relate.request import candidate_query
from pipeline.relate.stage import corpus_counts

CANDIDATES = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedStory:
    """A follow-up or a background story. The reasons' weights add up to the score, which is in 0..1.

    new: what the later of the two stories adds to the earlier.
    """

    record: LineageRecord
    score: float
    reasons: tuple[Reason, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUps:
    """The four lists. followups: later stories, background: earlier ones, both best first, one a copy group."""

    story: LineageRecord
    versions: Sequence[StoredTake]
    copies: Sequence[LineageRecord]
    followups: Sequence[RankedStory]
    background: Sequence[RankedStory]


def followups(store: Store, index: SearchIndex, lineage: int, limit: int) -> FollowUps:
    """Everything about one lineage; a withdrawn, withheld or untagged story has versions but no follow-ups."""
    (record,) = store.stories.records([lineage])
    copies = store.relations.copies(lineage)
    later, earlier = _both_ways(store, index, record, limit)
    return FollowUps(
        story=record,
        versions=store.stories.history(lineage),
        copies=store.stories.records(copies),
        followups=later,
        background=earlier,
    )


def rank_followups(store: Store, index: SearchIndex, lineage: int, limit: int) -> list[tuple[int, float]]:
    """The later stories as (lineage, score), best first, without what readers are told of each."""
    outlines = store.relations.outlines([lineage])
    if not outlines:
        return []
    later, _ = _ranked(store, index, outlines[0])
    return [(one.lineage, one.score) for one in later[:limit]]


def _both_ways(
    store: Store, index: SearchIndex, record: LineageRecord, limit: int
) -> tuple[list[RankedStory], list[RankedStory]]:
    outlines = store.relations.outlines([record.lineage])
    if not outlines:
        return [], []
    later, earlier = _ranked(store, index, outlines[0])
    return _shown(store, record, later, limit), _shown(store, record, earlier, limit)


def _ranked(store: Store, index: SearchIndex, one: StoryOutline) -> tuple[list[Ranked], list[Ranked]]:
    counts = corpus_counts(store, [one])
    (found,) = index.candidates([candidate_query(one, counts, CANDIDATES)])
    others = {o.lineage: o for o in store.relations.outlines([candidate.lineage for candidate in found])}
    counts = corpus_counts(store, [one, *others.values()])
    ranked = rank(one, list(others.values()), counts)
    later = [r for r in ranked if _is_later(others[r.lineage], one)]
    return later, [r for r in ranked if not _is_later(others[r.lineage], one)]


def _is_later(other: StoryOutline, one: StoryOutline) -> bool:
    if other.published_at is None or one.published_at is None:
        return one.published_at is not None and other.lineage > one.lineage
    return (other.published_at, other.lineage) > (one.published_at, one.lineage)


def _shown(store: Store, record: LineageRecord, ranked: Sequence[Ranked], limit: int) -> list[RankedStory]:
    """The best, one a copy group, and none of the story's own copies."""
    groups = {record.copy_group} - {None}
    shown: list[RankedStory] = []
    records = {r.lineage: r for r in store.stories.records([one.lineage for one in ranked[: 3 * limit]])}
    for one in ranked:
        found = records.get(one.lineage)
        if found is None or found.status is not Status.USABLE or found.copy_group in groups:
            continue
        if found.copy_group is not None:
            groups.add(found.copy_group)
        shown.append(RankedStory(record=found, score=one.score, reasons=one.reasons, new=one.new))
        if len(shown) == limit:
            break
    return shown
