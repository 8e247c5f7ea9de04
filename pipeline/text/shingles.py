"""Words of a text without case, and runs of them (shingles): what texts are compared by.

After Broder, "On the resemblance and containment of documents" (1997).
"""

import re
from collections.abc import Iterator, Sequence

_WORD = re.compile(r"\w+")


def folded_words(text: str) -> list[str]:
    """Return the words of a text in order, without case and punctuation."""
    return _WORD.findall(text.casefold())


def shingles(words: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    """Yield each run of ``size`` words, in order; none where there are fewer words."""
    return zip(*(words[start:] for start in range(size)), strict=False)
