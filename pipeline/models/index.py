"""What a search engine is given and answers."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from pipeline.models.story import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryDocument:
    """One lineage as both engines index it; ``revision`` is the store's counter: a lower one never overwrites.

    Field names are the product's contract (DESIGN: the indexed story); terms and headline_terms are for candidates.
    """

    id: int
    uri: str
    lineage: int
    version: int
    revision: int
    status: Status
    corrected: bool
    headline: str
    slugline: str | None
    body: str
    language: str | None
    byline: str | None
    agency: str | None
    source: str | None
    url: str | None
    urgency: int | None
    topics: tuple[str, ...]
    dateline_place: str | None
    published_at: datetime | None
    updated_at: datetime | None
    fetched_at: datetime
    person: tuple[str, ...] = ()
    organization: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    product: tuple[str, ...] = ()
    named_event: tuple[str, ...] = ()
    entity_ids: tuple[str, ...] = ()
    event_type: str | None = None
    keyterms: tuple[str, ...] = ()
    copy_group: int | None = None
    copies: int = 0
    happening: int | None = None
    thread: int | None = None
    follows: tuple[tuple[int, float], ...] = ()
    vector: bytes | None = None
    terms: tuple[str, ...] = ()
    headline_terms: tuple[str, ...] = ()
    month: str | None = None  # "2017.11": fixed at first indexing; None = undated


class WriteState(StrEnum):
    """What an engine made of one document."""

    WRITTEN = "written"
    SUPERSEDED = "superseded"  # a higher revision is already there
    REJECTED = "rejected"  # the engine will never take it: quarantined with its reason


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """One document's outcome of a bulk write."""

    lineage: int
    revision: int
    state: WriteState
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """A query in the product's language. sort: relevance, newest, oldest. fold_copies: one hit a copy group.

    after_key: the opaque ``next_key`` of the page before, for deep paging.
    """

    query: str
    limit: int = 20
    sort: str = "relevance"
    facets: tuple[str, ...] = ()
    highlight: bool = True
    fold_copies: bool = False
    all_statuses: bool = False
    after_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One found story: stored fields by their contract names, and highlights: field -> fragments with <em>."""

    lineage: int
    score: float
    fields: dict[str, Any]
    highlights: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """A page of hits. facets: field -> ((value, count), ...), most frequent first."""

    total: int
    hits: tuple[Hit, ...]
    facets: dict[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    next_key: str | None = None


class Candidate(NamedTuple):
    """A lineage that a candidate request found, with the engine's own score (for cutting, never for ranking)."""

    lineage: int
    engine_score: float


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """A subscription's saved query, checked at creation."""

    id: int
    query: str


@dataclass(frozen=True, slots=True)
class QueryMatch:
    """A document of a batch matched a stored query; words are what matched, for the message's why."""

    query_id: int
    lineage: int
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryFailure:
    """A stored query that could not be run: isolated, its owner is told, it is never deleted."""

    query_id: int
    reason: str
