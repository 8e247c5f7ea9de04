"""Translates a query's tree into a tantivy query."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeAlias

import tantivy

from pipeline.index.embedded.schema import ADDRESS, CANDIDATE_FIELDS, millis, words_field
from pipeline.index.embedded.sloppy_phrases import decided_like_lucene, lineages_with
from pipeline.models import CandidateQuery, Status
from pipeline.query.analysis import keyword_key
from pipeline.query.fields import FIELDS, Kind
from pipeline.query.tree import (
    Between,
    Bool,
    Boosted,
    During,
    Everything,
    Exists,
    Fuzzy,
    Key,
    Node,
    Pattern,
    Words,
)

_MUST, _SHOULD, _MUST_NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot
_REGEX = {"*": ".*", "?": ".", **{c: f"\\{c}" for c in "\\.+()|[]{}^$"}}
_UNBOUNDED = 2**62
_PUBLISHED = "published_at"
_INSTANT = timedelta(milliseconds=1)
_EXACT = 1024  # weights are multiples of 1/1024, so that their sums are exact in any order
_Clause: TypeAlias = tuple[tantivy.Occur, tantivy.Query]


class Translator:
    """Makes tantivy queries for one searcher."""

    def __init__(self, searcher: tantivy.Searcher, schema: tantivy.Schema) -> None:
        self._searcher = searcher
        self._schema = schema

    def query(self, node: Node) -> tantivy.Query:
        """Translate a tree."""
        match node:
            case Everything():
                return tantivy.Query.all_query()
            case Words():
                return self._any_field(node.fields, lambda name: self._words(name, node.terms, node.slop))
            case Pattern():
                regex = "".join(_REGEX.get(c) or c for c in node.pattern)
                return self._any_field(
                    node.fields, lambda name: tantivy.Query.regex_query(self._schema, _unstemmed(name), regex)
                )
            case Fuzzy():
                return self._any_field(
                    node.fields,
                    lambda name: tantivy.Query.fuzzy_term_query(
                        self._schema, _unstemmed(name), node.word, distance=node.distance
                    ),
                )
            case Key():
                return self.term(node.field, node.key)
            case Between():
                return self._between(node)
            case During():
                return self.during(node)
            case Exists():
                return self.term("present", node.field)
            case Boosted():
                return tantivy.Query.boost_query(self.query(node.node), node.factor)
            case Bool():
                return self._bool(node)

    def term(self, field: str, value: str | int) -> tantivy.Query:
        """A value of a field that is not text; scores 1."""
        return tantivy.Query.const_score_query(
            tantivy.Query.term_query(self._schema, field, value, index_option="basic"), 1.0
        )

    def any_of(self, field: str, values: Sequence[int]) -> tantivy.Query:
        """Any of these numbers; scores nothing."""
        if not values:
            return tantivy.Query.empty_query()
        return _without_score(tantivy.Query.term_set_query(self._schema, field, values))

    def usable(self, query: tantivy.Query) -> tantivy.Query:
        """Restrict a query to usable stories."""
        hidden = [(_MUST_NOT, self.term("status", status)) for status in Status if status is not Status.USABLE]
        return tantivy.Query.boolean_query([(_MUST, query), *hidden])

    def both(self, query: tantivy.Query, condition: tantivy.Query) -> tantivy.Query:
        """Restrict a query to stories that meet a condition; the scores stay."""
        return tantivy.Query.boolean_query([(_MUST, query), (_MUST, _without_score(condition))])

    def during(self, node: During) -> tantivy.Query:
        """A period of a date field; scores 1."""
        return self._range(
            node.field,
            None if node.start is None else millis(node.start),
            None if node.end is None else millis(node.end) - 1,
        )

    def candidates(self, wanted: CandidateQuery) -> tantivy.Query:
        """Translate a request for candidates: any of the weighted terms and entities, within the time.

        The score is the sum of the weights that match. The engine's own statistics are left out of it: they change
        with merges, and would differ between engines.
        """
        entities = {keyword_key(entity): weight for entity, weight in wanted.entity_ids.items()}
        weights = zip(CANDIDATE_FIELDS, (wanted.headline_terms, wanted.terms, entities), strict=True)
        common = wanted.common | {keyword_key(value) for value in wanted.common}
        clauses, optional = list[_Clause](), list[_Clause]()
        for field, weighted in weights:
            for value, weight in weighted.items():
                if weight > 0:
                    (optional if value in common else clauses).append((_SHOULD, self._weighted(field, value, weight)))
        if not clauses:
            return tantivy.Query.empty_query()
        outside = []
        if wanted.after is not None:
            outside.append((_MUST_NOT, self.during(During(_PUBLISHED, None, wanted.after))))
        if wanted.before is not None:
            outside.append((_MUST_NOT, self.during(During(_PUBLISHED, wanted.before + _INSTANT, None))))
        return tantivy.Query.boolean_query([(_MUST, tantivy.Query.boolean_query(clauses)), *optional, *outside])

    def _weighted(self, field: str, value: str, weight: float) -> tantivy.Query:
        term = tantivy.Query.term_query(self._schema, field, value, index_option="basic")
        return tantivy.Query.const_score_query(term, max(1, round(weight * _EXACT)) / _EXACT)

    # ------------------------------------------------------------------ leaves

    def _any_field(self, fields: Sequence[tuple[str, float]], make: Callable[[str], tantivy.Query]) -> tantivy.Query:
        if len(fields) == 1:
            return make(fields[0][0])
        clauses = [(_SHOULD, tantivy.Query.boost_query(make(name), weight)) for name, weight in fields]
        return tantivy.Query.boolean_query(clauses)

    def _words(self, name: str, terms: Sequence[str], slop: int) -> tantivy.Query:
        if len(terms) == 1:
            return tantivy.Query.term_query(self._schema, name, terms[0])
        if decided_like_lucene(terms, slop):
            return tantivy.Query.phrase_query(self._schema, name, list(terms), slop)
        lineages = lineages_with(self._searcher, self._schema, name, terms, slop)
        return tantivy.Query.const_score_query(self.any_of(ADDRESS, lineages), 1.0)

    def _between(self, node: Between) -> tantivy.Query:
        if node.low is not None and node.low == node.high:
            return self.term(node.field, node.low)
        return self._range(node.field, node.low, node.high)

    def _range(self, field: str, low: int | None, high: int | None) -> tantivy.Query:
        low, high = -_UNBOUNDED if low is None else low, _UNBOUNDED if high is None else high
        if low > high:
            return tantivy.Query.empty_query()
        in_range = tantivy.Query.range_query(self._schema, field, tantivy.FieldType.Integer, low, high)
        return tantivy.Query.const_score_query(in_range, 1.0)

    def _bool(self, node: Bool) -> tantivy.Query:
        clauses = [(_MUST, self.query(child)) for child in node.must]
        clauses += [(_SHOULD, self.query(child)) for child in node.should]
        clauses += [(_MUST_NOT, self.query(child)) for child in node.must_not]
        return tantivy.Query.boolean_query(clauses)


def _unstemmed(name: str) -> str:
    return words_field(name) if FIELDS[name].kind is Kind.TEXT else name


def _without_score(query: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.const_score_query(query, 0.0)
