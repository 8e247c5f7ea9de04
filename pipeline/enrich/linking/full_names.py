"""When two full names are one person's: transcriptions, middle names, generations and typing errors."""

from collections.abc import Iterable, Mapping, Sequence

from pipeline.enrich.text.spelling import is_misspelt, transcribed
from pipeline.text.fold import fold

Key = tuple[str, ...]
_GENERATIONS = frozenset(["jr", "sr", "ii", "iii", "iv"])


def key_of(words: Sequence[str]) -> tuple[Key, str]:
    """The folded words of a name, and its generation ("jr") or the empty string."""
    folded = [fold(word) for word in words]
    generation = ""
    if len(folded) > 2 and folded[-1].rstrip(".") in _GENERATIONS:
        generation = folded.pop().rstrip(".")
    return tuple(folded), generation


class FullNames:
    """Compares full names, given first names that are variants: "mohammed=muhammad", "bill=william"."""

    def __init__(self, variants: Iterable[str]) -> None:
        self._variants: Mapping[str, frozenset[str]] = _group_variants(variants)

    def same(self, first: Key, other: Key) -> bool:
        """One person's full name, with a middle name or initial more or less, or one letter wrong in the surname."""
        if first == other:
            return True
        short, long = sorted((_split_hyphens(first), _split_hyphens(other)), key=len)
        if len(short) < 2 or _middles_differ(short[1:-1], long[1:-1]):
            return False
        if transcribed(short[-1]) != transcribed(long[-1]):
            return short[0] == long[0] and is_misspelt(short[-1], long[-1])
        return self._same_given(short[0], long[0]) or (len(long) > len(short) and short[0] in long[1:-1])

    def _same_given(self, first: str, other: str) -> bool:
        if transcribed(first) == transcribed(other):
            return True
        return not self._variants.get(first, frozenset()).isdisjoint(self._variants.get(other, ()))


def _group_variants(variants: Iterable[str]) -> dict[str, frozenset[str]]:
    """Name -> the groups (by their first name) that it is in: "alex" is short for two names."""
    groups_of: dict[str, set[str]] = {}
    for group in sorted(variants):
        names = group.split("=")
        for name in names:
            groups_of.setdefault(name, set()).add(names[0])
    return {name: frozenset(groups) for name, groups in groups_of.items()}


def _split_hyphens(key: Key) -> Key:
    """First and middle names at their hyphens: Jean-Luc is Jean Luc."""
    return (*(part for word in key[:-1] for part in word.split("-")), *key[-1:])


def _middles_differ(short: Key, long: Key) -> bool:
    """Whether middle names rule each other out: Juan Pablo and Juan Carlos, George W. and George H. W."""
    if not short or not long:
        return False
    if len(short) != len(long):
        return any(len(word.rstrip(".")) == 1 for word in (*short, *long)) and not set(short) <= set(long)
    return not all(_middle_names_fit(first, other) for first, other in zip(short, long, strict=True))


def _middle_names_fit(first: str, other: str) -> bool:
    first, other = first.rstrip("."), other.rstrip(".")
    if len(first) == 1 or len(other) == 1:
        return first[:1] == other[:1]
    return transcribed(first) == transcribed(other) or is_misspelt(first, other)
