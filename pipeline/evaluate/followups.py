"""Evaluating follow-ups: our ranking beside BM25, on every folder of judgements of a set."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import floor
from pathlib import Path

from pipeline import Wirewatch
from pipeline.evaluate.baselines import DECAY_DAYS, Bm25, Text
from pipeline.evaluate.bootstrap import Estimate, mean_estimate, paired_difference
from pipeline.evaluate.measures import ndcg, recall, reciprocal_rank
from pipeline.evaluate.sets import Judgements, read_judgements, stories_file
from pipeline.models import Story
from pipeline.progress import SILENT, Progress
from pipeline.shared_formats.qrels import JUDGED_DAYS

OURS = "wirewatch"
LIMIT = 100
_SECONDS_PER_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class RankingScores:
    """One ranking over one folder of judgements.

    Attributes:
        ndcg: nDCG@10.
        mrr: Mean reciprocal rank.
        recall: Recall@20.
        better_by: Another ranking -> how much larger nDCG@10 is than that one's.
    """

    ndcg: Estimate
    mrr: Estimate
    recall: Estimate
    better_by: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class SpanResult:
    """One folder of judgements.

    Attributes:
        name: Of the folder.
        queries: How many there are.
        answered: How many have at least one answer of ours.
        rankings: Name -> scores, ours first.
    """

    name: str
    queries: int
    answered: int
    rankings: Mapping[str, RankingScores]


@dataclass(frozen=True, slots=True)
class FollowUpsResult:
    """What ``evaluate followups`` finds.

    Attributes:
        stories: How many the set has.
        weights: How the weights that ranked were made.
        spans: One result per folder of judgements.
    """

    stories: int
    weights: str
    spans: Sequence[SpanResult]


Ranking = Callable[[str, int], Sequence[str]]
"""(query, calendar days after it that count) -> uris, best first."""


def evaluate_followups(wirewatch: Wirewatch, folder: Path, progress: Progress = SILENT) -> FollowUpsResult:
    """Score our ranking, BM25, and BM25 with decay on every folder of judgements in the set.

    Args:
        wirewatch: Holds the set's stories.
        folder: The set.
        progress: Shown one step per query.
    """
    judged = read_judgements(folder)
    texts = _texts(wirewatch, folder)
    days = {text.uri: text.day for text in texts if text.day is not None}
    queries = list(dict.fromkeys(query for judgements in judged for query in judgements.queries))
    ours: dict[str, list[str]] = {query: [] for query in queries}  # a query whose story could not be read scores 0
    for query, answers in wirewatch.stories.rank(queries, LIMIT, []):
        ours[query] = [uri for uri, _ in answers]
        progress.advance("rank", 1, len(queries))
    bm25 = Bm25(texts)
    rankings: dict[str, Ranking] = {
        OURS: lambda query, _: ours[query],
        "bm25": lambda query, horizon: bm25.later(query, horizon + 1, LIMIT),
        f"bm25_decay{DECAY_DAYS:.0f}": lambda query, horizon: bm25.later(query, horizon + 1, LIMIT, DECAY_DAYS),
    }
    spans = [
        _span_result(judgements, rankings, days, sum(bool(ours[query]) for query in judgements.queries))
        for judgements in judged
    ]
    return FollowUpsResult(len(texts), wirewatch.training.weights_about(), spans)


def _texts(wirewatch: Wirewatch, folder: Path) -> list[Text]:
    """Return the set's stories, one per uri, the newest version of each."""
    stories: dict[str, Story] = {}
    for item in wirewatch.stories.parse_paths([stories_file(folder)], []):
        if isinstance(item, Story):
            stories[item.uri] = item
    return [
        Text(
            uri=story.uri,
            day=story.published_at.timestamp() / _SECONDS_PER_DAY if story.published_at else None,
            words=f"{story.headline} {story.body}",
        )
        for story in stories.values()
    ]


def _span_result(
    judged: Judgements, rankings: Mapping[str, Ranking], days: Mapping[str, float], answered: int
) -> SpanResult:
    horizon = max(JUDGED_DAYS, *(_longest_lag(judged, query, days) for query in judged.queries))
    grades = [_grades(judged, query, days) for query in judged.queries]
    ndcgs, scores = {}, {}
    for name, ranking in rankings.items():
        gains = [_gains(judged, query, ranking(query, horizon), days, horizon) for query in judged.queries]
        ndcgs[name] = [ndcg(gained, right) for gained, right in zip(gains, grades, strict=True)]
        scores[name] = (
            mean_estimate([reciprocal_rank(gained) for gained in gains]),
            mean_estimate([recall(gained, max(1, len(right))) for gained, right in zip(gains, grades, strict=True)]),
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
    """Return the grade of each answer that counts: on a later day within the horizon, not left open by the judges."""
    judgements = judged.by_query[query]
    lags = ((uri, _lag(query, uri, days)) for uri in dict.fromkeys(answers) if judgements.covers(uri))
    return [judgements.right.get(uri, 0) for uri, lag in lags if lag is not None and 0 < lag <= horizon]


def _grades(judged: Judgements, query: str, days: Mapping[str, float]) -> list[int]:
    """Return the grades of all that could be answered: not of stories that are known to lie before the next day."""
    lags = ((grade, _lag(query, uri, days)) for uri, grade in judged.by_query[query].right.items())
    return [grade for grade, lag in lags if lag is None or lag > 0]


def _longest_lag(judged: Judgements, query: str, days: Mapping[str, float]) -> int:
    return max(_lag(query, uri, days) or 0 for uri in judged.by_query[query].right)


def _lag(query: str, uri: str, days: Mapping[str, float]) -> int | None:
    """Return calendar days from the query to the story; None where one of them is undated or not of the set."""
    return floor(days[uri]) - floor(days[query]) if uri in days and query in days else None
