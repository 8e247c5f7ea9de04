"""A reader's question: what became of this story, and what led to it? Ranked now, with today's rarity of words."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.models import CandidateQuery, LineageRecord, Reason, Status, StoredTake
from pipeline.ports import SearchIndex, Store
from pipeline.relate.candidates import background_query, followup_query
from pipeline.relate.desk import FeatureDesk
from pipeline.relate.features import StoryFeatures, is_later
from pipeline.relate.marked import Marked, read_marks, right_first
from pipeline.relate.reasons import Explanation, explain
from pipeline.relate.register import weights_for
from pipeline.relate.scoring import Scored, score
from pipeline.relate.weights import Weights

_SPARE = 5  # records read beyond those wanted, in case some are copies


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


class Reader:
    """Answers readers; keeps features from one question to the next. learned: weights other than the shipped ones."""

    def __init__(self, store: Store, index: SearchIndex, learned: Weights | None = None) -> None:
        self._store = store
        self._index = index
        self._learned = learned
        self._desk = FeatureDesk(store)

    def followups(self, lineage: int, limit: int) -> FollowUps:
        """Everything about one lineage; a withdrawn, withheld or untagged story has versions but no follow-ups."""
        (record,) = self._store.stories.records([lineage])
        story = self._desk.features([record.lineage]).get(record.lineage)
        after, before = read_marks(self._store, record)
        return FollowUps(
            story=record,
            versions=self._store.stories.history(record.lineage),
            copies=self._store.stories.records(self._store.relations.copies(record.lineage)),
            followups=self._told(record, story, self._later(story, after), after, limit) if story else (),
            background=self._told(record, story, self._earlier(story, before), before, limit) if story else (),
        )

    def rank(self, lineage: int, limit: int) -> list[tuple[str, float]]:
        """The later stories as (uri, score), best first, without what readers are told of each."""
        (record,) = self._store.stories.records([lineage])
        story = self._desk.features([record.lineage]).get(record.lineage)
        if story is None:
            return []
        marked, _ = read_marks(self._store, record)
        shown = self._shown(record, self._later(story, marked), marked, limit)
        return [
            (found.current.story.uri, each.score if each and found.lineage not in marked.right else 1.0)
            for found, each in shown
        ]

    def _later(self, story: StoryFeatures, marked: Marked) -> list[Scored]:
        return self._scored(story, followup_query(story), marked, lambda other: is_later(other, story))

    def _earlier(self, story: StoryFeatures, marked: Marked) -> list[Scored]:
        return self._scored(story, background_query(story), marked, lambda other: is_later(story, other))

    def _scored(
        self, story: StoryFeatures, request: CandidateQuery, marked: Marked, wanted: Callable[[StoryFeatures], bool]
    ) -> list[Scored]:
        (found,) = self._index.candidates([request])
        others = self._desk.features([*(candidate.lineage for candidate in found), *marked.right])
        return score(story, [other for other in others.values() if wanted(other)], weights_for(story, self._learned))

    def _told(
        self, record: LineageRecord, story: StoryFeatures, scored: Sequence[Scored], marked: Marked, limit: int
    ) -> list[RankedStory]:
        told = []
        for found, each in self._shown(record, scored, marked, limit):
            known = explain(story, each) if each else Explanation((), ())
            mark = marked.right.get(found.lineage)
            reached = each.score if each else 0.0
            told.append(
                RankedStory(
                    record=found,
                    score=1.0 if mark else reached,
                    reasons=mark.told(reached, known.reasons) if mark else known.reasons,
                    new=known.new,
                )
            )
        return told

    def _shown(
        self, record: LineageRecord, scored: Sequence[Scored], marked: Marked, limit: int
    ) -> Iterator[tuple[LineageRecord, Scored | None]]:
        """The best, one a copy group, and none of the story's own copies."""
        groups = {record.copy_group} - {None}
        left = limit
        for found, each in self._read(right_first(scored, marked), limit):
            if found.status is not Status.USABLE or found.copy_group in groups or marked.is_wrong(found):
                continue
            if found.copy_group is not None:
                groups.add(found.copy_group)
            yield found, each
            left -= 1
            if not left:
                return

    def _read(
        self, ordered: Sequence[tuple[int, Scored | None]], limit: int
    ) -> Iterator[tuple[LineageRecord, Scored | None]]:
        """Records of these stories, in their order, read a few at a time: mostly the first lot is enough."""
        for start in range(0, len(ordered), limit + _SPARE):
            some = dict(ordered[start : start + limit + _SPARE])
            records = {one.lineage: one for one in self._store.stories.records(list(some))}
            yield from ((records[lineage], each) for lineage, each in some.items() if lineage in records)
