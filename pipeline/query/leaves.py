"""The leaves of a query: words, phrases, patterns, fuzzy words, numbers and dates, each checked against its field."""

import re
from datetime import UTC, datetime
from typing import Any

from pipeline.query.analysis import STOP_WORDS, fold, keyword_key, name_key, terms, words
from pipeline.query.dates import Period, parse_period
from pipeline.query.fields import DEFAULT_FIELDS, FieldSpec, Kind
from pipeline.query.syntax import PlainWord, Source
from pipeline.query.tree import Between, During, Exists, Fuzzy, Key, Leaf, Pattern, Words

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_WILDCARD = re.compile(r"(?<!\\)[*?]")
_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
_PREFIX = re.compile(r"[A-Za-z]{1,3}")
_NUMBER = re.compile(r"[0-9]{1,4}[A-Za-z0-9]{0,5}")
_MAX_SLOP = 100
# Only ever compared with itself: no query without "now" asks for it.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def designation(first: Any, second: Any) -> PlainWord | None:
    """``S`` and ``400`` as the one word that they mean, whatever the case they are typed in."""
    if not {type(first).__name__, type(second).__name__} <= {"Word", "PlainWord"}:
        return None
    if not _PREFIX.fullmatch(first.value) or not _NUMBER.fullmatch(second.value):
        return None
    both = f"{first.value.upper()} {second.value}"
    return PlainWord(both, first.pos) if len(terms(both)) == 1 else None


