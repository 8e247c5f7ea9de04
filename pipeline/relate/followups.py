"""A reader's question: what became of this story, and what led to it? Ranked now, with today's rarity of words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Lock

from pipeline.models import CandidateQuery, LineageRecord, Reason, StoredTake, StoryOutline
from pipeline.ports import SearchIndex, Store
from pipeline.relate.blas import one_blas_thread
from pipeline.relate.happenings.evidence_cache import EvidenceCache
from pipeline.relate.happenings.likeness import SAME_REPORT, nearness
from pipeline.relate.mark_filter import MarkFilter, load_mark_filters
from pipeline.relate.ranking.candidate_query import LIMIT, background_query, followup_query
from pipeline.relate.ranking.compare import DEPTH, CandidateSelection
from pipeline.relate.ranking.explain import Explainer, Explanation
from pipeline.relate.ranking.feature_cache import FeatureCache
from pipeline.relate.ranking.features import StoryFeatures
from pipeline.relate.ranking.score import Ranking, ScoredCandidate, score
from pipeline.relate.ranking.story_matrix import StoryMatrix, published_after
from pipeline.relate.ranking.weight_selection import weights_for
from pipeline.relate.ranking.weights import Weights
from pipeline.shared_formats.sketch import language_key

_CACHED_EVIDENCE = 2_000  # stories
_MAX_CANDIDATES = 5_000  # asked for, however many of them are copies ...
_MORE = 4  # ... each time so many times as many as before
_ONE_OFF = 4  # rankings after which a process is taken to go on asking: reading everything ahead then pays


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedStory:
    """A follow-up or a background story.

    Attributes:
        story: The story.
        score: 0..1.
        reasons: Why; their weights add up to the score.
        new: What the later of the two stories adds to the earlier.
    """

    story: StoryOutline
    score: float
    reasons: tuple[Reason, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUps:
    """What is known of a story.

    Attributes:
        story: The story.
        versions: Its takes.
        copies: The same text elsewhere.
        followups: Later stories, best first, one per copy group.
        background: Earlier stories, likewise.
    """

    story: LineageRecord
    versions: Sequence[StoredTake]
    copies: Sequence[LineageRecord]
    followups: Sequence[RankedStory]
    background: Sequence[RankedStory]


class FollowUpFinder:
    """Answers readers' questions; keeps features from one question to the next.

    Safe for several threads, which take turns.
    """

    def __init__(self, store: Store, index: SearchIndex, fitted: Weights | None = None) -> None:
        """Prepare to answer.

        Args:
            store: Where stories are read.
            index: Where candidates are found.
            fitted: Ranking weights instead of the shipped ones.
        """
        self._store = store
        self._index = index
        self._fitted = fitted
        self._features = FeatureCache(store)
        self._evidence = EvidenceCache(store, _CACHED_EVIDENCE)
        self._change_token = ""
        self._any_marks = False
        self._uris: dict[int, str] = {}  # read since anything was last committed
        self._rankings_made = 0
        self._turn = Lock()

    def followups(self, lineage: int, limit: int) -> FollowUps:
        """Return everything about one story. One that is withdrawn, withheld or untagged has no follow-ups.

        Args:
            lineage: The story.
            limit: At most so many follow-ups, and so many background stories.
        """
        with self._turn, one_blas_thread():
            return self._answer(lineage, limit)

    def _answer(self, lineage: int, limit: int) -> FollowUps:
        (record,) = self._store.stories.records([lineage])
        story = self._features.features([record.lineage]).get(record.lineage)
        copies = self._store.relations.copies(record.lineage) if record.copy_group is not None else []
        later_marks, earlier_marks = self._mark_filters(record.lineage)
        followups: list[RankedStory] = []
        background: list[RankedStory] = []
        if story:
            followups = self._explained(story, self._later(story, later_marks, limit), later_marks, limit)
            background = self._explained(story, self._earlier(story, earlier_marks, limit), earlier_marks, limit)
        return FollowUps(
            story=record,
            versions=self._store.stories.history(record.lineage),
            copies=self._store.stories.records(copies) if copies else (),
            followups=followups,
            background=background,
        )

    def rank(self, lineage: int, limit: int) -> list[tuple[str, float]]:
        """Return the later stories as (uri, score), best first, without reasons.

        Args:
            lineage: The story.
            limit: At most so many.
        """
        with self._turn, one_blas_thread():
            return self._rank(lineage, limit)

    def _rank(self, lineage: int, limit: int) -> list[tuple[str, float]]:
        story = self._features.features([lineage]).get(lineage)
        if story is None:
            return []
        marks, _ = self._mark_filters(lineage)
        shown = list(_shown(self._features, story, self._later(story, marks, limit), marks, limit))
        unknown = [lineage for lineage, _ in shown if lineage not in self._uris]
        if unknown:
            self._uris |= self._store.relations.uris(unknown)
        return [
            (self._uris[lineage], scored.score if scored and lineage not in marks.right else 1.0)
            for lineage, scored in shown
            if lineage in self._uris
        ]

    def _mark_filters(self, lineage: int) -> tuple[MarkFilter, MarkFilter]:
        """Return the marks on a story's follow-ups and background; the store is asked only while there are any."""
        change_token = self._store.relations.change_token()
        if change_token != self._change_token:
            self._change_token, self._any_marks = change_token, bool(self._store.marks.marks())
            self._uris.clear()
        return load_mark_filters(self._store, lineage) if self._any_marks else (MarkFilter(), MarkFilter())

    def _later(self, story: StoryFeatures, marks: MarkFilter, limit: int) -> Ranking:
        return self._ranking(story, followup_query(story, _candidates_for(limit)), marks, limit, later=True)

    def _earlier(self, story: StoryFeatures, marks: MarkFilter, limit: int) -> Ranking:
        return self._ranking(story, background_query(story, _candidates_for(limit)), marks, limit, later=False)

    def _ranking(
        self, story: StoryFeatures, request: CandidateQuery, marks: MarkFilter, limit: int, later: bool
    ) -> Ranking:
        self._rankings_made += 1
        if self._rankings_made > _ONE_OFF:
            self._features.preload_all(story.vector)
        selection = CandidateSelection(max(DEPTH, limit), one_per_copy_group=True, preferred=marks.right)
        candidates = self._candidates(story, request, selection, later)
        same_event = self._reports_of_same_event(story, candidates)
        return score(story, candidates, weights_for(story, self._fitted), same_event, selection)

    def _candidates(
        self, story: StoryFeatures, request: CandidateQuery, selection: CandidateSelection, later: bool
    ) -> StoryMatrix:
        """Return enough candidates to choose from.

        Where copies take up the room of other stories, more are asked for: a text that forty papers ran may not hide
        what came of it.
        """
        while True:
            (answer,) = self._index.candidates([request])
            lineages = dict.fromkeys([*(candidate.lineage for candidate in answer), *selection.preferred])
            lineages.pop(story.lineage, None)
            others = self._features.matrix(list(lineages), story.vector)
            after = published_after(others, story)
            candidates = others.select(after if later else ~after)
            crowded = candidates.count_texts() < min(selection.depth, len(candidates))
            if not crowded or len(answer) < request.limit or request.limit >= _MAX_CANDIDATES:
                return candidates
            request = replace(request, limit=min(_MAX_CANDIDATES, _MORE * request.limit))

    def _reports_of_same_event(self, story: StoryFeatures, others: StoryMatrix) -> list[int]:
        """Return the lineages that report the story's own event.

        These are the stories of its happening that tell nearly the same, or are in another language, where words cannot
        be compared. The rest of a happening may be what came of it next day.
        """
        own, language = self._features.happening(story.lineage), language_key(story.outline.enrichment.language)
        same = (others.happenings == own) & (own >= 0)
        if not same.any():
            return []
        foreign = (others.languages != language) & (others.languages > 0) & (language > 0)
        in_other_language: list[int] = others.lineages[same & foreign].tolist()
        evidence = self._evidence.evidence([story.lineage, *others.lineages[same & ~foreign].tolist()])
        own_evidence = evidence.pop(story.lineage, None)
        if own_evidence is None:
            return in_other_language
        near = nearness(own_evidence, list(evidence.values()))
        return in_other_language + [
            lineage for lineage, how_near in zip(evidence, near, strict=True) if how_near >= SAME_REPORT
        ]

    def _explained(self, story: StoryFeatures, ranking: Ranking, marks: MarkFilter, limit: int) -> list[RankedStory]:
        """Return the stories that are shown, with their reasons."""
        shown = list(_shown(self._features, story, ranking, marks, limit))
        betweens = {scored.between for _, scored in shown if scored and scored.between}
        wanted = {lineage for lineage, _ in shown} | betweens
        outlines = {outline.lineage: outline for outline in self._store.relations.outlines(sorted(wanted))}
        rarities = self._features.rarities(
            {entity.entity_id for outline in outlines.values() for entity in outline.enrichment.entities}
        )
        explainer = Explainer(story)
        explained = []
        for lineage, scored in shown:
            other = outlines.get(lineage)
            if other is None:
                continue
            between = outlines.get(scored.between) if scored and scored.between else None
            explanation = explainer.explain(scored, other, between, rarities) if scored else Explanation((), ())
            mark = marks.right.get(lineage)
            own_score = scored.score if scored else 0.0
            explained.append(
                RankedStory(
                    story=other,
                    score=1.0 if mark else own_score,
                    reasons=mark.prepend_reason(own_score, explanation.reasons) if mark else explanation.reasons,
                    new=explanation.new,
                )
            )
        return explained


def _shown(
    features: FeatureCache, story: StoryFeatures, ranking: Ranking, marks: MarkFilter, limit: int
) -> Iterator[tuple[int, ScoredCandidate | None]]:
    """Yield up to ``limit`` stories: those marked right first, then by score.

    Each copy group is shown once, and never a copy of the story itself. A story that was marked right without being a
    candidate has no score.
    """
    positions = {lineage: position for position, lineage in enumerate(ranking.lineages)}
    shown_groups = {features.copy_group(story.lineage)}
    left = limit
    for lineage in marks.right_first(ranking.lineages):
        position = positions.get(lineage)
        group = features.copy_group(lineage) if position is None else ranking.copy_groups[position]
        if group in shown_groups - {-1} or marks.is_wrong(lineage, group):
            continue
        shown_groups.add(group)
        yield lineage, None if position is None else ranking[position]
        left -= 1
        if not left:
            return


def _candidates_for(limit: int) -> int:
    """Return how many candidates to ask for where ``limit`` stories are wanted."""
    return max(LIMIT, limit * LIMIT // DEPTH)
