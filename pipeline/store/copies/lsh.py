"""Where near-identical texts meet: locality-sensitive hashing of MinHash signatures. Pure.

Banding after Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", 3.4: two signatures of Jaccard similarity s
share at least one of 42 bands of 3 values with probability 1 - (1 - s^3)^42: .98 at s = .45, .68 at .3, .04 at .1.
"""

from zlib import crc32

BANDS = 42
ROWS = 3
_BYTES = ROWS * 4
STRETCH = 14 * 24 * 3600 * 1_000_000  # microseconds; a key holds for takes of one stretch of time
BUCKET_CAP = 200  # takes filed under one key; more is boilerplate and finds nothing new
_UNDATED = -1


def _stretch(at: int | None) -> int:
    return _UNDATED if at is None else at // STRETCH


def _hashes(signature: bytes) -> list[int]:
    return [
        (band << 32) | crc32(signature[band * _BYTES : (band + 1) * _BYTES])
        for band in range(min(BANDS, len(signature) // _BYTES))
    ]


def _keys(signature: bytes, stretch: int) -> list[int]:
    upper = (stretch & 0xFFFFFF) << 38
    return [upper | low for low in _hashes(signature)]


def band_keys(signature: bytes, at: int | None) -> list[int]:
    """The keys under which a take of that time is filed. signature: little-endian uint32 values."""
    return _keys(signature, _stretch(at))


def nearby_keys(signature: bytes, at: int | None, window: int) -> list[int]:
    """The keys under which similar takes within ``window`` microseconds of ``at`` are filed; undated meet undated."""
    if at is None:
        return _keys(signature, _UNDATED)
    return [
        key
        for stretch in range((at - window) // STRETCH, (at + window) // STRETCH + 1)
        for key in _keys(signature, stretch)
    ]
