"""Names that a text's own grammar gives away, whatever the model made of them."""

import re
from collections.abc import Iterator, Set
from dataclasses import replace

from pipeline.enrich.gazetteer.lexicon import Lexicon
from pipeline.enrich.ner.spans import FoundSpan
from pipeline.enrich.text.tokens import Reading
from pipeline.models import EntityType, Field
from pipeline.text.months import MONTHS
from pipeline.text.stopwords import function_words, word_set

_SURE = 0.85
_HINTED = 0.75
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


class Grammar:
    """Proposes spans of one field's reading."""

    def __init__(self, field: Field, reading: Reading, lexicon: Lexicon, adjectives: Set[str]) -> None:
        self._field, self._read, self._lexicon, self._adjectives = field, reading, lexicon, adjectives

    def proposals(self) -> Iterator[FoundSpan]:
        """Elections, companies by suffix, members' constituencies, organizations by head noun, people by title or given
        name. Where capitals tell nothing (headlines in capitals), only what needs no capitals."""
        yield from self._elections()
        if self._read.shouting or self._read.titled:
            return
        yield from self._companies()
        yield from self._constituencies()
        index = 0
        while index < len(self._read.words):
            end = self._run(index)
            if end > index:
                yield from self._in_run(index, end)
            index = max(end, index + 1)

    def _span(self, start: int, end: int, kind: EntityType, confidence: float) -> FoundSpan:
        return FoundSpan(self._field, start, end, self._read.text[start:end], kind, "context", confidence)

    def _words(self, first: int, last: int, kind: EntityType, confidence: float) -> FoundSpan:
        return self._span(self._read.starts[first], self._read.ends[last - 1], kind, confidence)

    def _elections(self) -> Iterator[FoundSpan]:
        for match in _ELECTION.finditer(self._read.text):
            if any(map(str.isupper, match.group())):
                yield replace(self._span(match.start(), match.end(), EntityType.NAMED_EVENT, _SURE), firm=True)

    def _companies(self) -> Iterator[FoundSpan]:
        text = self._read.text
        for index, key in enumerate(self._read.keys):
            if key not in self._lexicon.company_suffixes or not self._read.capital[index]:
                continue
            first = index
            if first and self._read.words[first - 1] == ",":
                first -= 1
            while first and self._company_word(first - 1) and self._read.joined[first]:
                first -= 1
            start = self._read.starts[first]
            if first < index and self._read.words[first] != ",":
                end = self._read.ends[index]
                end += text[end : end + 1] == "." and key in ("inc", "corp", "co", "ltd")
                yield self._span(start, end, EntityType.ORGANIZATION, _SURE)

    def _company_word(self, index: int) -> bool:
        read = self._read
        if read.words[index] == "&":
            return True
        shouted = read.words[index].isupper() and read.keys[index] in _SMALL_WORDS
        return read.capital[index] and read.keys[index] not in self._lexicon.openers and not shouted

    def _constituencies(self) -> Iterator[FoundSpan]:
        for match in _CONSTITUENCY.finditer(self._read.text):
            yield replace(self._span(*match.span(1), EntityType.ORGANIZATION, _HINTED), firm=True)
            yield replace(self._span(*match.span(2), EntityType.PLACE, _HINTED), firm=True)

    def _run(self, first: int) -> int:
        """The end of the run of capitalised words (initials, particles inside) that begins at ``first``."""
        read, index = self._read, first
        while index < len(read.words):
            if index > first and not read.joined[index]:
                break
            if read.initial(index):
                index += 2
            elif (read.capital[index] and not (index > first and read.opens[index])) or (
                index > first and read.keys[index] in self._lexicon.particles and read.is_name_word(index + 1)
            ):
                index += 1
            else:
                break
        return index

    def _in_run(self, first: int, last: int) -> Iterator[FoundSpan]:
        read, words = self._read, self._lexicon
        while first < last and read.keys[first] in words.openers and read.opens[first]:
            first += 1
        while first < last and read.keys[last - 1] in words.calendar:
            last -= 1
        if first == last:
            return
        if kind := self._kind_by_head(first, last):
            yield self._words(first, last, kind, _HINTED)
            return
        heads = [index for index in range(first, last) if read.keys[index] in words.organization_heads]
        if heads:
            yield from self._organization(first, last, heads)
            return
        yield from self._person(first, last)

    def _kind_by_head(self, first: int, last: int) -> EntityType | None:
        """ "Penza Oblast" is a place; "Gulf War" and "World War II" are events."""
        read, words = self._read, self._lexicon
        head = last - 1
        if read.keys[head].isdigit() or set(read.words[head]) <= set("IVX"):
            head -= 1
        if head <= first or any(read.keys[i] in words.organization_heads for i in range(first, last)):
            return None
        if read.keys[head] in words.event_heads:
            return EntityType.NAMED_EVENT
        return EntityType.PLACE if read.keys[head] in words.place_heads and head == last - 1 else None

    def _organization(self, first: int, last: int, heads: list[int]) -> Iterator[FoundSpan]:
        read = self._read
        end = self._tail(last)
        closes = heads[-1] == last - 1
        if not closes and not (end > last):
            return
        if end == last and (last - first < 2 or read.keys[first] in self._lexicon.titles):
            return
        if end > last and not closes:
            return
        yield self._words(first, end, EntityType.ORGANIZATION, _HINTED)

    def _tail(self, last: int) -> int:
        """The end of "of Foreign Affairs", "for Relations with Judaism" after an organization's head."""
        read = self._read
        if last + 1 >= len(read.words) or read.keys[last] not in _BEGIN_TAIL:
            return last
        end, index = last, last
        while index < len(read.words) and index - last < 9:
            if read.is_name_word(index) and not read.opens[index]:
                if read.keys[index] in self._lexicon.calendar or read.keys[index] in self._lexicon.titles:
                    break
                end = index + 1
            elif (
                read.keys[index] not in _JOINTS
                or (read.keys[index] == "and" and not self._listed(index))
                or (
                    index > last
                    and read.keys[index] in ("in", "on", "to", "for")
                    and read.keys[index - 1] not in _JOINTS
                )
            ):
                break
            index += 1
        return end

    def _listed(self, index: int) -> bool:
        """Whether "and" joins two words of one name ("Commerce and Industry"), not two names."""
        read = self._read
        return read.is_name_word(index + 1) and not (index + 2 < len(read.words) and read.is_name_word(index + 2))

    def _person(self, first: int, last: int) -> Iterator[FoundSpan]:
        read, words = self._read, self._lexicon
        titles = [i for i in range(first, last - 1) if read.keys[i] in words.titles]
        start = titles[-1] + 1 if titles else first
        while start < last and (read.keys[start] in self._adjectives or read.words[start] == "."):
            start += 1
        if start >= last or self._no_name(start, last) or (last - start == 1 and read.keys[start] in words.titles):
            return
        strong = any(read.keys[i] not in _WEAK_TITLES for i in titles)
        given = read.keys[start] in words.given_names and last - start > 1
        initial = read.initial(start) and last - start > 2
        if strong and last - start <= 4:
            yield self._words(start, last, EntityType.PERSON, _SURE)
        elif (given or initial) and last - start <= 5:
            yield self._words(start, last, EntityType.PERSON, _HINTED)

    def _no_name(self, first: int, last: int) -> bool:
        read, words = self._read, self._lexicon
        return any(
            read.keys[i] in words.company_suffixes
            or read.keys[i] in words.place_nouns
            or read.keys[i] in words.calendar
            or read.keys[i] in self._adjectives
            or (len(read.words[i]) > 3 and read.words[i].isupper())
            or any(map(str.isdigit, read.words[i]))
            for i in range(first, last)
        )
