"""Running each kind of evaluation over a filled home."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import floor
from pathlib import Path

from pipeline import Wirewatch
from pipeline.evaluate.baselines import DECAY_DAYS, Bm25, Text
from pipeline.evaluate.bootstrap import Estimate, estimate, mean_estimate, paired_difference
from pipeline.evaluate.measures import b_cubed, f1, joined_pairs, ndcg, pairs_of, recall, reciprocal_rank
from pipeline.evaluate.sets import Judgements, read_copies, read_events, read_judgements, stories_file
from pipeline.models import Story
from pipeline.progress import SILENT, Progress
from pipeline.shared_formats.qrels import JUDGED_DAYS

OURS = "wirewatch"
LIMIT = 100
_NAMED = 10
_SECONDS = 86_400.0


# --------------------------------------------------------------------------- follow-ups


@dataclass(frozen=True, slots=True)
class RankingScores:
    """One ranking over one folder of judgements. better_by: another ranking -> what nDCG@10 is better by than its."""

    ndcg: Estimate
    mrr: Estimate
    recall: Estimate
    better_by: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class SpanResult:
    """One folder of judgements. answered: queries with at least one answer of ours. rankings: ours first."""

    name: str
    queries: int
    answered: int
    rankings: Mapping[str, RankingScores]


@dataclass(frozen=True, slots=True)
class FollowUpsResult:
    """What ``evaluate followups`` found. weights: how those were made that ranked."""

    stories: int
    weights: str
    spans: Sequence[SpanResult]


Ranking = Callable[[str, int], Sequence[str]]  # of a query, up to so many calendar days on


def evaluate_followups(wirewatch: Wirewatch, folder: Path, progress: Progress = SILENT) -> FollowUpsResult:
    """Our ranking, BM25, and BM25 with decay over every folder of judgements in the set."""
    judged = read_judgements(folder)
    texts = _texts(wirewatch, folder)
    days = {text.uri: text.day for text in texts if text.day is not None}
    queries = list(dict.fromkeys(query for one in judged for query in one.queries))
    ours: dict[str, list[str]] = {query: [] for query in queries}  # one whose story could not be read scores 0
    for query, found in wirewatch.stories.rank(queries, LIMIT, []):
        ours[query] = [uri for uri, _ in found]
        progress.advance("rank", 1, len(queries))
    bm25 = Bm25(texts)
    rankings: dict[str, Ranking] = {
        OURS: lambda query, _: ours[query],
        "bm25": lambda query, horizon: bm25.later(query, horizon + 1, LIMIT),
        f"bm25_decay{DECAY_DAYS:.0f}": lambda query, horizon: bm25.later(query, horizon + 1, LIMIT, DECAY_DAYS),
    }
    spans = [_span(one, rankings, days, sum(bool(ours[query]) for query in one.queries)) for one in judged]
    return FollowUpsResult(len(texts), wirewatch.training.weights_about(), spans)


def _texts(wirewatch: Wirewatch, folder: Path) -> list[Text]:
    """The set's stories, one a uri, the newest version of each."""
    stories: dict[str, Story] = {}
    for item in wirewatch.stories.parse_paths([stories_file(folder)], []):
        if isinstance(item, Story):
            stories[item.uri] = item
    return [
        Text(
            uri=story.uri,
            day=story.published_at.timestamp() / _SECONDS if story.published_at else None,
            words=f"{story.headline} {story.body}",
        )
        for story in stories.values()
    ]


def _span(judged: Judgements, rankings: Mapping[str, Ranking], days: Mapping[str, float], answered: int) -> SpanResult:
    horizon = max(JUDGED_DAYS, *(_longest_lag(judged, query, days) for query in judged.queries))
    grades = [_grades(judged, query, days) for query in judged.queries]
    ndcgs, scores = {}, {}
    for name, ranking in rankings.items():
        gains = [_gains(judged, query, ranking(query, horizon), days, horizon) for query in judged.queries]
        ndcgs[name] = [ndcg(found, right) for found, right in zip(gains, grades, strict=True)]
        scores[name] = (
            mean_estimate([reciprocal_rank(found) for found in gains]),
            mean_estimate([recall(found, max(1, len(right))) for found, right in zip(gains, grades, strict=True)]),
        )
    return SpanResult(
        name=judged.name,
        queries=len(judged.queries),
        answered=answered,
        rankings={
            name: RankingScores(
                ndcg=mean_estimate(ndcgs[name]),
                mrr=scores[name][0],
                recall=scores[name][1],
                better_by={other: paired_difference(ndcgs[name], ndcgs[other]) for other in ndcgs if other != name},
            )
            for name in rankings
        },
    )


