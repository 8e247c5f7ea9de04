"""Intervals by resampling."""

import numpy as np
import pytest

from pipeline.evaluate.bootstrap import mean_estimate, paired_difference


def test_the_interval_of_a_mean_is_that_of_the_normal_theory() -> None:
    values = np.random.default_rng(5).normal(10.0, 2.0, 400)
    interval = mean_estimate(values.tolist())
    half = 1.96 * values.std() / 20
    assert interval.value == pytest.approx(values.mean())
    assert interval.low == pytest.approx(values.mean() - half, abs=0.04)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.04)


def test_equal_values_leave_no_doubt_and_the_same_cases_give_the_same_interval() -> None:
    sure = mean_estimate([0.5] * 7)
    assert (sure.low, sure.value, sure.high) == (0.5, 0.5, 0.5)
    assert mean_estimate([0.0, 1.0, 0.5]) == mean_estimate([0.0, 1.0, 0.5])


def test_a_paired_difference_is_not_blurred_by_hard_cases() -> None:
    theirs = [0.0, 1.0] * 30
    ours = [value + 0.1 for value in theirs]
    interval = paired_difference(ours, theirs)
    assert interval.low == pytest.approx(0.1)
    assert interval.high == pytest.approx(0.1)
