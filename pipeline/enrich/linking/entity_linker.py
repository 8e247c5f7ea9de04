"""Canonical names within a story: one entity under one name, however the story writes it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pipeline.enrich.gazetteer.known_people import KnownPeople
from pipeline.enrich.gazetteer.lexicon import Lexicon
from pipeline.enrich.gazetteer.places import Places
from pipeline.enrich.gazetteer.records import EntryRecord
from pipeline.enrich.linking.full_names import FullNames
from pipeline.enrich.linking.qualified_cities import CityQualifier
from pipeline.enrich.linking.story_people import StoryPeople
from pipeline.enrich.ner.acronyms import SHORT_NAME, initials, is_acronym
from pipeline.enrich.ner.name_spans import NameSpan
from pipeline.models import EntityType, Field
from pipeline.text.designations import join_designation
from pipeline.text.fold import fold, slug

_IN_OFFICE = re.compile(r"(?:President|Minister|Chancellor|Premier|Secretary|Chairman|Pope|King|Queen) $")
_LEAST_OVERLAP = 4  # letters of a first word that may stand for the whole name


@dataclass(frozen=True, slots=True)
class LinkedSpan:
    """A span with its entity."""

    span: NameSpan
    name: str
    entity_id: str


class EntityLinker:
    """Links the spans of one story at a time."""

    def __init__(self, lexicon: Lexicon, known: KnownPeople, places: Places) -> None:
        self._lexicon, self._known = lexicon, known
        self._full_names = FullNames(lexicon.given_variants)
        self._qualifier = CityQualifier(places, lexicon)

    def link(self, spans: Sequence[NameSpan], texts: Mapping[Field, str], day: date | None) -> list[LinkedSpan]:
        """Give every span its canonical name and entity id.

        Args:
            spans: The namings of one story, in order.
            texts: The texts that the spans' offsets point into.
            day: When the story was published, which tells who held an office then; None where it is not known.
        """
        people_spans = [span for span in spans if span.type is EntityType.PERSON]
        people = StoryPeople(people_spans, self._lexicon, self._full_names, self._known)
        others = self._full_name_spans(spans, texts)
        cities = self._qualifier.find_cities(spans, texts)
        named = []
        position = 0
        for number, span in enumerate(spans):
            if city := cities.get(number):
                named.append(LinkedSpan(replace(span, entry=None), city.name, city.entity_id))
            elif span.type is EntityType.PERSON:
                entry = self._office_holder(span, texts, day)
                named.append(self._link_person(position, span, people, entry))
                position += 1
            elif span.entry is not None:
                named.append(LinkedSpan(span, span.entry.name, f"gaz:{span.entry.id}"))
            else:
                named.append(self._link_other(span, others))
        return named

    def _office_holder(self, span: NameSpan, texts: Mapping[Field, str], day: date | None) -> EntryRecord | None:
        """The holder of an office who is named by it: "President Clinton" of 1998, without a full name anywhere."""
        if day is None or " " in span.text or not _IN_OFFICE.search(texts[span.field][: span.start][-20:]):
            return None
        return self._known.in_office(fold(span.text), day)

    def _link_person(
        self, position: int, span: NameSpan, people: StoryPeople, holder: EntryRecord | None
    ) -> LinkedSpan:
        person = people.resolve(position, span)
        if person is None and holder is not None:
            return LinkedSpan(replace(span, entry=holder, by="context"), holder.name, f"gaz:{holder.id}")
        if person is None:
            name = self._in_usual_case(" ".join(people.words(span.text)) or span.text)
            return LinkedSpan(span, name, f"person:{slug(name)}")
        name = people.name(person)
        if person.entry is None:
            return LinkedSpan(span, name, f"person:{slug(name)}")
        if span.entry is None:
            span = replace(span, entry=person.entry, by="context")
        return LinkedSpan(span, name, f"gaz:{person.entry.id}")

    def _link_other(self, span: NameSpan, others: Mapping[str, NameSpan]) -> LinkedSpan:
        full = others.get(fold(span.text), span) if span.type is EntityType.ORGANIZATION else span
        if full.entry is not None:
            return LinkedSpan(replace(span, entry=full.entry, by="context"), full.entry.name, f"gaz:{full.entry.id}")
        name = self._in_usual_case(self._without_suffix(full))
        # Designations are one however they are spelt: KX-10, KX10.
        key = join_designation(name) if span.type is EntityType.PRODUCT and span.firm else slug(name)
        return LinkedSpan(span, name, f"{span.type.value}:{key}")

    def _full_name_spans(self, spans: Iterable[NameSpan], texts: Mapping[Field, str]) -> dict[str, NameSpan]:
        """Folded short name -> the span with the full name: acronyms as the text explains them, first words."""
        known: dict[str, NameSpan] = {}
        previous: NameSpan | None = None
        for span in spans:
            if span.type is not EntityType.ORGANIZATION:
                previous = None
                continue
            match = SHORT_NAME.match(texts[span.field][span.end : span.end + 20])
            if match and is_acronym(match.group(1), span.text):
                known[fold(match.group(1))] = span
            if previous and previous.field is span.field and is_acronym(previous.text, span.text):
                between = texts[span.field][previous.end : span.start]
                if between.strip() == "(":
                    known[fold(previous.text)] = span
            for short in initials(span.text):
                if len(short) > 2 or span.entry is not None:
                    known.setdefault(short, span)
            first, _, rest = span.text.partition(" ")
            if rest and len(first) >= _LEAST_OVERLAP and fold(first) not in self._lexicon.generic_first:
                known.setdefault(fold(first), span)
            known.setdefault(fold(self._without_suffix(span)), span)
            previous = span
        return known

    def _without_suffix(self, span: NameSpan) -> str:
        words = span.text.replace(",", " ").split()
        while span.type is EntityType.ORGANIZATION and len(words) > 1 and self._is_suffix(words[-1]):
            words.pop()
        return " ".join(words) if len(words) < len(span.text.split()) else span.text

    def _is_suffix(self, word: str) -> bool:
        return fold(word.rstrip(".")) in self._lexicon.company_suffixes

    @staticmethod
    def _in_usual_case(name: str) -> str:
        words = " ".join(name.split())
        return words.title() if words.isupper() and len(words) > 5 and " " in words else words
