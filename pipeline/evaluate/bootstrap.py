"""How far a measure may be off by the choice of the cases that it was taken on: the bootstrap (Efron 1979)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 2000
_SEED = 20171109


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % percentile interval."""

    value: float
    low: float
    high: float


def estimate(cases: int, statistic: Callable[[npt.NDArray[np.intp]], float]) -> Estimate:
    """``statistic`` of all cases, and the interval over resamples of them. statistic: of the places of the cases, some
    of them more than once. The same cases always give the same interval. At least one case."""
    draw = np.random.default_rng(_SEED)
    values = sorted(statistic(draw.integers(0, cases, cases)) for _ in range(RESAMPLES))
    return Estimate(statistic(np.arange(cases)), values[int(0.025 * RESAMPLES)], values[int(0.975 * RESAMPLES)])


def mean_estimate(values: Sequence[float]) -> Estimate:
    """The mean of these values. At least one."""
    known = np.asarray(values, dtype=np.float64)
    return estimate(len(known), lambda places: float(known[places].mean()))


def paired_difference(ours: Sequence[float], theirs: Sequence[float]) -> Estimate:
    """The mean difference over the same cases, so that hard cases count alike for both."""
    return mean_estimate([a - b for a, b in zip(ours, theirs, strict=True)])
