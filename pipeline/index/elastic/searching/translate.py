"""The query's tree -> Elasticsearch's query language, with the scores of the embedded engine."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from pipeline.index.field_values import iso
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

Query: TypeAlias = dict[str, Any]

# Lucene leaves the factor k1 + 1 out of BM25. Among words alone it changes no order; beside other conditions it counts.
_BM25 = 2.2


def to_query(node: Node) -> Query:
    """The query that finds what the tree means."""
    match node:
        case Everything():
            return {"match_all": {}}
        case Words():
            return _any_field(node.fields, lambda name, weight: _words(name, node.terms, node.slop, weight * _BM25))
        case Pattern():
            pattern = node.pattern.replace("\\", "\\\\")
            return _any_field(
                node.fields,
                lambda name, weight: {"wildcard": {_unstemmed(name): {"value": pattern, "boost": weight}}},
            )
        case Fuzzy():
            return _any_field(node.fields, lambda name, weight: _fuzzy(name, node.word, node.distance, weight))
        case Key():
            return _scoring_one({"term": {searched(node.field): {"value": node.key}}})
        case Between():
            limits = {"gte": node.low, "lte": node.high}
            return {"range": {searched(node.field): {k: v for k, v in limits.items() if v is not None}}}
        case During():
            return during(node)
        case Exists():
            return {"exists": {"field": stored(node.field)}}
        case Boosted():
            return {"bool": {"must": [to_query(node.node)], "boost": node.factor}}
        case Bool():
            clauses = {"must": node.must, "should": node.should, "must_not": node.must_not}
            return {"bool": {kind: [to_query(child) for child in nodes] for kind, nodes in clauses.items() if nodes}}


def during(node: During) -> Query:
    """A period of a date field."""
    limits = {}
    if node.start is not None:
        limits["gte"] = iso(node.start)
    if node.end is not None:
        limits["lt"] = iso(node.end)
    return {"range": {node.field: limits}}


def searched(name: str) -> str:
    """The field by which a field that is not text is compared: names and keywords by their keys."""
    return f"{name}.key" if FIELDS[name].kind in (Kind.NAME, Kind.KEYWORD) else stored(name)


def stored(name: str) -> str:
    """The field with the values as written, by which they are counted, sorted, or known to exist."""
    return "follows.lineage" if name == "follows" else name


def restricted(query: Query, *conditions: Query) -> Query:
    """Restrict a query to stories that meet conditions; the scores stay."""
    return {"bool": {"must": [query], "filter": list(conditions)}}


def _any_field(fields: Iterable[tuple[str, float]], make: Callable[[str, float], Query]) -> Query:
    clauses = [make(name, weight) for name, weight in fields]
    return clauses[0] if len(clauses) == 1 else {"bool": {"should": clauses}}


def _words(name: str, terms: Sequence[str], slop: int, weight: float) -> Query:
    if len(terms) == 1:
        return {"term": {name: {"value": terms[0], "boost": weight}}}
    phrase = {"query": " ".join(terms), "analyzer": "whitespace", "slop": slop, "boost": weight}
    return {"match_phrase": {name: phrase}}


def _fuzzy(name: str, word: str, distance: int, weight: float) -> Query:
    # Rewritten so, it finds every word that is near enough: the default takes the 50 nearest.
    asked = {"value": word, "fuzziness": distance, "rewrite": "constant_score", "boost": weight}
    return {"fuzzy": {_unstemmed(name): asked}}


def _unstemmed(name: str) -> str:
    return f"{name}.words" if FIELDS[name].kind is Kind.TEXT else searched(name)


def _scoring_one(query: Query) -> Query:
    return {"constant_score": {"filter": query}}
