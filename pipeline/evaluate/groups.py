"""Evaluating groups of stories: happenings against gold events, copies against gold pairs."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline import Wirewatch
from pipeline.evaluate.bootstrap import Estimate, estimate
from pipeline.evaluate.measures import b_cubed, f1, joined_pairs, pairs_of
from pipeline.evaluate.sets import read_copies, read_events

_MAX_NAMED = 10  # pairs that are named of each kind


@dataclass(frozen=True, slots=True)
class HappeningsResult:
    """Happenings against the gold events.

    Attributes:
        stories: How many are labelled.
        events: How many events they are of.
        groups: How many happenings they are in.
        precision: B-cubed.
        recall: B-cubed.
        f1: Of both.
        pairs: How many pairs of stories are in one happening.
        siblings: How many of these are of two events that look alike.
        share: Siblings of pairs, 0..1.
    """

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
    """Pairs of copies against the gold pairs.

    Attributes:
        gold: How many gold pairs there are.
        pairs: How many pairs are found.
        precision: Of the pairs found.
        recall: Of the gold pairs.
        f1: Of both.
        missed: Gold pairs that are not found, at most ten.
        invented: Pairs found that are not gold, at most ten.
    """

    gold: int
    pairs: int
    precision: Estimate
    recall: Estimate
    f1: Estimate
    missed: Sequence[tuple[str, str]]
    invented: Sequence[tuple[str, str]]


def evaluate_happenings(wirewatch: Wirewatch, folder: Path) -> HappeningsResult:
    """Score the happenings of ``export`` against the gold events.

    Intervals are over topics, since the stories of a topic depend on each other.
    """
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

    def mean_over(topic_numbers: Sequence[int], column: int) -> float:
        return sum(sums[number][column] for number in topic_numbers) / sum(sums[number][0] for number in topic_numbers)

    joined = joined_pairs(gold.events, gold.topics, groups)
    return HappeningsResult(
        stories=len(gold.events),
        events=len(set(gold.events.values())),
        groups=len(set(groups.values())) + len(gold.events) - len(groups),
        precision=estimate(len(sums), lambda numbers: mean_over(numbers.tolist(), 1)),
        recall=estimate(len(sums), lambda numbers: mean_over(numbers.tolist(), 2)),
        f1=estimate(len(sums), lambda numbers: f1(mean_over(numbers.tolist(), 1), mean_over(numbers.tolist(), 2))),
        pairs=joined.all,
        siblings=joined.siblings,
        share=joined.siblings / joined.all if joined.all else 0.0,
    )


def evaluate_copies(wirewatch: Wirewatch, folder: Path) -> CopiesResult:
    """Score the copy groups of ``export`` against the gold pairs. Intervals are over pairs."""
    gold = read_copies(folder)
    pairs = pairs_of(_groups(wirewatch, "copy_group"))
    cases = sorted(gold | pairs)
    flags = [(pair in gold and pair in pairs, pair in pairs, pair in gold) for pair in cases]

    def share(numbers: Sequence[int], of: int) -> float:
        total = sum(flags[number][of] for number in numbers)
        return sum(flags[number][0] for number in numbers) / total if total else 0.0

    return CopiesResult(
        gold=len(gold),
        pairs=len(pairs),
        precision=estimate(len(cases), lambda numbers: share(numbers.tolist(), 1)),
        recall=estimate(len(cases), lambda numbers: share(numbers.tolist(), 2)),
        f1=estimate(len(cases), lambda numbers: f1(share(numbers.tolist(), 1), share(numbers.tolist(), 2))),
        missed=sorted(gold - pairs)[:_MAX_NAMED],
        invented=sorted(pairs - gold)[:_MAX_NAMED],
    )


def _groups(wirewatch: Wirewatch, kind: str) -> dict[str, str]:
    """Return uri -> group. kind: "happening" or "copy_group"."""
    return {row["uri"]: str(row[kind]) for row in wirewatch.stories.export() if row[kind] is not None}
