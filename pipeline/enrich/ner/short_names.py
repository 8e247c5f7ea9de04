"""What a story calls people and organizations for short, once it has named them in full."""

from collections.abc import Iterator, Sequence

from pipeline.enrich.gazetteer.lexicon import Lexicon
from pipeline.enrich.gazetteer.places import Places
from pipeline.enrich.text.terms import is_common_word
from pipeline.text.fold import fold

COMPANY_HEADS = frozenset(["industries", "group", "holdings", "technologies", "bank", "airlines", "airways", "motors"])


def name_key(text: str) -> str:
    """Case- and accent-folded name, used to group namings."""
    return " ".join(fold(text).split())


class ShortNames:
    """Derives short names from full ones."""

    def __init__(self, lexicon: Lexicon, places: Places) -> None:
        self._lexicon, self._places = lexicon, places

    def company_keys(self, text: str) -> Iterator[str]:
        """Yield the folded short names of an organization.

        The first word, unless it is also a place, a first name or a common word: "sundberg" of Sundberg Industries.
        The name without its suffix: "tanaka robotics" of Tanaka Robotics Co.
        """
        words = name_key(text.replace(",", "")).split()
        first = words[0]
        ambiguous = first in self._lexicon.generic_first or first in self._lexicon.given_names
        firm = words[-1].rstrip(".") in self._lexicon.company_suffixes or words[-1] in COMPANY_HEADS
        ambiguous = ambiguous or bool(self._places.population(first)) or (not firm and is_common_word(first))
        if len(first) > 3 and first.isalpha() and not ambiguous:
            yield first
        if len(words) > 2 and words[-1].rstrip(".") in self._lexicon.company_suffixes:
            yield " ".join(words[:-1])

    def surname_keys(self, words: Sequence[str]) -> Iterator[str]:
        """Yield the folded surnames of a full name: "ponte" and "del ponte"; "xi" of Xi Jinping."""
        folded = [fold(word) for word in words]
        if len(folded[-1]) > 1:
            yield folded[-1]
        for first in range(len(folded) - 2, 0, -1):  # of "Jan van der Meer": "der Meer", "van der Meer"
            if not words[first].islower():
                break
            yield " ".join(folded[first:])
        if folded[0] in self._lexicon.family_first:
            yield folded[0]
