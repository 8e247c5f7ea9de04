"""Designations that no gazetteer lists: "a Kh-47M2 missile" is a weapon, "flight SU-57" and "gate A-10" are none.

A designation is recognised by its form and by the noun beside it. What looks like one but numbers something else is
dropped, whoever proposed it. The model's products count only where weapons are mentioned near them.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from pipeline.enrich.gazetteer.lexicon import Lexicon
from pipeline.enrich.ner.name_spans import NameSpan
from pipeline.enrich.text.token_table import TokenTable
from pipeline.models import EntityType, Field
from pipeline.text.stopwords import function_words

_FORM = re.compile(
    r"(?<![\w.,/&$€£-])(?:"
    r"[A-Z][A-Za-z]{0,11}-\d{1,4}(?:[A-Z]{1,3}\d?)?(?:-\d[A-Z]?)?"  # Kh-47M2, Khordad-15
    r"|[A-Z]{1,4}\d{1,4}(?:[A-Z]{1,3}\d{0,2})?"  # K239, DM2A4, XM30
    r"|\d{1,2}[A-Z]{1,2}\d{1,3}[A-Z]?"  # 9M133, 2S7
    r"|(?:AN|RIM|AGM)/[A-Z]{3}-\d{1,3}"
    r")(?=s?(?![\w-]|[.,]\d))"
)
_REACH = 4  # words after a designation in which its noun stands: "XM30 infantry fighting vehicle"
_CONTEXT = 12  # words to either side in which weapons are spoken of
_CONFIDENCE = 0.8  # of a span; chosen, as the distances, on the first half of ``tests/enrich/data/designations*``
_LISTED = frozenset([",", "and", "or", "a", "an", "the", "two", "three", "four", "five", "six"])
_SMALL_WORDS = function_words("en")
_LOOKS_NUMBERED = re.compile(r"\d")


class DesignationRules:
    """Judges the designations of one table."""

    def __init__(self, field: Field, table: TokenTable, lexicon: Lexicon) -> None:
        self._field, self._table, self._lexicon = field, table, lexicon

    def proposals(self) -> Iterator[NameSpan]:
        """Yield designations beside the noun of a weapon or platform.

        Those that are listed together with one count too: "T-84 and T-90 tanks".
        """
        following: tuple[int, bool] | None = None  # where the next designation begins, and whether it was accepted
        for match in reversed(list(_FORM.finditer(self._table.text))):
            first, last = self._table.range_of(*match.span())
            if first >= last:
                continue
            accepted = not self._numbers_something(first, last) and (
                self._is_beside_noun(first, last)
                or (following is not None and following[1] and self._is_listed(last, following[0]))
            )
            following = first, accepted
            if accepted:
                end = self._name_end(last, match.end())
                text = self._table.text[match.start() : end]
                kind = EntityType.PRODUCT
                yield NameSpan(self._field, match.start(), end, text, kind, "context", _CONFIDENCE, firm=True)

    def is_plausible(self, span: NameSpan) -> bool:
        """Whether a span may stay: it is no product, or a plausible one.

        A product is plausible if it numbers nothing else. One that only the model proposes also needs a word of weapons
        near it.
        """
        if span.type is not EntityType.PRODUCT:
            return True
        first, last = self._table.range_of(span.start, span.end)
        if _LOOKS_NUMBERED.search(span.text) and self._numbers_something(first, last):
            return False
        return span.by != "model" or self._is_among_weapons(first, last)

    def without_noun(self, span: NameSpan) -> NameSpan:
        """The name alone of "Apache helicopter", which the gazetteer knows by both words."""
        first, last = self._table.range_of(span.start, span.end)
        if span.type is not EntityType.PRODUCT or last - first < 2 or self._table.words[last - 1][0].isupper():
            return span
        if self._table.keys[last - 1] not in self._lexicon.system_nouns:
            return span
        end = self._table.ends[last - 2]
        return replace(span, end=end, text=self._table.text[span.start : end])

    def _numbers_something(self, first: int, last: int) -> bool:
        table, words = self._table, self._lexicon
        before = table.keys[first - 1] if first and table.joined[first] else ""
        if before == "(" and first > 1:
            before = table.keys[first - 2]
        after = table.keys[last] if last < len(table.keys) and table.joined[last] else ""
        own = table.keys[first] if last - first > 1 else ""
        return before in words.numbered or own in words.numbered or after in words.numbered_after

    def _is_beside_noun(self, first: int, last: int) -> bool:
        table, nouns = self._table, self._lexicon.system_nouns
        if first and table.joined[first] and table.keys[first - 1] in nouns:
            return True
        for index in range(last, min(last + _REACH, len(table.keys))):
            if not table.joined[index] or not table.words[index][0].isalpha() or table.keys[index] in _SMALL_WORDS:
                return False
            if table.keys[index] in nouns:
                return True
            if index > last and not table.words[index].islower():
                return False
        return False

    def _is_listed(self, last: int, following: int) -> bool:
        between = self._table.keys[last:following]
        return 0 < len(between) <= 3 and all(key in _LISTED for key in between)

    def _name_end(self, last: int, end: int) -> int:
        """The end with a name between designation and noun: "Chunmoo" in "K239 Chunmoo rocket launchers"."""
        table = self._table
        if table.shouting or table.titled or last + 1 >= len(table.words):
            return end
        named = table.joined[last] and table.capital[last] and table.words[last].isalpha()
        if named and table.keys[last] not in self._lexicon.system_nouns and self._is_beside_noun(last, last + 1):
            return table.ends[last]
        return end

    def _is_among_weapons(self, first: int, last: int) -> bool:
        around = {*self._table.keys[max(0, first - _CONTEXT) : first], *self._table.keys[last : last + _CONTEXT]}
        return not around.isdisjoint(self._lexicon.system_nouns)
