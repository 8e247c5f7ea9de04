"""Namings that model, gazetteer and rules have missed, of names that the story makes known elsewhere.

A surname after the full name, an acronym of a known organization, a name in a headline whose capitals tell nothing, a
surname with a typing error.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.enrich.gazetteer.lexicon import Lexicon
from pipeline.enrich.gazetteer.places import Places
from pipeline.enrich.ner.acronyms import initials
from pipeline.enrich.ner.name_spans import NameSpan, is_designation
from pipeline.enrich.ner.short_names import COMPANY_HEADS, ShortNames
from pipeline.enrich.text.spelling import is_misspelt
from pipeline.enrich.text.token_table import TokenTable
from pipeline.models import EntityType, Field
from pipeline.text.fold import fold

_CONFIDENCE = 0.65  # of a propagated naming; chosen on the project's own development stories

Keys = tuple[str, ...]  # the folded words of a name


class _FieldText:
    """One field of a story with the characters that spans cover already."""

    def __init__(self, field: Field, table: TokenTable, spans: Iterable[NameSpan]) -> None:
        self.field, self.table = field, table
        self._covered = bytearray(len(table.text) + 1)
        for span in spans:
            if span.field is field:
                self._covered[span.start : span.end] = b"\1" * (span.end - span.start)

    def is_free(self, first: int, last: int) -> bool:
        """Whether no span covers any of the words ``first`` up to and without ``last``."""
        return self._covered.find(1, self.table.starts[first], self.table.ends[last - 1]) < 0

    def naming(self, span: NameSpan, first: int, last: int) -> NameSpan:
        """The words ``first`` up to and without ``last`` as another naming of what ``span`` names."""
        start, end = self.table.starts[first], self.table.ends[last - 1]
        text = self.table.text[start:end]
        return replace(span, field=self.field, start=start, end=end, text=text, by="context", confidence=_CONFIDENCE)

    def person(self, index: int) -> NameSpan:
        """The word at ``index`` as a person."""
        table = self.table
        start, end, word = table.starts[index], table.ends[index], table.words[index]
        return NameSpan(self.field, start, end, word, EntityType.PERSON, "context", _CONFIDENCE)


class MentionPropagator:
    """Finds missed namings in the texts of one story."""

    def __init__(self, tables: Mapping[Field, TokenTable], lexicon: Lexicon, places: Places) -> None:
        self._tables, self._lexicon = tables, lexicon
        self._short_names = ShortNames(lexicon, places)

    def propagate(self, spans: Sequence[NameSpan]) -> list[NameSpan]:
        """Find the namings that ``spans`` lack; those found do not overlap with ``spans``."""
        names, acronyms = self._collect_names(spans), _acronyms(spans)
        if not names and not acronyms:
            return []
        by_first_word: defaultdict[str, list[tuple[Keys, NameSpan]]] = defaultdict(list)
        for keys, span in sorted(names.items(), key=lambda item: -len(item[0])):
            by_first_word[keys[0]].append((keys, span))
        missed: list[NameSpan] = []
        for field, table in self._tables.items():
            text = _FieldText(field, table, spans)
            missed += self._find_missed(text, by_first_word, acronyms)
        return missed

    def _collect_names(self, spans: Iterable[NameSpan]) -> dict[Keys, NameSpan]:
        """The names to look for -> a span of each: full names, surnames, acronyms, names of two words or more."""
        names: dict[Keys, NameSpan] = {}
        for span in spans:
            person = span.type is EntityType.PERSON
            if (span.entry is not None and not person) or span.type is EntityType.NAMED_EVENT:
                continue
            words = span.text.split()
            short = span.text.isupper() and 2 < len(span.text) < 7
            if len(words) > 1 or person or short or is_designation(span):
                names.setdefault(tuple(fold(word) for word in words), span)
            if span.type is EntityType.ORGANIZATION and words[-1].lower() in COMPANY_HEADS:
                for company in self._short_names.company_keys(span.text):
                    names.setdefault((company,), span)
            if person and len(words) > 1:
                for surname in self._short_names.surname_keys(words):
                    names.setdefault(tuple(surname.split()), span)
        return names

    def _find_missed(
        self,
        text: _FieldText,
        by_first_word: Mapping[str, list[tuple[Keys, NameSpan]]],
        acronyms: Mapping[str, NameSpan],
    ) -> Iterator[NameSpan]:
        table, index = text.table, 0
        while index < len(table.words):
            organization = None if table.shouting else acronyms.get(table.words[index])
            if organization is not None and text.is_free(index, index + 1):
                yield text.naming(organization, index, index + 1)
            naming, length = self._naming_at(text, index, by_first_word.get(table.keys[index], ()))
            if naming is not None:
                yield naming
            elif self._is_misspelt(table, index, by_first_word) and text.is_free(index, index + 1):
                yield text.person(index)
            index += length

    def _naming_at(
        self, text: _FieldText, index: int, names: Iterable[tuple[Keys, NameSpan]]
    ) -> tuple[NameSpan | None, int]:
        """The longest of these names that begins at a word, and how many words it takes; (None, 1) for none."""
        table = text.table
        for keys, span in names:
            last = index + len(keys)
            begins = table.capital[index] or keys[0] in self._lexicon.particles
            if not begins or tuple(table.keys[index:last]) != keys:
                continue
            first = index
            if not self._stands_alone(table, index, last):
                if not self._follows_first_name(table, index, last, span):
                    continue
                first = index - 1
            if text.is_free(first, last):
                return text.naming(span, first, last), len(keys)
        return None, 1

    def _follows_first_name(self, table: TokenTable, index: int, last: int, span: NameSpan) -> bool:
        """Whether a known surname has an unknown first name before it: "Anneliese Bruckner", of Dr. Bruckner."""
        if span.type is not EntityType.PERSON or span.entry is not None or index == 0 or last - index != 1:
            return False
        key, words = table.keys[index - 1], self._lexicon
        named = table.joined[index] and table.capital[index - 1] and table.words[index - 1].isalpha()
        plain = key in words.openers or key in words.calendar or key in words.titles or key in words.organization_heads
        alone = index < 2 or table.opens[index - 1] or not table.capital[index - 2] or not table.joined[index - 1]
        follows = last < len(table.words) and table.joined[last] and table.capital[last]
        return named and not plain and alone and not follows and table.words[index - 1].istitle()

    def _is_misspelt(self, table: TokenTable, index: int, known: Mapping[str, object]) -> bool:
        """Whether someone speaks here whose surname is one letter off from a known one: Wolters said, of Walters."""
        if (
            not table.capital[index]
            or index + 1 >= len(table.keys)
            or table.keys[index + 1] not in self._lexicon.speaking
        ):
            return False
        return any(is_misspelt(table.keys[index], name) for name in known)

    def _stands_alone(self, table: TokenTable, first: int, last: int) -> bool:
        """Whether a naming is not a part of some other capitalised name ("Ali" in "Ali Baba Street")."""
        if table.shouting or table.titled:
            return True
        left = first > 0 and table.joined[first] and table.capital[first - 1] and not table.opens[first - 1]
        left = left and table.keys[first - 1] not in self._lexicon.titles
        right = (
            last < len(table.words) and table.joined[last] and table.capital[last] and table.words[last][0].isalpha()
        )
        return not left and not right


def _acronyms(spans: Iterable[NameSpan]) -> dict[str, NameSpan]:
    """Initials -> the known organization of several words whose they are."""
    return {
        short.upper(): span
        for span in spans
        if span.type is EntityType.ORGANIZATION and span.entry is not None and " " in span.text
        for short in initials(span.text)
    }
