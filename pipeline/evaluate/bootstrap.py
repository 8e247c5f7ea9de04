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
    """Estimate a statistic over all cases, with its interval over resamples of them.

    The same cases always give the same interval.

    Args:
        cases: How many there are, at least one.
        statistic: Calculates the statistic of the cases with these numbers, (cases,); some are given more than once.
    """
    generator = np.random.default_rng(_SEED)
    values = sorted(statistic(generator.integers(0, cases, cases)) for _ in range(RESAMPLES))
    return Estimate(statistic(np.arange(cases)), values[int(0.025 * RESAMPLES)], values[int(0.975 * RESAMPLES)])


def mean_estimate(values: Sequence[float]) -> Estimate:
    """Estimate the mean of at least one value."""
    known = np.asarray(values, dtype=np.float64)
    return estimate(len(known), lambda numbers: float(known[numbers].mean()))


def paired_difference(ours: Sequence[float], theirs: Sequence[float]) -> Estimate:
    """Estimate the mean difference over the same cases, so that hard cases count alike for both."""
    return mean_estimate([a - b for a, b in zip(ours, theirs, strict=True)])
