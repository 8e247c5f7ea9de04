"""Spelling variants of names: transcriptions and typing errors."""

import re

from rapidfuzz.distance import DamerauLevenshtein

_LONG_ENOUGH = 6  # letters; shorter surnames one letter apart are mostly two people
_UMLAUT = re.compile(r"(?<=[bcdfghjklmnprstvw])([aou])e(?=[bcdfghklmnrstv])")  # Juergen, Mueller, Soeren


def transcribed(word: str) -> str:
    """A folded word as transcriptions agree on it: Sergei and Sergey, Hoffman and Hoffmann, Stefan and Stephan."""
    return re.sub(r"(.)\1", r"\1", _UMLAUT.sub(r"\1", word).replace("y", "i").replace("ph", "f"))


def is_misspelt(word: str, name: str) -> bool:
    """One letter more, less, exchanged or transposed, but not the first, in a name of six or more."""
    return (
        len(name) >= _LONG_ENOUGH
        and word != name
        and word[0] == name[0]
        and DamerauLevenshtein.distance(word, name, score_cutoff=1) <= 1
    )