class LeafReader:
    """Makes leaves of luqum's innermost items."""

    def __init__(self, source: Source, now: datetime | None, common: bool) -> None:
        """A reader for one query.

        Args:
            source: the query, which knows the positions for errors.
            now: what date math counts from; None if the query has none.
            common: whether common words (the, of, to) count outside quotes.
        """
        self._source = source
        self._common = common
        self._now = now or _NEVER

    def leaf(self, item: Any, spec: FieldSpec | None) -> Leaf | None:
        """The leaf; None for a common word outside quotes, and for punctuation."""
        match type(item).__name__:
            case "Word" | "PlainWord":
                return self._word(item, spec)
            case "Phrase":
                return self._phrase(item, spec, 0)
            case "Proximity":
                return self._phrase(item.children[0], spec, self._slop(item))
            case "Fuzzy":
                return self._fuzzy(item, spec)
            case "Range":
                return self._range(item, spec)
            case "From" | "To":
                return self._one_sided(item, spec)
            case "Regex":
                raise self._source.error(
                    "regular expressions are not supported; quote it if it is meant as text", item.pos
                )
            case other:
                raise self._source.error(f"{other} is not supported", item.pos)

    # ------------------------------------------------------------------ words

    def _word(self, item: Any, spec: FieldSpec | None) -> Leaf | None:
        if spec is not None and item.value == "*":
            return Exists(spec.name)
        if _WILDCARD.search(item.value):
            return self._pattern(item, spec)
        text = _ESCAPE.sub(r"\1", item.value)
        if spec is not None and spec.kind is not Kind.TEXT:
            return self._value(text, spec, item.pos)
        word_terms = terms(text)
        if not word_terms:
            return None
        return (
            Words(_searched_fields(spec), tuple(word_terms)) if self._common or fold(text) not in STOP_WORDS else None
        )

    def _phrase(self, item: Any, spec: FieldSpec | None, slop: int) -> Leaf:
        text = _ESCAPE.sub(r"\1", item.value[1:-1])
        if spec is not None and spec.kind is not Kind.TEXT:
            if slop:
                raise self._source.error(f"{spec.name} is compared whole: it takes no ~", item.pos)
            return self._value(text, spec, item.pos)
        phrase_terms = terms(text)
        if not phrase_terms:
            raise self._source.error("the quotes hold no word to search for", item.pos)
        return Words(_searched_fields(spec), tuple(phrase_terms), slop if len(phrase_terms) > 1 else 0)

    def _value(self, text: str, spec: FieldSpec, position: int | None) -> Leaf:
        if not text.strip():
            raise self._source.error(f"{spec.name} is compared with nothing; write _exists_:{spec.name}", position)
        match spec.kind:
            case Kind.DATE:
                period = self._period(text, position)
                return During(spec.name, period.start, period.end)
            case Kind.INTEGER:
                number = self._integer(text, spec, position)
                return Between(spec.name, number, number)
            case Kind.FLAG if text.lower() not in ("true", "false"):
                raise self._source.error(f"{spec.name} is true or false, not {text!r}", position)
            case _:
                return Key(spec.name, _key(text, spec))

    def _pattern(self, item: Any, spec: FieldSpec | None) -> Pattern:
        self._check_pattern_field(item, spec, "wildcards")
        if item.value[0] in "*?":
            reason = "a wildcard at the beginning would read every word of the index; begin with a letter"
            raise self._source.error(reason, item.pos)
        key = keyword_key if spec is not None and spec.kind is Kind.KEYWORD else name_key
        pieces = re.split(r"((?<!\\)[*?])", item.value)
        pattern = "".join(
            piece if number % 2 or not piece else key(_ESCAPE.sub(r"\1", piece)) for number, piece in enumerate(pieces)
        )
        if pattern[:1] in ("*", "?", ""):
            raise self._source.error("there is no letter or digit before the wildcard", item.pos)
        return Pattern(_searched_fields(spec), re.sub(r"\*+", "*", pattern))

    def _fuzzy(self, item: Any, spec: FieldSpec | None) -> Leaf | None:
        self._check_pattern_field(item, spec, "~")
        text = _ESCAPE.sub(r"\1", item.children[0].value)
        candidates = words(text) if spec is None or spec.kind is Kind.TEXT else [_key(text, spec)]
        if len(candidates) != 1:
            raise self._source.error("~ follows a single word", item.pos)
        distance = float(item.degree)
        if distance == 0.5:  # what luqum makes of a bare ~: by length, as in Elasticsearch
            distance = 0 if len(candidates[0]) < 3 else 1 if len(candidates[0]) < 6 else 2
        if distance not in (0, 1, 2):
            raise self._source.error("~ takes 0, 1 or 2 edits", item.pos)
        return Fuzzy(_searched_fields(spec), candidates[0], int(distance))

    def _check_pattern_field(self, item: Any, spec: FieldSpec | None, what: str) -> None:
        if spec is not None and spec.kind in (Kind.DATE, Kind.INTEGER, Kind.FLAG):
            raise self._source.error(f"{spec.name} takes no {what}", item.pos)

    def _slop(self, item: Any) -> int:
        degree = float(item.degree)
        if degree != int(degree) or not 0 <= degree <= _MAX_SLOP:
            raise self._source.error(f"~ after a phrase takes a whole number up to {_MAX_SLOP}", item.pos)
        return int(degree)

    # ------------------------------------------------------------------ ranges

    def _range(self, item: Any, spec: FieldSpec | None) -> Leaf:
        low, high = (_bound_text(bound) for bound in item.children)
        return self._between(item.pos, spec, low, high, item.include_low, item.include_high)

    def _one_sided(self, item: Any, spec: FieldSpec | None) -> Leaf:
        value = _bound_text(item.children[0])
        if type(item).__name__ == "From":
            return self._between(item.pos, spec, value, "*", item.include, True)
        return self._between(item.pos, spec, "*", value, True, item.include)

    def _between(
        self, position: int | None, spec: FieldSpec | None, low: str, high: str, with_low: bool, with_high: bool
    ) -> Leaf:
        if spec is None:
            raise self._source.error("a range needs a field: published_at:[2017-11-01 TO 2018-02-01]", position)
        if low == high == "*":
            return Exists(spec.name)
        if spec.kind is Kind.DATE:
            first = None if low == "*" else self._period(low, position)
            last = None if high == "*" else self._period(high, position)
            self._check_order(first and first.start, last and last.start, position)
            return During(
                spec.name,
                None if first is None else first.start if with_low else first.end,
                None if last is None else last.end if with_high else last.start,
            )
        if spec.kind is Kind.INTEGER:
            least = None if low == "*" else self._integer(low, spec, position)
            most = None if high == "*" else self._integer(high, spec, position)
            self._check_order(least, most, position)
            return Between(
                spec.name,
                None if least is None else least + (not with_low),
                None if most is None else most - (not with_high),
            )
        raise self._source.error(f"ranges are for dates and numbers, and {spec.name} is neither", position)

    def _check_order(self, low: Any, high: Any, position: int | None) -> None:
        if low is not None and high is not None and low > high:
            raise self._source.error("the range ends before it begins", position)

    def _period(self, text: str, position: int | None) -> Period:
        try:
            return parse_period(text, self._now)
        except ValueError as reason:
            raise self._source.error(str(reason), position) from None

    def _integer(self, text: str, spec: FieldSpec, position: int | None) -> int:
        if not _INTEGER.fullmatch(text):
            raise self._source.error(f"{spec.name} is a whole number, not {text!r}", position)
        return int(text)


def _searched_fields(spec: FieldSpec | None) -> tuple[tuple[str, float], ...]:
    return tuple(DEFAULT_FIELDS.items()) if spec is None else ((spec.name, 1.0),)


def _key(text: str, spec: FieldSpec) -> str:
    return name_key(text) if spec.kind is Kind.NAME else keyword_key(text)


def _bound_text(item: Any) -> str:
    text = str(item).strip()
    return _ESCAPE.sub(r"\1", text[1:-1] if text.startswith('"') else text)
