"""MinHash signatures of word shingles: the same text from two publishers has nearly the same signature.

After Broder, "On the resemblance and containment of documents" (1997), as rensa computes it.
"""

import re

from rensa import RMinHash

PERMUTATIONS = 128
SHINGLE = 3
LEAST_WORDS = 30  # below this, two different briefs share too many shingles by chance
ALGORITHM = f"rensa {RMinHash.ALGORITHM_VERSION}"  # signatures of two algorithms cannot be compared
_SEED = 42  # any would do, if only it never changes
_WORD = re.compile(r"\w+")


def signature(text: str) -> bytes | None:
    """128 little-endian uint32 values; None for texts under 30 words. The share of equal values estimates the Jaccard
    similarity of the texts' three-word shingles. Case, punctuation and spacing do not count."""
    words = _WORD.findall(text.casefold().encode(errors="replace").decode())
    if len(words) < LEAST_WORDS:
        return None
    hashes = RMinHash(num_perm=PERMUTATIONS, seed=_SEED)
    hashes.update([" ".join(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1)])
    return b"".join(value.to_bytes(4, "little") for value in hashes.digest())
