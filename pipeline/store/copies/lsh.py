"""Where near-identical texts meet: locality-sensitive hashing (LSH) of MinHash signatures. Pure.

Banding after Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", 3.4: two signatures of Jaccard similarity s
share at least one of 42 bands of 3 values with probability 1 - (1 - s^3)^42: .98 at s = .45, .68 at .3, .04 at .1.

A key holds for takes of one period of 14 days. The period is in the key's upper bits, so that new rows lie side by
side, and a window of time is asked for by the keys of the periods that it touches.
"""

from zlib import crc32

BANDS = 42
ROWS = 3  # values of a band
PERIOD = 14 * 24 * 3600 * 1_000_000  # microseconds
BUCKET_CAP = 200  # takes filed under one key; more is boilerplate and finds nothing new

_BAND_BYTES = ROWS * 4
_UNDATED = -1  # the period of undated takes


def band_keys(signature: bytes, at: int | None) -> list[int]:
    """The keys under which a take is filed.

    Args:
        signature: Little-endian uint32 values.
        at: When it was sent, microseconds; None if undated.
    """
    return _keys_in_period(signature, _UNDATED if at is None else at // PERIOD)


def nearby_keys(signature: bytes, at: int | None, window: int) -> list[int]:
    """The keys under which similar takes are filed that were sent at about the same time.

    Args:
        signature: Little-endian uint32 values.
        at: When the take was sent, microseconds. Undated takes (None) meet undated ones.
        window: How far apart they may be, microseconds. Takes that are somewhat further apart are found too.
    """
    if at is None:
        return _keys_in_period(signature, _UNDATED)
    return [
        key
        for period in range((at - window) // PERIOD, (at + window) // PERIOD + 1)
        for key in _keys_in_period(signature, period)
    ]


def _keys_in_period(signature: bytes, period: int) -> list[int]:
    upper = (period & 0xFFFFFF) << 38
    return [upper | band for band in _hash_bands(signature)]


def _hash_bands(signature: bytes) -> list[int]:
    return [
        (band << 32) | crc32(signature[band * _BAND_BYTES : (band + 1) * _BAND_BYTES])
        for band in range(min(BANDS, len(signature) // _BAND_BYTES))
    ]
