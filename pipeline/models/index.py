"""What a search engine is given and answers."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from pipeline.models.story import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryDocument:
    """One lineage as every engine indexes it.

    The names of the fields are a contract: queries, results and dashboards use them.

    Attributes:
        revision: The store's counter. A document never overwrites one of a higher revision.
        terms: Terms of the body, for candidate requests only.
        headline_terms: Terms of the headline, for candidate requests only.
        month: "2017.11", fixed when the lineage is first offered to the index; None if it was undated then.
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
    month: str | None = None


class WriteState(StrEnum):
    """What an engine made of one document."""

    WRITTEN = "written"
    SUPERSEDED = "superseded"  # a higher revision is already there
    REJECTED = "rejected"  # the engine will never take it: quarantined with its reason


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """What became of one document of a bulk write.

    Attributes:
        lineage: The document's lineage.
        revision: The revision that was to be written.
        state: What the engine made of it.
        reason: The engine's reason for rejecting it.
    """

    lineage: int
    revision: int
    state: WriteState
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """A search.

    Attributes:
        query: A query in the product's language.
        limit: How many hits are wanted.
        sort: "relevance", "newest" or "oldest".
        facets: Fields whose values are counted.
        highlight: Whether fragments with the words that were found are wanted.
        fold_copies: Whether only one hit per copy group is wanted.
        all_statuses: Whether withheld and withdrawn stories are found, too.
        after_key: ``next_key`` of the page before, None for the first page. Its form is the engine's own.
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
    """A story that was found.

    Attributes:
        lineage: The story.
        score: The engine's score.
        fields: The stored fields of its document, by name.
        highlights: Field -> fragments, with the words that were found in <em>.
    """

    lineage: int
    score: float
    fields: dict[str, Any]
    highlights: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """A page of hits.

    Attributes:
        total: How many stories the query finds.
        hits: Those of this page.
        facets: Field -> (value, count), the most frequent first.
        next_key: What asks for the next page; None if this is the last one.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: dict[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    next_key: str | None = None


class Candidate(NamedTuple):
    """A lineage that a candidate request found. The engine's score is for cutting the list, never for ranking."""

    lineage: int
    engine_score: float


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """A subscription's saved query, checked at creation."""

    id: int
    query: str


@dataclass(frozen=True, slots=True)
class QueryMatch:
    """A document of a batch that matches a stored query. ``words`` are those that match, as a reason for readers."""

    query_id: int
    lineage: int
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryFailure:
    """A stored query that could not be run. The others are run; its owner gets the reason; it is never deleted."""

    query_id: int
    reason: str
