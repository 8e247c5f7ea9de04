"""Cities of one name: "Paris, Texas" is not Paris, and what the story then calls Paris is the one it has just named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.enrich.gazetteer.lexicon import Lexicon
from pipeline.enrich.gazetteer.places import Places
from pipeline.enrich.ner.name_spans import NameSpan
from pipeline.models import EntityType, Field
from pipeline.text.fold import fold, slug

_UNITED_STATES = "US"


@dataclass(frozen=True, slots=True)
class QualifiedCity:
    """A city that its state or country tells apart from others of its name."""

    name: str
    entity_id: str


class CityQualifier:
    """Finds the cities that a state or country after them qualifies."""

    def __init__(self, places: Places, lexicon: Lexicon) -> None:
        self._places = places
        self._provinces = frozenset(word.replace("_", " ") for word in lexicon.provinces)

    def find_cities(self, spans: Sequence[NameSpan], texts: Mapping[Field, str]) -> dict[int, QualifiedCity]:
        """Map positions among the spans to the qualified city that is meant there."""
        cities: dict[int, QualifiedCity] = {}
        latest: dict[str, QualifiedCity | None] = {}
        for position, span in enumerate(spans):
            if span.type is not EntityType.PLACE:
                continue
            key = fold(span.text)
            after = spans[position + 1] if position + 1 < len(spans) else None
            if after is not None and self._follows(span, after, texts):
                latest[key] = self._qualify(span, after, _are_listed(spans[position + 1 : position + 3], texts))
                if state := self._find_state(span, after):
                    cities[position + 1] = state
            if city := latest.get(key):
                cities.setdefault(position, city)
        return cities

    def _follows(self, span: NameSpan, after: NameSpan, texts: Mapping[Field, str]) -> bool:
        if after.field is not span.field or after.type is not EntityType.PLACE:
            return False
        return texts[span.field][span.end : after.start] == ", " and (
            fold(after.text.rstrip(".")) in self._provinces or self._country_code(after) is not None
        )

    def _qualify(self, span: NameSpan, after: NameSpan, listed: bool) -> QualifiedCity | None:
        """The city by its qualifier; None where that says no more than the bare name."""
        home = span.entry.id.rpartition("-")[2].upper() if span.entry is not None else None
        country = self._country_code(after)
        if country is not None and country == home:
            return None
        stranger = country is not None and country not in self._home_countries(span)
        if stranger and listed and fold(after.text.rstrip(".")) not in self._provinces:
            return None  # "Paris, Germany and Spain"
        if span.entry is not None and span.entry.kind not in ("capital", "city"):
            return None
        name = f"{span.text}, {after.text}"
        return QualifiedCity(name, f"{EntityType.PLACE.value}:{slug(name)}")

    def _find_state(self, span: NameSpan, after: NameSpan) -> QualifiedCity | None:
        """The state in "Athens, Georgia", where the country of that name has no such city."""
        country = self._country_code(after)
        if country is None or country in self._home_countries(span) or fold(after.text) not in self._provinces:
            return None
        in_states = _UNITED_STATES in self._home_countries(span)
        name = f"{after.text} (U.S. state)"
        return QualifiedCity(name, f"gaz:{slug(after.text)}-us") if in_states else None

    def _home_countries(self, span: NameSpan) -> frozenset[str]:
        return self._places.homes.get(fold(span.text), frozenset())

    def _country_code(self, span: NameSpan) -> str | None:
        entry = span.entry
        return entry.id.removeprefix("country-").upper() if entry and entry.id.startswith("country-") else None


def _are_listed(spans: Sequence[NameSpan], texts: Mapping[Field, str]) -> bool:
    """Whether two spans are parts of a list."""
    if len(spans) < 2 or spans[0].field is not spans[1].field:
        return False
    return texts[spans[0].field][spans[0].end : spans[1].start] in (", ", " and ", ", and ", " or ")
