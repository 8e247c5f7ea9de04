"""MinHash signatures of word shingles: the same text from two publishers has nearly the same signature.

After Broder, "On the resemblance and containment of documents" (1997), as rensa computes it.
"""

from rensa import RMinHash

from pipeline.text.shingles import folded_words, shingles

PERMUTATIONS = 128  # values of a signature: the estimate's standard error is at most 0.045
SHINGLE = 3  # words
LEAST_WORDS = 30  # below this, two different briefs share too many shingles by chance
ALGORITHM = f"rensa {RMinHash.ALGORITHM_VERSION}"  # signatures of two algorithms cannot be compared
_SEED = 42  # any would do, if only it never changes


def compute_signature(text: str) -> bytes | None:
    """Compute the MinHash signature of a text.

    The share of equal values in two signatures estimates the Jaccard similarity of the texts' three-word shingles.
    Case, punctuation and spacing do not count.

    Returns:
        128 little-endian uint32 values; None for texts of fewer than 30 words.
    """
    words = folded_words(text.encode(errors="replace").decode())
    if len(words) < LEAST_WORDS:
        return None
    hashes = RMinHash(num_perm=PERMUTATIONS, seed=_SEED)
    hashes.update([" ".join(shingle) for shingle in shingles(words, SHINGLE)])
    return b"".join(value.to_bytes(4, "little") for value in hashes.digest())
