"""Where a name begins and ends: the model's spans are repaired by capitals, titles and small words."""

from collections.abc import Iterator, Set
from dataclasses import replace

from pipeline.enrich.gazetteer.lexicon import Lexicon
from pipeline.enrich.ner.name_spans import NameSpan
from pipeline.enrich.text.terms import is_common_word
from pipeline.enrich.text.token_table import TokenTable
from pipeline.models import EntityType

_LONGEST_PERSON = 6  # words
_CLOSING = frozenset(["inc", "corp", "co", "ltd"])
_NOT_IN_NAMES = frozenset(
    ["-", ",", ";", ":", "!", "?", '"', "(", ")", "[", "]", "/", "...", "–", "—", "--", "_", "|", "*"]
)


class BoundaryRepair:
    """Repairs spans of one table. adjectives: folded ("kenyan"); never part of a person's name."""

    def __init__(self, table: TokenTable, lexicon: Lexicon, adjectives: Set[str], countries: Set[str]) -> None:
        self._table, self._lexicon, self._adjectives, self._countries = table, lexicon, adjectives, countries

    def repair(self, span: NameSpan) -> Iterator[NameSpan]:
        """Yield the span as it should have been: none, one, or several where it covered several names."""
        first, last = self._table.range_of(span.start, span.end)
        for start, end, kind in self._split_names(first, last, span.type):
            start, end = self._trim(start, end, kind)
            if start < end and kind is EntityType.PERSON:
                start, end = self._person_bounds(start, end)
            if start < end and self._names_something(start, end):
                yield self._make_span(span, start, end, kind)

    def _names_something(self, first: int, last: int) -> bool:
        """Not a bare adjective or people ("Turkish", "Serbs"), nor a word that opens a sentence, a day or a month."""
        table = self._table
        if last - first == 1:
            key = table.keys[first]
            words = self._lexicon
            if key in words.not_names or self._only_opens(first):
                return False
            if key in self._adjectives or key in words.openers or key in words.calendar or key in words.titles:
                return key in words.given_names
        return " ".join(table.keys[first:last]) not in self._adjectives and any(
            letter.isalpha() for letter in table.between(first, last)
        )

    def _only_opens(self, index: int) -> bool:
        """A common word whose capital is the sentence's: "Drones will fly with it"."""
        table = self._table
        following = table.words[index + 1] if index + 1 < len(table.words) else ""
        if not table.opens[index] or not following.islower() or table.keys[index + 1] in self._lexicon.speaking:
            return False
        key = table.keys[index]
        elsewhere = any(
            table.keys[i] == key and table.capital[i] and not table.opens[i]
            for i in range(len(table.keys))
            if i != index
        )
        return not elsewhere and is_common_word(table.words[index])

    def _make_span(self, span: NameSpan, first: int, last: int, kind: EntityType) -> NameSpan:
        start, end = self._table.starts[first], self._table.ends[last - 1]
        if self._table.initial(last - 1):
            end += 1  # "George W." keeps its full stop
        return replace(span, start=start, end=end, text=self._table.text[start:end], type=kind)

    def _split_names(self, first: int, last: int, kind: EntityType) -> Iterator[tuple[int, int, EntityType]]:
        """Two people joined by "and", and what was run together across a bracket or comma, are taken apart."""
        table, start = self._table, first
        if kind is EntityType.ORGANIZATION and self._is_titled_person(first, last):
            kind = EntityType.PERSON
        elif kind is EntityType.PERSON and self._has_organization_head(first, last):
            kind = EntityType.ORGANIZATION
        for index in range(first, last):
            if table.words[index] == "." and index + 1 < last and table.keys[index - 1] in _CLOSING and start < index:
                yield start, index, kind  # "Trevanion Inc. Trevanion": the full stop ended a sentence, too
                start = index + 1
                continue
            if table.words[index] in ("(", ")", '"') and kind is not EntityType.PRODUCT:
                if start < index:
                    yield start, index, kind
                start = index + 1
            elif table.keys[index] == "and" and self._are_two_people(start, index, last):
                yield start, index, EntityType.PERSON
                start, kind = index + 1, EntityType.PERSON
        if start < last:
            yield start, last, kind

    def _has_organization_head(self, first: int, last: int) -> bool:
        """Whether a head ends the words, as in "National Search and Rescue Agency", which models take for a person."""
        table, words = self._table, self._lexicon
        headed = last - first > 1 and table.keys[last - 1] in words.organization_heads
        return headed and table.keys[first] not in words.given_names | words.titles

    def _is_titled_person(self, first: int, last: int) -> bool:
        """Whether these are title and first name of a person: "Bishop Desmond Tlale"."""
        table, words = self._table, self._lexicon
        if last - first < 3 or table.keys[first] not in words.titles or table.keys[first + 1] not in words.given_names:
            return False
        return words.organization_heads.isdisjoint(table.keys[first:last])

    def _are_two_people(self, first: int, joint: int, last: int) -> bool:
        table, given = self._table, self._lexicon.given_names
        left, right = joint - first, last - joint - 1
        if not 2 <= left <= 4 or not 2 <= right <= 4:
            return False
        if any(key in self._lexicon.organization_heads for key in table.keys[first:last]):
            return False
        return table.keys[first] in given or table.keys[joint + 1] in given

    def _trim(self, first: int, last: int, kind: EntityType) -> tuple[int, int]:
        table, words = self._table, self._lexicon
        loose = kind in (EntityType.PRODUCT, EntityType.NAMED_EVENT)
        while first < last and self._leads_in(first, last, loose):
            first += 1
        while first < last:
            key, word = table.keys[last - 1], table.words[last - 1]
            dated = key in words.calendar and last - first > 1 and not loose
            stopped = word == "." and not self._is_abbreviation(last)
            small = word != "." and not table.capital[last - 1] and not loose and not _is_mixed_case(word)
            if not (dated or stopped or small or word in _NOT_IN_NAMES):
                break
            last -= 1
        return first, last

    def _leads_in(self, first: int, last: int, loose: bool) -> bool:
        table = self._table
        word, key = table.words[first], table.keys[first]
        if word in _NOT_IN_NAMES or word in ("'s", "'", ".", "-"):
            return True
        if not table.capital[first]:
            return not loose and not _is_mixed_case(word) and not (key in self._lexicon.particles and last - first > 1)
        if last - first > 1 and "-" in key and key.rpartition("-")[2] in self._adjectives:
            return True  # "Franco-Italian"
        opening = table.opens[first] and last - first > 1
        return opening and (
            key in self._lexicon.openers or (key.endswith("ing") and key not in self._lexicon.given_names)
        )

    def _is_abbreviation(self, last: int) -> bool:
        return (
            self._table.keys[last - 2] in self._lexicon.company_suffixes or self._table.initial(last - 2)
            if last > 1
            else False
        )

    def _person_bounds(self, first: int, last: int) -> tuple[int, int]:
        table = self._table
        while last - first > 1 and self._precedes_person(first):
            first += 1
            while last - first > 1 and table.words[first] == ".":
                first += 1
        if table.shouting or table.titled:
            return first, last
        while last - first < _LONGEST_PERSON and self._continues(last):
            last += 1
            if table.words[last - 1] == "." or not table.capital[last - 1]:
                last += 1
        while last - first < _LONGEST_PERSON and (step := self._steps_back(first)):
            first -= step
        return first, last

    def _precedes_person(self, index: int) -> bool:
        table = self._table
        key = table.keys[index]
        if key in self._countries and key not in self._lexicon.given_names:
            after_of = index > 0 and table.keys[index - 1] == "of"  # "President of Russia Vladimir Putin"
            return after_of or table.keys[index + 1] in self._lexicon.given_names
        return key in self._lexicon.titles or key in self._adjectives or table.words[index] == "."

    def _continues(self, last: int) -> bool:
        """Whether the word at ``last`` goes on with a person's name."""
        table = self._table
        if last >= len(table.words) or not table.joined[last] or table.initial(last - 1):
            return False
        if table.keys[last] in self._lexicon.particles and not table.capital[last]:
            return table.keys[last] not in ("y", "e", "af", "av") and self._is_name_part(last + 1)
        return self._is_name_part(last)

    def _is_name_part(self, index: int) -> bool:
        table, words = self._table, self._lexicon
        if not table.is_name_word(index) or not table.joined[index]:
            return False
        key = table.keys[index]
        return not (
            key in words.calendar
            or key in words.organization_heads
            or key in words.company_suffixes
            or key in words.place_nouns
            or key in self._adjectives
            or (key in words.titles and key not in words.given_names)
            or (len(table.words[index]) > 3 and table.words[index].isupper())
        )

    def _steps_back(self, first: int) -> int:
        """How many words before ``first`` belong to the person's name: a given name, an initial, a particle."""
        table, words = self._table, self._lexicon
        before = first - 1
        if before < 0 or not table.joined[first]:
            return 0
        if table.words[before] == "." and table.initial(before - 1):
            return 2
        if table.keys[before] in words.particles and not table.capital[before] and table.joined[before]:
            return (
                2
                if self._is_given_name_at(before - 1)
                else int(table.keys[before] not in ("y", "e", "a", "al", "la", "the"))
            )
        return int(self._is_given_name_at(before))

    def _is_given_name_at(self, index: int) -> bool:
        table, words = self._table, self._lexicon
        if not self._is_name_part(index) and not (table.is_name_word(index) and table.keys[index] in words.given_names):
            return False
        key = table.keys[index]
        if key in words.given_names or key in words.honorifics:
            return True
        return (
            not table.opens[index]
            and key not in words.titles
            and key not in words.openers
            and table.words[index].isalpha()
        )


def _is_mixed_case(word: str) -> bool:
    """A name that begins small: iPhone, al-Shabaab, e.g. with a capital or digit inside."""
    return len(word) > 2 and any(letter.isupper() or letter.isdigit() for letter in word[1:]) and word[0].isalpha()
