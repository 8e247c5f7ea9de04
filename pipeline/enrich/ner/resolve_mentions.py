"""Model, gazetteer and context decide together what a story names.

model spans -> put right at their edges --+
grammar's proposals, designations --------+-> one sense a document -> no overlaps -> acronyms -> missed namings
gazetteer matches ------------------------+
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.enrich.gazetteer.knowledge import Knowledge
from pipeline.enrich.ner.acronyms import SHORT_NAME
from pipeline.enrich.ner.boundaries import Boundaries
from pipeline.enrich.ner.context_rules import Grammar
from pipeline.enrich.ner.designations import Designations
from pipeline.enrich.ner.model import ModelSpan
from pipeline.enrich.ner.spans import FoundSpan, certain_forms, known_spans, model_spans
from pipeline.enrich.ner.type_voting import Senses
from pipeline.enrich.text.tokens import Reading
from pipeline.models import EntityType, Field
from pipeline.text.fold import fold

_REACH = 32  # characters after an organization's name in which its acronym stands


class Decider:
    """Holds what we know; decides story by story."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._gazetteer, self._lexicon, self._places = knowledge.gazetteer, knowledge.lexicon, knowledge.places
        self._adjectives = frozenset(map(fold, knowledge.adjectives))
        self._countries = frozenset(fold(country["name"]) for country in knowledge.places.countries)

    def spans(self, texts: Mapping[Field, str], modelled: Mapping[Field, Sequence[ModelSpan]]) -> list[FoundSpan]:
        """What the story names: spans in order of field and place that do not overlap."""
        readings = {field: Reading(text, headline=field is Field.HEADLINE) for field, text in texts.items()}
        matched = {field: self._gazetteer.find(text) for field, text in texts.items()}
        sure = set().union(*(certain_forms(matches) for matches in matched.values()))
        found: list[FoundSpan] = []
        for field, reading in readings.items():
            designations = Designations(field, reading, self._lexicon)
            known = known_spans(field, reading.text, matched[field], modelled[field], sure)
            known = [designations.without_noun(span) for span in known if designations.stands(span)]
            found += known
            found += designations.proposals()
            found += Grammar(field, reading, self._lexicon, self._adjectives).proposals()
            if (reading.titled or reading.shouting) and field is Field.HEADLINE and texts[Field.BODY]:
                continue  # where every word is a capital, the model guesses; the body's names are spread to it
            boundaries = Boundaries(reading, self._lexicon, self._adjectives, self._countries)
            starts = [span.start for span in known]
            for span in model_spans(field, reading.text, modelled[field]):
                for part in boundaries.repaired(span):
                    inside = known[bisect_left(starts, part.start) : bisect_left(starts, part.end)]
                    if not _run_together(part, inside) and designations.stands(part):
                        found.append(part)
        senses = Senses(readings, self._lexicon, self._places)
        kept = without_overlaps(senses.settle(found))
        acronyms = list(_acronyms(kept, texts))
        explained = {span.text for span in acronyms}
        kept = [
            replace(span, type=EntityType.ORGANIZATION) if span.text in explained and span.entry is None else span
            for span in without_overlaps([*kept, *acronyms])
        ]
        return without_overlaps([*kept, *senses.spread(kept)])


def _run_together(span: FoundSpan, inside: Sequence[FoundSpan]) -> bool:
    """ "In Brussels NATO expressed regret": nothing but known names side by side."""
    held = sum(other.end - other.start for other in inside)
    return len(inside) > 1 and held + len(inside) - 1 == span.end - span.start


def without_overlaps(spans: Sequence[FoundSpan]) -> list[FoundSpan]:
    """The longer span wins (the Bank of China is no naming of China); on the same words, what is known for certain.
    Firm spans win over all."""
    order = sorted(
        spans,
        key=lambda span: (not span.firm, span.start - span.end, span.by != "gazetteer", -span.confidence, span.start),
    )
    length = max((span.end for span in spans), default=0)
    taken = {field: bytearray(length) for field in {span.field for span in spans}}
    kept = []
    for span in order:
        cells = taken[span.field]
        if cells.find(1, span.start, span.end) < 0:
            cells[span.start : span.end] = b"\1" * (span.end - span.start)
            kept.append(span)
    return sorted(kept, key=lambda span: (span.field is Field.BODY, span.start))


def _acronyms(spans: Sequence[FoundSpan], texts: Mapping[Field, str]) -> Iterator[FoundSpan]:
    """A short name in brackets, or after "or", right after an organization's is that organization's."""
    for span in spans:
        if span.type is not EntityType.ORGANIZATION:
            continue
        match = SHORT_NAME.match(texts[span.field][span.end : span.end + _REACH])
        if match and sum(map(str.isupper, match.group(1))) > 1:
            start, end = span.end + match.start(1), span.end + match.end(1)
            yield FoundSpan(span.field, start, end, match.group(1), EntityType.ORGANIZATION, "context", 0.85)
