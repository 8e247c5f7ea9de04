"""Model, gazetteer and context decide together what a story names.

model spans -> boundary repair -------+
context rules, designation rules -----+-> one type per name -> no overlaps -> acronyms -> missed namings
gazetteer matches --------------------+
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.enrich.gazetteer.knowledge import Knowledge
from pipeline.enrich.ner.acronyms import SHORT_NAME
from pipeline.enrich.ner.boundary_repair import BoundaryRepair
from pipeline.enrich.ner.context_rules import ContextRules
from pipeline.enrich.ner.designation_rules import DesignationRules
from pipeline.enrich.ner.mention_propagation import MentionPropagator
from pipeline.enrich.ner.name_spans import NameSpan, certain_forms, gazetteer_spans, model_spans
from pipeline.enrich.ner.spacy_model import ModelSpan
from pipeline.enrich.ner.type_voting import TypeVoter
from pipeline.enrich.text.token_table import TokenTable
from pipeline.models import EntityType, Field
from pipeline.text.fold import fold

_REACH = 32  # characters after an organization's name in which its acronym stands
_SURE_OF_ACRONYM = 0.85  # chosen on the project's own development stories


class MentionResolver:
    """Resolves the mentions of one story at a time."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._gazetteer, self._lexicon, self._places = knowledge.gazetteer, knowledge.lexicon, knowledge.places
        self._adjectives = frozenset(map(fold, knowledge.adjectives))
        self._countries = frozenset(fold(country["name"]) for country in knowledge.places.countries)

    def resolve(self, texts: Mapping[Field, str], modelled: Mapping[Field, Sequence[ModelSpan]]) -> list[NameSpan]:
        """Find what a story names.

        Args:
            texts: The normalised text of each field.
            modelled: What the model found in each field.

        Returns:
            Spans that do not overlap, in order of field and position.
        """
        tables = {field: TokenTable(text, headline=field is Field.HEADLINE) for field, text in texts.items()}
        matched = {field: self._gazetteer.find(text) for field, text in texts.items()}
        sure = set().union(*(certain_forms(matches) for matches in matched.values()))
        proposed: list[NameSpan] = []
        for field, table in tables.items():
            designations = DesignationRules(field, table, self._lexicon)
            known = gazetteer_spans(field, table.text, matched[field], modelled[field], sure)
            known = [designations.without_noun(span) for span in known if designations.is_plausible(span)]
            proposed += known
            proposed += designations.proposals()
            proposed += ContextRules(field, table, self._lexicon, self._adjectives).proposals()
            if (table.titled or table.shouting) and field is Field.HEADLINE and texts[Field.BODY]:
                continue  # where every word is a capital, the model guesses; the body's names are propagated to it
            boundaries = BoundaryRepair(table, self._lexicon, self._adjectives, self._countries)
            starts = [span.start for span in known]
            for span in model_spans(field, table.text, modelled[field]):
                for part in boundaries.repair(span):
                    inside = known[bisect_left(starts, part.start) : bisect_left(starts, part.end)]
                    if not _run_together(part, inside) and designations.is_plausible(part):
                        proposed.append(part)
        kept = without_overlaps(TypeVoter(tables, self._lexicon, self._places).vote(proposed))
        acronyms = list(_acronyms(kept, texts))
        explained = {span.text for span in acronyms}
        kept = [
            replace(span, type=EntityType.ORGANIZATION) if span.text in explained and span.entry is None else span
            for span in without_overlaps([*kept, *acronyms])
        ]
        missed = MentionPropagator(tables, self._lexicon, self._places).propagate(kept)
        return without_overlaps([*kept, *missed])


def _run_together(span: NameSpan, inside: Sequence[NameSpan]) -> bool:
    """Whether a span is nothing but known names side by side: "Brussels NATO" in "In Brussels NATO said"."""
    covered = sum(other.end - other.start for other in inside)
    return len(inside) > 1 and covered + len(inside) - 1 == span.end - span.start


def without_overlaps(spans: Sequence[NameSpan]) -> list[NameSpan]:
    """Drop spans until none overlap.

    Firm spans win over all others. Then the longer one wins (the Bank of China does not name China), and of two on the
    same words the gazetteer's, then the more confident one.
    """
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


def _acronyms(spans: Sequence[NameSpan], texts: Mapping[Field, str]) -> Iterator[NameSpan]:
    """A short name in brackets, or after "or", right after an organization's is that organization's."""
    for span in spans:
        if span.type is not EntityType.ORGANIZATION:
            continue
        match = SHORT_NAME.match(texts[span.field][span.end : span.end + _REACH])
        if match and sum(map(str.isupper, match.group(1))) > 1:
            start, end = span.end + match.start(1), span.end + match.end(1)
            yield NameSpan(span.field, start, end, match.group(1), EntityType.ORGANIZATION, "context", _SURE_OF_ACRONYM)
