"""Names that the words around them or inside them give away, whatever the model made of them."""

import re
from collections.abc import Iterator, Set
from dataclasses import replace

from pipeline.enrich.gazetteer.lexicon import Lexicon
from pipeline.enrich.ner.name_spans import NameSpan
from pipeline.enrich.text.token_table import TokenTable
from pipeline.models import EntityType, Field
from pipeline.text.months import MONTHS
from pipeline.text.stopwords import function_words, word_set

# Confidence of a span; chosen on the project's own development stories.
_SURE = 0.85  # a suffix, a title or the name of an election says what it is
_HINTED = 0.75  # a head noun or a first name suggests it
_ELECTION = re.compile(
    rf"\b(?:(?:{'|'.join(MONTHS)}) )?"
    r"(?:1[89]|20)\d\d "
    r"(?:(?:[A-Z][\w'-]*|of|and|the) ){0,6}"
    r"(?:(?:general|federal|presidential|parliamentary|legislative|local|regional|provincial|state|municipal|mayoral"
    r"|gubernatorial|midterm|leadership|snap|constitutional|independence|by) ?(?:and )?){0,3}-?"
    r"(?:elections?|by-elections?|referendums?)\b"
)
_CONSTITUENCY = re.compile(r"\(([A-Z][A-Za-z]{0,4})-([A-Z][\w.]+(?: [A-Z][\w.]+){0,2})\)")
_JOINTS = frozenset(["of", "for", "on", "with", "and", "the", "a", "to", "in", "des", "de", "du", "et", "la", "&"])
_SMALL_WORDS = function_words("en")
_BEGIN_TAIL = frozenset(["of", "for", "on"])
_WEAK_TITLES = word_set(
    "chief former acting deputy vice foreign defence defense finance interior staff general king count private speaker "
    "major captain commander marshal lance mp"
)


