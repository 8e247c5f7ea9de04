"""Normalised discounted cumulative gain (Järvelin & Kekäläinen 2002), linear gain, logarithm to base 2."""

import math
from collections.abc import Mapping, Sequence


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], depth: int = 10) -> float:
    """The gain of the first ``depth`` answers over the best that there could be, 0..1; grades: answer -> gain."""
    best = sum(
        grade / math.log2(place + 2) for place, grade in enumerate(sorted(grades.values(), reverse=True)[:depth])
    )
    got = sum(grades.get(key, 0) / math.log2(place + 2) for place, key in enumerate(ranked[:depth]))
    return got / best if best else 0.0
