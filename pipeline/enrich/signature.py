"""MinHash signatures of word shingles: the same text from two publishers has nearly the same signature.

After Broder, "On the resemblance and containment of documents" (1997); permutations are multiply-shift hashes
(Dietzfelbinger et al. 1997), so that all 128 are computed at once in numpy.
"""

import hashlib
import re
from zlib import crc32

import numpy as np
import numpy.typing as npt

PERMUTATIONS = 128
SHINGLE = 5
LEAST_WORDS = 30  # below this, two different briefs share too many shingles by chance
_BLOCK = 4096  # shingles hashed at once: bounds memory on very long texts
_WORD = re.compile(r"\w+")


def _constants(name: str, count: int) -> npt.NDArray[np.uint64]:
    """Fixed odd 64-bit numbers: derived by hash, so that they're equal on every machine and library version."""
    raw = b"".join(hashlib.blake2b(f"{name} {i}".encode(), digest_size=8).digest() for i in range(count))
    return np.frombuffer(raw, dtype="<u8").astype(np.uint64) | np.uint64(1)


_FACTORS = _constants("factor", PERMUTATIONS)[:, None]
_OFFSETS = _constants("offset", PERMUTATIONS)[:, None]
_PLACES = _constants("place", SHINGLE)
_MIX = _constants("mix", 1)[0]


def signature(text: str) -> bytes | None:
    """128 little-endian uint32 values; None for texts under 30 words. The share of equal values estimates the Jaccard
    similarity of the texts' five-word shingles. Case, punctuation and spacing do not count."""
    words = _WORD.findall(text.casefold())
    if len(words) < LEAST_WORDS:
        return None
    hashes = np.fromiter((crc32(word.encode(errors="replace")) for word in words), dtype=np.uint64, count=len(words))
    rows = len(words) - SHINGLE + 1
    shingles = np.zeros(rows, dtype=np.uint64)
    for place in range(SHINGLE):
        shingles += hashes[place : place + rows] * _PLACES[place]
    shingles ^= shingles >> np.uint64(29)
    shingles = np.unique(shingles * _MIX)
    least = np.full(PERMUTATIONS, np.iinfo(np.uint32).max, dtype=np.uint64)
    for start in range(0, len(shingles), _BLOCK):
        block = (shingles[None, start : start + _BLOCK] * _FACTORS + _OFFSETS) >> np.uint64(32)
        np.minimum(least, block.min(axis=1), out=least)
    return least.astype("<u4").tobytes()
