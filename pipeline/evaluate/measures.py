"""The measures, as functions of rankings and groupings alone."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations

DEPTH = 10
RECALL_DEPTH = 20


def ndcg(gains: Sequence[int], grades: Iterable[int]) -> float:
    """Return the normalised discounted cumulative gain of the first 10 answers, 0..1, with linear gains.

    The measure is Järvelin & Kekäläinen's (2002).

    Args:
        gains: The grade of each answer, best answer first; 0 for one that is not relevant.
        grades: Of all that is relevant.
    """
    best = _discounted(sorted(grades, reverse=True))
    return _discounted(gains) / best if best else 0.0


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains[:DEPTH], start=1))


def reciprocal_rank(gains: Sequence[int]) -> float:
    """Return one over the rank of the first relevant answer; 0 without one."""
    return next((1 / rank for rank, gain in enumerate(gains, start=1) if gain), 0.0)


def recall(gains: Sequence[int], relevant: int) -> float:
    """Return the share of what is relevant that is among the first 20 answers.

    Args:
        gains: The grade of each answer, best answer first.
        relevant: How many stories are relevant, at least 1.
    """
    return sum(gain > 0 for gain in gains[:RECALL_DEPTH]) / relevant


@dataclass(frozen=True, slots=True)
class BCubed:
    """For one story: the share of its group that is of its event, and the share of its event that is in its group."""

    precision: float
    recall: float


def b_cubed(events: Mapping[str, str], groups: Mapping[str, str]) -> dict[str, BCubed]:
    """Return B-cubed precision and recall by story (Bagga & Baldwin 1998).

    Args:
        events: Uri -> event.
        groups: Uri -> group; the others are alone.
    """
    group_of = {uri: groups.get(uri, f"\0{uri}") for uri in events}
    sizes, event_sizes = Counter(group_of.values()), Counter(events.values())
    both = Counter((group_of[uri], event) for uri, event in events.items())
    return {
        uri: BCubed(
            precision=both[group_of[uri], event] / sizes[group_of[uri]],
            recall=both[group_of[uri], event] / event_sizes[event],
        )
        for uri, event in events.items()
    }


def f1(precision: float, recalled: float) -> float:
    """Return the harmonic mean; 0 if both are 0."""
    return 2 * precision * recalled / (precision + recalled) if precision + recalled else 0.0


@dataclass(frozen=True, slots=True)
class JoinedPairs:
    """How many pairs of stories are in one group: all, and those of two events of one topic (siblings)."""

    all: int
    siblings: int


def joined_pairs(events: Mapping[str, str], topics: Mapping[str, str], groups: Mapping[str, str]) -> JoinedPairs:
    """Count the joined pairs, without a walk through the pairs.

    Args:
        events: Uri -> event.
        topics: Uri -> topic.
        groups: Uri -> group.
    """
    members: defaultdict[str, list[str]] = defaultdict(list)
    for uri in events:
        if uri in groups:
            members[groups[uri]].append(uri)
    same_topic = sum(_count_pairs(topics[uri] for uri in group) for group in members.values())
    same_event = sum(_count_pairs((topics[uri], events[uri]) for uri in group) for group in members.values())
    return JoinedPairs(
        all=sum(len(group) * (len(group) - 1) // 2 for group in members.values()), siblings=same_topic - same_event
    )


def _count_pairs(labels: Iterable[object]) -> int:
    return sum(count * (count - 1) // 2 for count in Counter(labels).values())


def pairs_of(groups: Mapping[str, str]) -> Set[tuple[str, str]]:
    """Return every two stories of one group, each pair in order."""
    members: defaultdict[str, list[str]] = defaultdict(list)
    for uri, group in sorted(groups.items()):
        members[group].append(uri)
    return {pair for group in members.values() for pair in combinations(group, 2)}
