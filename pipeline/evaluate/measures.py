"""The measures, as functions of rankings and groupings alone."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations

DEPTH = 10
RECALL_DEPTH = 20


def ndcg(gains: Sequence[int], grades: Iterable[int]) -> float:
    """Normalised discounted cumulative gain of the first 10 answers, 0..1 (Järvelin & Kekäläinen 2002), linear gains.

    gains: the grade of each answer, best answer first, 0 of one that is not relevant. grades: of all that is relevant.
    """
    best = _discounted(sorted(grades, reverse=True))
    return _discounted(gains) / best if best else 0.0


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(place + 2) for place, gain in enumerate(gains[:DEPTH]))


def reciprocal_rank(gains: Sequence[int]) -> float:
    """One over the place of the first relevant answer; 0 without one."""
    return next((1 / place for place, gain in enumerate(gains, start=1) if gain), 0.0)


def recall(gains: Sequence[int], relevant: int) -> float:
    """The share of what is relevant that is among the first 20 answers; relevant: how many, at least 1."""
    return sum(gain > 0 for gain in gains[:RECALL_DEPTH]) / relevant


@dataclass(frozen=True, slots=True)
class BCubed:
    """One story's share of its group that is of its event, and share of its event that is in its group."""

    precision: float
    recall: float


def b_cubed(events: Mapping[str, str], groups: Mapping[str, str]) -> dict[str, BCubed]:
    """B-cubed by story (Bagga & Baldwin 1998). events: uri -> event; groups: uri -> group; the others are alone."""
    placed = {uri: groups.get(uri, f"\0{uri}") for uri in events}
    sizes, event_sizes = Counter(placed.values()), Counter(events.values())
    both = Counter((placed[uri], event) for uri, event in events.items())
    return {
        uri: BCubed(
            precision=both[placed[uri], event] / sizes[placed[uri]],
            recall=both[placed[uri], event] / event_sizes[event],
        )
        for uri, event in events.items()
    }


def f1(precision: float, recalled: float) -> float:
    """The harmonic mean; 0 if both are."""
    return 2 * precision * recalled / (precision + recalled) if precision + recalled else 0.0


@dataclass(frozen=True, slots=True)
class JoinedPairs:
    """Pairs of stories in one group: all of them, and those that join two events of one topic (siblings)."""

    all: int
    siblings: int


def joined_pairs(events: Mapping[str, str], topics: Mapping[str, str], groups: Mapping[str, str]) -> JoinedPairs:
    """Count them without walking through the pairs."""
    members: defaultdict[str, list[str]] = defaultdict(list)
    for uri in events:
        if uri in groups:
            members[groups[uri]].append(uri)
    same_topic = sum(_pairs(topics[uri] for uri in group) for group in members.values())
    same_event = sum(_pairs((topics[uri], events[uri]) for uri in group) for group in members.values())
    return JoinedPairs(
        all=sum(len(group) * (len(group) - 1) // 2 for group in members.values()), siblings=same_topic - same_event
    )


def _pairs(labels: Iterable[object]) -> int:
    return sum(count * (count - 1) // 2 for count in Counter(labels).values())


def pairs_of(groups: Mapping[str, str]) -> Set[tuple[str, str]]:
    """Every two stories of one group, in order."""
    members: defaultdict[str, list[str]] = defaultdict(list)
    for uri, group in sorted(groups.items()):
        members[group].append(uri)
    return {pair for group in members.values() for pair in combinations(group, 2)}
