"""Candidates for follow-ups: all requests of a batch in one, by weighted labels and, where given, nearest vectors."""

import struct
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from pipeline.index.elastic.cluster import CHANGING, Changed, Cluster, is_missing, reason
from pipeline.index.elastic.mapping import unit_vector
from pipeline.index.elastic.searching.translate import Query, during, searched
from pipeline.models import Candidate, CandidateQuery
from pipeline.query.tree import During

_AT_ONCE = 50  # requests in one
_INSTANT = timedelta(milliseconds=1)
_EXACT = 1024  # weights are multiples of 1/1024, so that their sums are exact in any order, as in the embedded engine
_NEAREST = 30  # stories that the vector may add
_CONSIDERED = 100  # vectors looked at in each index for them
_LEAST_SIMILAR = 0.5  # cosine
_VECTOR_SHARE = 0.5  # of the weights' sum: what the nearest vector is worth at most


def find_candidates(cluster: Cluster, queries: Sequence[CandidateQuery]) -> list[list[Candidate]]:
    """Find candidates for several requests; see ``SearchIndex.candidates``."""
    requests = [_request(wanted) for wanted in queries]
    answers = _answers(cluster, [request for request in requests if request is not None])
    return [[] if request is None else next(answers) for request in requests]


def _answers(cluster: Cluster, requests: Sequence[Query]) -> Iterator[list[Candidate]]:
    for start in range(0, len(requests), _AT_ONCE):
        chunk = requests[start : start + _AT_ONCE]
        yield from cluster.with_retries("finding candidates", partial(_ask, cluster, chunk))


def _ask(cluster: Cluster, requests: Sequence[Query]) -> list[list[Candidate]]:
    header = {"index": cluster.names.all, "allow_partial_search_results": False}
    response = cluster.client.msearch(searches=[line for request in requests for line in (header, request)])
    return [_candidates(cluster, answer) for answer in response.body["responses"]]


def _candidates(cluster: Cluster, answer: dict[str, Any]) -> list[Candidate]:
    if "error" not in answer:
        return [Candidate(int(hit["_id"]), _single(hit["sort"][0])) for hit in answer["hits"]["hits"]]
    if is_missing(answer, cluster.names.all):
        return []
    if answer["status"] in CHANGING:
        raise Changed(answer["status"], reason(answer))
    raise cluster.unavailable("finding candidates", int(answer["status"]), reason(answer))


def _single(printed: float) -> float:
    """The 32-bit number that the cluster means: it prints only the digits that tell it from its neighbours."""
    (exact,) = struct.unpack("f", struct.pack("f", printed))
    return float(exact)


def _request(wanted: CandidateQuery) -> Query | None:
    """The search's body; None for a request that can find nothing."""
    weights = [
        ("headline_terms", wanted.headline_terms),
        ("terms", wanted.terms),
        (searched("entity_ids"), wanted.entity_ids),
    ]
    clauses, optional = list[Query](), list[Query]()
    for field, weighted in weights:
        for value, weight in weighted.items():
            if weight > 0:
                (optional if value in wanted.common else clauses).append(_weighted(field, value, weight))
    vector = unit_vector(wanted.vector) if wanted.vector is not None else []
    if wanted.limit < 1 or not (clauses or vector):
        return None
    outside = list(_outside(wanted))
    body: Query = {
        "size": wanted.limit,
        "_source": False,
        "track_total_hits": False,
        "sort": [{"_score": "desc"}, {"lineage": "asc"}],
    }
    if clauses:
        shared = {"bool": {"should": clauses, "minimum_should_match": 1}}
        body["query"] = {"bool": {"must": shared, "should": optional, "must_not": outside}}
    if vector:
        body["knn"] = {
            "field": "vector",
            "query_vector": vector,
            "k": min(_NEAREST, wanted.limit),
            "num_candidates": _CONSIDERED,
            "similarity": _LEAST_SIMILAR,
            "filter": {"bool": {"must_not": outside}},
            "boost": _VECTOR_SHARE * sum(sum(weighted.values()) for _, weighted in weights) or 1.0,
        }
    return body


def _outside(wanted: CandidateQuery) -> Iterator[Query]:
    """What is excluded. Expressed as exclusions, the bounds let undated stories pass."""
    if wanted.after is not None:
        yield during(During("published_at", None, wanted.after))
    if wanted.before is not None:
        yield during(During("published_at", wanted.before + _INSTANT, None))
    if wanted.exclude:
        yield {"terms": {"lineage": sorted(wanted.exclude)}}


def _weighted(field: str, value: str, weight: float) -> Query:
    boost = max(1, round(weight * _EXACT)) / _EXACT
    return {"constant_score": {"filter": {"term": {field: value}}, "boost": boost}}