def _gains(
    judged: Judgements, query: str, answers: Sequence[str], days: Mapping[str, float], horizon: int
) -> list[int]:
    """The grade of each answer that counts: on a later day within the horizon, not left open by the judges."""
    said = judged.of[query]
    lags = ((uri, _lag(query, uri, days)) for uri in dict.fromkeys(answers) if said.covers(uri))
    return [said.right.get(uri, 0) for uri, lag in lags if lag is not None and 0 < lag <= horizon]


def _grades(judged: Judgements, query: str, days: Mapping[str, float]) -> list[int]:
    """Of all that could be right; what is known to lie before the next day cannot be given, and isn't asked for."""
    lags = ((grade, _lag(query, uri, days)) for uri, grade in judged.of[query].right.items())
    return [grade for grade, lag in lags if lag is None or lag > 0]


def _longest_lag(judged: Judgements, query: str, days: Mapping[str, float]) -> int:
    return max(_lag(query, uri, days) or 0 for uri in judged.of[query].right)


def _lag(query: str, uri: str, days: Mapping[str, float]) -> int | None:
    """Calendar days from the query to the story, None where one of the two has no date or is not of the set."""
    return floor(days[uri]) - floor(days[query]) if uri in days and query in days else None


# --------------------------------------------------------------------------- groups


@dataclass(frozen=True, slots=True)
class HappeningsResult:
    """B-cubed against the gold events; pairs: how many pairs of stories are together, siblings: of two events that
    look alike. share: siblings of pairs."""

    stories: int
    events: int
    groups: int
    precision: Estimate
    recall: Estimate
    f1: Estimate
    pairs: int
    siblings: int
    share: float


@dataclass(frozen=True, slots=True)
class CopiesResult:
    """Pairs of copies. missed, invented: at most ten of each, named."""

    gold: int
    found: int
    precision: Estimate
    recall: Estimate
    f1: Estimate
    missed: Sequence[tuple[str, str]]
    invented: Sequence[tuple[str, str]]


def evaluate_happenings(wirewatch: Wirewatch, folder: Path) -> HappeningsResult:
    """The happenings of ``export`` against the gold events. Intervals: over topics, whose stories hang together."""
    gold = read_events(folder)
    groups = {uri: group for uri, group in _groups(wirewatch, "happening").items() if uri in gold.events}
    scores = b_cubed(gold.events, groups)
    topics: dict[str, list[str]] = defaultdict(list)
    for uri, topic in gold.topics.items():
        topics[topic].append(uri)
    sums = [
        (len(uris), sum(scores[uri].precision for uri in uris), sum(scores[uri].recall for uri in uris))
        for uris in topics.values()
    ]

    def over(places: Sequence[int], column: int) -> float:
        return sum(sums[place][column] for place in places) / sum(sums[place][0] for place in places)

    joined = joined_pairs(gold.events, gold.topics, groups)
    return HappeningsResult(
        stories=len(gold.events),
        events=len(set(gold.events.values())),
        groups=len(set(groups.values())) + len(gold.events) - len(groups),
        precision=estimate(len(sums), lambda places: over(places.tolist(), 1)),
        recall=estimate(len(sums), lambda places: over(places.tolist(), 2)),
        f1=estimate(len(sums), lambda places: f1(over(places.tolist(), 1), over(places.tolist(), 2))),
        pairs=joined.all,
        siblings=joined.siblings,
        share=joined.siblings / joined.all if joined.all else 0.0,
    )


def evaluate_copies(wirewatch: Wirewatch, folder: Path) -> CopiesResult:
    """The copy groups of ``export`` against the gold pairs. Intervals: over pairs."""
    gold = read_copies(folder)
    found = pairs_of(_groups(wirewatch, "copy_group"))
    cases = sorted(gold | found)
    flags = [(pair in gold and pair in found, pair in found, pair in gold) for pair in cases]

    def share(places: Sequence[int], of: int) -> float:
        whole = sum(flags[place][of] for place in places)
        return sum(flags[place][0] for place in places) / whole if whole else 0.0

    return CopiesResult(
        gold=len(gold),
        found=len(found),
        precision=estimate(len(cases), lambda places: share(places.tolist(), 1)),
        recall=estimate(len(cases), lambda places: share(places.tolist(), 2)),
        f1=estimate(len(cases), lambda places: f1(share(places.tolist(), 1), share(places.tolist(), 2))),
        missed=sorted(gold - found)[:_NAMED],
        invented=sorted(found - gold)[:_NAMED],
    )


def _groups(wirewatch: Wirewatch, kind: str) -> dict[str, str]:
    return {row["uri"]: str(row[kind]) for row in wirewatch.stories.export() if row[kind] is not None}
