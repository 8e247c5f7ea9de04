"""What kind of entity a name is: one type per name and story, by a vote over all namings of the name.

Each naming votes for the type that model, gazetteer or context rule proposes, and so do the words around it. After
Gale, Church and Yarowsky, "One sense per discourse" (1992).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pipeline.enrich.gazetteer.lexicon import Lexicon
from pipeline.enrich.gazetteer.places import Places
from pipeline.enrich.ner.name_spans import NameSpan, is_designation
from pipeline.enrich.ner.short_names import ShortNames, name_key
from pipeline.enrich.text.token_table import TokenTable
from pipeline.models import EntityType, Field

# What each piece of evidence weighs. Set by hand on the project's own development stories.
_BY_MODEL = 1.0  # the model proposes the type
_BY_CONTEXT = 1.6  # a context rule proposes it
_BY_GAZETTEER = 5.0  # the gazetteer is certain of it
_BY_WEAK_FORM = 1.5  # the gazetteer knows the name as one of several things
_SURNAME = 3.0  # the story gives a full name with this surname
_TITLE = 2.0  # a title stands before it
_SPEAKS = 1.0  # it says something
_CAPITALS_SPEAK = 0.4  # the same where a large city has the name: governments speak under the names of capitals
_CITY = 0.9  # a city has this name
_LARGE_CITY = 0.6  # in addition, where the city is large
_SEVERAL_WORDS = 1.5  # in addition, where the city's name has several words: nobody is called Nizhny Novgorod
_IN = 0.8  # "in" or the like stands before it
_TOWN_OF = 2.0  # "the town of" or the like stands before it
_GIVEN_NAME = 0.6  # it is a first name
_LARGE = 200_000  # inhabitants of a large city

_TIES = (  # which of two equally supported types is taken: the later one
    EntityType.NAMED_EVENT,
    EntityType.PRODUCT,
    EntityType.PLACE,
    EntityType.ORGANIZATION,
    EntityType.PERSON,
)

Votes = defaultdict[str, defaultdict[EntityType, float]]


class TypeVoter:
    """Votes over the namings of one story."""

    def __init__(self, tables: Mapping[Field, TokenTable], lexicon: Lexicon, places: Places) -> None:
        self._tables, self._lexicon, self._places = tables, lexicon, places
        self._short_names = ShortNames(lexicon, places)

    def vote(self, spans: Sequence[NameSpan]) -> list[NameSpan]:
        """Give each span the type that the whole story supports.

        Names that the gazetteer is certain of, and designations, keep their type.
        """
        votes: Votes = defaultdict(lambda: defaultdict(float))
        for span in spans:
            key = name_key(span.text)
            votes[key][span.type] += _weight(span)
            if span.entry is None:
                self._add_cues(span, votes[key])
        surnames = self._surnames(spans, votes)
        companies = self._short_companies(spans, votes) - surnames
        decided = []
        for span in spans:
            key = name_key(span.text)
            kinds = dict(votes[key])
            if key in surnames:
                # The model errs on bare surnames, mostly in the same way each time: its repetition is no evidence.
                rivals = 0.0 if self._places.population(key) else sum(kinds.values())
                kinds[EntityType.PERSON] = kinds.get(EntityType.PERSON, 0.0) + _SURNAME + rivals
            if key in companies:
                kinds[EntityType.ORGANIZATION] = kinds.get(EntityType.ORGANIZATION, 0.0) + sum(kinds.values()) + 1.0
            certain = (span.entry and not span.weak) or is_designation(span)
            decided.append(span if certain else _with_best_type(span, kinds))
        return decided

    def _surnames(self, spans: Iterable[NameSpan], votes: Votes) -> set[str]:
        """Surnames of the people whom the story names in full."""
        keys: set[str] = set()
        for span in spans:
            words = span.text.split()
            kinds = votes[name_key(span.text)]
            if len(words) > 1 and max(kinds, key=lambda kind: kinds[kind]) is EntityType.PERSON:
                keys |= set(self._short_names.surname_keys(words))
        return keys

    def _short_companies(self, spans: Iterable[NameSpan], votes: Votes) -> set[str]:
        """What the story's organizations are called for short."""
        keys: set[str] = set()
        for span in spans:
            kinds = votes[name_key(span.text)]
            if " " in span.text and max(kinds, key=lambda kind: kinds[kind]) is EntityType.ORGANIZATION:
                keys |= set(self._short_names.company_keys(span.text))
        return keys

    def _add_cues(self, span: NameSpan, kinds: defaultdict[EntityType, float]) -> None:
        table = self._tables[span.field]
        first, last = table.range_of(span.start, span.end)
        before = table.keys[first - 1] if first else ""
        after = table.keys[last] if last < len(table.keys) else ""
        people = self._places.population(name_key(span.text))
        if after in self._lexicon.speaking or (before in ("said", "says") and after in (",", ".", '"', "")):
            kinds[EntityType.PERSON] += _SPEAKS if people < _LARGE else _CAPITALS_SPEAK
        if before in self._lexicon.titles and table.capital[first - 1]:
            kinds[EntityType.PERSON] += _TITLE
        if before in self._lexicon.place_cues:
            kinds[EntityType.PLACE] += _IN
        if before == "of" and first > 1 and table.keys[first - 2] in self._lexicon.place_nouns:
            kinds[EntityType.PLACE] += _TOWN_OF
        if last - first == 1 and table.keys[first] in self._lexicon.given_names:
            kinds[EntityType.PERSON] += _GIVEN_NAME
        if people:
            several = _SEVERAL_WORDS if last - first > 1 else 0.0
            kinds[EntityType.PLACE] += _CITY + several + (_LARGE_CITY if people > _LARGE else 0.0)


def _weight(span: NameSpan) -> float:
    if span.entry is not None:
        return _BY_WEAK_FORM if span.weak else _BY_GAZETTEER
    return _BY_CONTEXT if span.by == "context" else _BY_MODEL


def _with_best_type(span: NameSpan, kinds: Mapping[EntityType, float]) -> NameSpan:
    best = max(kinds, key=lambda kind: (kinds[kind], _TIES.index(kind)))
    return span if best is span.type else replace(span, type=best, by="context", entry=None)
