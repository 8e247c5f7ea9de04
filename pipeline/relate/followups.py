"""A reader's question: what became of this story, and what led to it? Ranked now, with today's rarity of words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Lock

from pipeline.models import CandidateQuery, LineageRecord, Reason, StoredTake, StoryOutline
from pipeline.ports import SearchIndex, Store
from pipeline.relate.happenings.clustering import ACCOUNT, nearness
from pipeline.relate.happenings.evidence_cache import AccountDesk
from pipeline.relate.mark_filter import Marked, read_marks
from pipeline.relate.ranking.candidates import LIMIT, background_query, followup_query
from pipeline.relate.ranking.comparison import DEPTH, Choice
from pipeline.relate.ranking.explain import Explainer, Explanation
from pipeline.relate.ranking.feature_cache import FeatureDesk
from pipeline.relate.ranking.features import StoryFeatures
from pipeline.relate.ranking.score import Ranked, Scored, score
from pipeline.relate.ranking.story_matrix import Packed, is_after
from pipeline.relate.ranking.weight_selection import weights_for
from pipeline.relate.ranking.weights import Weights
from pipeline.shared_formats.sketch import language_key

_KEPT = 2_000  # accounts in memory
_MOST = 5_000  # candidates asked for, however many of them are copies ...
_MORE = 4  # ... each time so many times as many as before
_ONE_OFF = 4  # rankings after which a process is taken to go on asking: reading everything ahead then pays


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedStory:
    """A follow-up or a background story. The reasons' weights add up to the score, which is in 0..1.

    new: what the later of the two stories adds to the earlier.
    """

    story: StoryOutline
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
    """Answers readers; keeps features from one question to the next. learned: weights other than the shipped ones.

    Safe for several threads, which take turns.
    """

    def __init__(self, store: Store, index: SearchIndex, learned: Weights | None = None) -> None:
        self._store = store
        self._index = index
        self._learned = learned
        self._desk = FeatureDesk(store)
        self._accounts = AccountDesk(store, _KEPT)
        self._seen = ""
        self._any_marks = False
        self._uris: dict[int, str] = {}  # read since anything was last committed
        self._asked = 0
        self._turn = Lock()

    def followups(self, lineage: int, limit: int) -> FollowUps:
        """Everything about one lineage; a withdrawn, withheld or untagged story has versions but no follow-ups."""
        with self._turn:
            return self._answer(lineage, limit)

    def _answer(self, lineage: int, limit: int) -> FollowUps:
        (record,) = self._store.stories.records([lineage])
        story = self._desk.features([record.lineage]).get(record.lineage)
        copies = self._store.relations.copies(record.lineage) if record.copy_group is not None else []
        after, before = self._marks(record.lineage)
        return FollowUps(
            story=record,
            versions=self._store.stories.history(record.lineage),
            copies=self._store.stories.records(copies) if copies else (),
            followups=self._told(story, self._later(story, after, limit), after, limit) if story else (),
            background=self._told(story, self._earlier(story, before, limit), before, limit) if story else (),
        )

    def rank(self, lineage: int, limit: int) -> list[tuple[str, float]]:
        """The later stories as (uri, score), best first, without what readers are told of each."""
        with self._turn:
            return self._ranked(lineage, limit)

    def _ranked(self, lineage: int, limit: int) -> list[tuple[str, float]]:
        story = self._desk.features([lineage]).get(lineage)
        if story is None:
            return []
        marked, _ = self._marks(lineage)
        shown = list(self._shown(story, self._later(story, marked, limit), marked, limit))
        unknown = [lineage for lineage, _ in shown if lineage not in self._uris]
        if unknown:
            self._uris |= self._store.relations.uris(unknown)
        return [
            (self._uris[lineage], each.score if each and lineage not in marked.right else 1.0)
            for lineage, each in shown
            if lineage in self._uris
        ]

    def _marks(self, lineage: int) -> tuple[Marked, Marked]:
        """What readers say of a story's follow-ups and background; asked of the store only while anything is marked."""
        mark = self._store.relations.change_token()
        if mark != self._seen:
            self._seen, self._any_marks = mark, bool(self._store.marks.marks())
            self._uris.clear()
        return read_marks(self._store, lineage) if self._any_marks else (Marked(), Marked())

    def _later(self, story: StoryFeatures, marked: Marked, limit: int) -> Ranked:
        return self._scored(story, followup_query(story, _asked_for(limit)), marked, limit, later=True)

    def _earlier(self, story: StoryFeatures, marked: Marked, limit: int) -> Ranked:
        return self._scored(story, background_query(story, _asked_for(limit)), marked, limit, later=False)

    def _scored(self, story: StoryFeatures, request: CandidateQuery, marked: Marked, limit: int, later: bool) -> Ranked:
        self._asked += 1
        if self._asked > _ONE_OFF:
            self._desk.stock_up(story.vector)
        choice = Choice(max(DEPTH, limit), fold=True, preferred=marked.right)
        candidates = self._candidates(story, request, choice, later)
        accounts = self._accounts_of_event(story, candidates)
        return score(story, candidates, weights_for(story, self._learned), accounts, choice)

    def _candidates(self, story: StoryFeatures, request: CandidateQuery, choice: Choice, later: bool) -> Packed:
        """Enough to choose from. Where copies take the place of other stories, more are asked for: a text that forty
        papers ran may not hide what came of it."""
        while True:
            (found,) = self._index.candidates([request])
            lineages = dict.fromkeys([*(candidate.lineage for candidate in found), *choice.preferred])
            lineages.pop(story.lineage, None)
            others = self._desk.packed(list(lineages), story.vector)
            after = is_after(others, story)
            candidates = others.only(after if later else ~after)
            texts = candidates.texts()
            crowded = texts < min(choice.depth, len(candidates))
            if not crowded or len(found) < request.limit or request.limit >= _MOST:
                return candidates
            request = replace(request, limit=min(_MOST, _MORE * request.limit))

    def _accounts_of_event(self, story: StoryFeatures, others: Packed) -> list[int]:
        """Those of its happening that tell nearly the same, or in another language, where words cannot be compared; the
        rest of a happening may be what came of it next day."""
        own, language = self._desk.happening(story.lineage), language_key(story.outline.enrichment.language)
        same = (others.happenings == own) & (own >= 0)
        if not same.any():
            return []
        foreign = (others.languages != language) & (others.languages > 0) & (language > 0)
        abroad: list[int] = others.lineages[same & foreign].tolist()
        found = self._accounts.accounts([story.lineage, *others.lineages[same & ~foreign].tolist()])
        own_account = found.pop(story.lineage, None)
        if own_account is None:
            return abroad
        near = nearness(own_account, list(found.values()))
        return abroad + [lineage for lineage, how_near in zip(found, near, strict=True) if how_near >= ACCOUNT]

    def _told(self, story: StoryFeatures, ranked: Ranked, marked: Marked, limit: int) -> list[RankedStory]:
        shown = list(self._shown(story, ranked, marked, limit))
        wanted = {lineage for lineage, _ in shown} | {each.between for _, each in shown if each and each.between}
        outlines = {one.lineage: one for one in self._store.relations.outlines(sorted(wanted))}
        rarities = self._desk.rarities(
            {one.entity_id for each in outlines.values() for one in each.enrichment.entities}
        )
        explainer = Explainer(story)
        told = []
        for lineage, each in shown:
            other = outlines.get(lineage)
            if other is None:
                continue
            between = outlines.get(each.between) if each and each.between else None
            known = explainer.explain(each, other, between, rarities) if each else Explanation((), ())
            mark = marked.right.get(lineage)
            reached = each.score if each else 0.0
            told.append(
                RankedStory(
                    story=other,
                    score=1.0 if mark else reached,
                    reasons=mark.prepend_reason(reached, known.reasons) if mark else known.reasons,
                    new=known.new,
                )
            )
        return told

    def _shown(
        self, story: StoryFeatures, ranked: Ranked, marked: Marked, limit: int
    ) -> Iterator[tuple[int, Scored | None]]:
        """The best, one a copy group, and none of the story's own copies; those marked right before the others."""
        places = {lineage: place for place, lineage in enumerate(ranked.lineages)}
        groups = {self._desk.group(story.lineage)}
        left = limit
        for lineage in marked.first(ranked.lineages):
            place = places.get(lineage)
            own = self._desk.group(lineage) if place is None else ranked.groups[place]
            if own in groups - {-1} or marked.is_wrong(lineage, own):
                continue
            groups.add(own)
            yield lineage, None if place is None else ranked[place]
            left -= 1
            if not left:
                return


def _asked_for(limit: int) -> int:
    return max(LIMIT, limit * LIMIT // DEPTH)