class ContextRules:
    """Proposes spans of one field's table."""

    def __init__(self, field: Field, table: TokenTable, lexicon: Lexicon, adjectives: Set[str]) -> None:
        self._field, self._table, self._lexicon, self._adjectives = field, table, lexicon, adjectives

    def proposals(self) -> Iterator[NameSpan]:
        """Yield what rules propose.

        Elections, companies by suffix, constituencies of members of parliament, organizations by head noun, people by
        title or first name. Where capitals tell nothing (headlines in capitals), only elections are proposed.
        """
        yield from self._propose_elections()
        if self._table.shouting or self._table.titled:
            return
        yield from self._propose_companies()
        yield from self._propose_constituencies()
        index = 0
        while index < len(self._table.words):
            end = self._run_end(index)
            if end > index:
                yield from self._propose_in_run(index, end)
            index = max(end, index + 1)

    def _make_span(self, start: int, end: int, kind: EntityType, confidence: float) -> NameSpan:
        return NameSpan(self._field, start, end, self._table.text[start:end], kind, "context", confidence)

    def _span_of_words(self, first: int, last: int, kind: EntityType, confidence: float) -> NameSpan:
        return self._make_span(self._table.starts[first], self._table.ends[last - 1], kind, confidence)

    def _propose_elections(self) -> Iterator[NameSpan]:
        for match in _ELECTION.finditer(self._table.text):
            if any(map(str.isupper, match.group())):
                yield replace(self._make_span(match.start(), match.end(), EntityType.NAMED_EVENT, _SURE), firm=True)

    def _propose_companies(self) -> Iterator[NameSpan]:
        text = self._table.text
        for index, key in enumerate(self._table.keys):
            if key not in self._lexicon.company_suffixes or not self._table.capital[index]:
                continue
            first = index
            if first and self._table.words[first - 1] == ",":
                first -= 1
            while first and self._is_company_word(first - 1) and self._table.joined[first]:
                first -= 1
            start = self._table.starts[first]
            if first < index and self._table.words[first] != ",":
                end = self._table.ends[index]
                end += text[end : end + 1] == "." and key in ("inc", "corp", "co", "ltd")
                yield self._make_span(start, end, EntityType.ORGANIZATION, _SURE)

    def _is_company_word(self, index: int) -> bool:
        table = self._table
        if table.words[index] == "&":
            return True
        shouted = table.words[index].isupper() and table.keys[index] in _SMALL_WORDS
        return table.capital[index] and table.keys[index] not in self._lexicon.openers and not shouted

    def _propose_constituencies(self) -> Iterator[NameSpan]:
        for match in _CONSTITUENCY.finditer(self._table.text):
            yield replace(self._make_span(*match.span(1), EntityType.ORGANIZATION, _HINTED), firm=True)
            yield replace(self._make_span(*match.span(2), EntityType.PLACE, _HINTED), firm=True)

    def _run_end(self, first: int) -> int:
        """The end of the run of capitalised words (initials, particles inside) that begins at ``first``."""
        table, index = self._table, first
        while index < len(table.words):
            if index > first and not table.joined[index]:
                break
            if table.initial(index):
                index += 2
            elif (table.capital[index] and not (index > first and table.opens[index])) or (
                index > first and table.keys[index] in self._lexicon.particles and table.is_name_word(index + 1)
            ):
                index += 1
            else:
                break
        return index

    def _propose_in_run(self, first: int, last: int) -> Iterator[NameSpan]:
        table, words = self._table, self._lexicon
        while first < last and table.keys[first] in words.openers and table.opens[first]:
            first += 1
        while first < last and table.keys[last - 1] in words.calendar:
            last -= 1
        if first == last:
            return
        if kind := self._kind_by_head(first, last):
            yield self._span_of_words(first, last, kind, _HINTED)
            return
        heads = [index for index in range(first, last) if table.keys[index] in words.organization_heads]
        if heads:
            yield from self._propose_organization(first, last, heads)
            return
        yield from self._propose_person(first, last)

    def _kind_by_head(self, first: int, last: int) -> EntityType | None:
        """The type by the last word: "Penza Oblast" is a place, "Gulf War" and "World War II" are events."""
        table, words = self._table, self._lexicon
        head = last - 1
        if table.keys[head].isdigit() or set(table.words[head]) <= set("IVX"):
            head -= 1
        if head <= first or any(table.keys[i] in words.organization_heads for i in range(first, last)):
            return None
        if table.keys[head] in words.event_heads:
            return EntityType.NAMED_EVENT
        return EntityType.PLACE if table.keys[head] in words.place_heads and head == last - 1 else None

    def _propose_organization(self, first: int, last: int, heads: list[int]) -> Iterator[NameSpan]:
        table = self._table
        end = self._tail_end(last)
        closes = heads[-1] == last - 1
        if not closes and not (end > last):
            return
        if end == last and (last - first < 2 or table.keys[first] in self._lexicon.titles):
            return
        if end > last and not closes:
            return
        yield self._span_of_words(first, end, EntityType.ORGANIZATION, _HINTED)

    def _tail_end(self, last: int) -> int:
        """The end of "of Foreign Affairs", "for Relations with Judaism" after an organization's head."""
        table = self._table
        if last + 1 >= len(table.words) or table.keys[last] not in _BEGIN_TAIL:
            return last
        end, index = last, last
        while index < len(table.words) and index - last < 9:
            if table.is_name_word(index) and not table.opens[index]:
                if table.keys[index] in self._lexicon.calendar or table.keys[index] in self._lexicon.titles:
                    break
                end = index + 1
            elif (
                table.keys[index] not in _JOINTS
                or (table.keys[index] == "and" and not self._joins_one_name(index))
                or (
                    index > last
                    and table.keys[index] in ("in", "on", "to", "for")
                    and table.keys[index - 1] not in _JOINTS
                )
            ):
                break
            index += 1
        return end

    def _joins_one_name(self, index: int) -> bool:
        """Whether "and" joins two words of one name ("Commerce and Industry"), not two names."""
        table = self._table
        return table.is_name_word(index + 1) and not (index + 2 < len(table.words) and table.is_name_word(index + 2))

    def _propose_person(self, first: int, last: int) -> Iterator[NameSpan]:
        table, words = self._table, self._lexicon
        titles = [i for i in range(first, last - 1) if table.keys[i] in words.titles]
        start = titles[-1] + 1 if titles else first
        while start < last and (table.keys[start] in self._adjectives or table.words[start] == "."):
            start += 1
        if start >= last or self._is_no_name(start, last) or (last - start == 1 and table.keys[start] in words.titles):
            return
        strong = any(table.keys[i] not in _WEAK_TITLES for i in titles)
        given = table.keys[start] in words.given_names and last - start > 1
        initial = table.initial(start) and last - start > 2
        if strong and last - start <= 4:
            yield self._span_of_words(start, last, EntityType.PERSON, _SURE)
        elif (given or initial) and last - start <= 5:
            yield self._span_of_words(start, last, EntityType.PERSON, _HINTED)

    def _is_no_name(self, first: int, last: int) -> bool:
        table, words = self._table, self._lexicon
        return any(
            table.keys[i] in words.company_suffixes
            or table.keys[i] in words.place_nouns
            or table.keys[i] in words.calendar
            or table.keys[i] in self._adjectives
            or (len(table.words[i]) > 3 and table.words[i].isupper())
            or any(map(str.isdigit, table.words[i]))
            for i in range(first, last)
        )
