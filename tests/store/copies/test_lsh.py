"""Bands find what is similar, whatever the time, and keep keys of different times apart."""

import numpy as np
import pytest

from pipeline.store.copies.lsh import BANDS, PERIOD, band_keys, nearby_keys


def pair(similarity: float, seed: int) -> tuple[bytes, bytes]:
    """Two signatures whose values agree with that probability, as MinHash of two such texts would."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 2**32, 128, dtype=np.uint64).astype("<u4")
    second = np.where(rng.random(128) < similarity, first, rng.integers(0, 2**32, 128, dtype=np.uint64).astype("<u4"))
    return first.tobytes(), second.astype("<u4").tobytes()


@pytest.mark.parametrize(("similarity", "least", "most"), [(0.8, 1.0, 1.0), (0.45, 0.95, 1.0), (0.1, 0.0, 0.12)])
def test_the_chance_of_meeting_follows_the_similarity(similarity: float, least: float, most: float) -> None:
    met = sum(bool({*band_keys(a, 0)} & {*band_keys(b, 0)}) for a, b in (pair(similarity, n) for n in range(300)))
    assert least <= met / 300 <= most


def test_keys_are_for_one_period_and_fit_a_column() -> None:
    signature, _ = pair(1.0, 1)
    times = [None, -(10**15), 0, PERIOD, 4 * 10**15]
    keys = [band_keys(signature, at) for at in times]
    assert all(len(take_keys) == BANDS for take_keys in keys)
    assert len({key for take_keys in keys for key in take_keys}) == BANDS * len(times)
    assert all(0 <= key < 2**63 for take_keys in keys for key in take_keys)


def test_nearby_keys_cover_the_window_and_no_more() -> None:
    signature, _ = pair(1.0, 1)
    near = {*nearby_keys(signature, 3 * PERIOD + 5, PERIOD)}
    for period in range(7):
        assert near.issuperset(band_keys(signature, period * PERIOD)) == (period in (2, 3, 4))
    assert nearby_keys(signature, None, PERIOD) == band_keys(signature, None)


def test_a_short_signature_has_as_many_keys_as_it_has_bands() -> None:
    assert len(band_keys(b"\1" * 24, 0)) == 2
    assert band_keys(b"", 0) == []
