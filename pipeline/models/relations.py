"""What links stories: follow-ups and copies; the request for candidates, and a lineage's record."""

from dataclasses import dataclass, field
from datetime import datetime

from pipeline.models.enrichment import Enrichment
from pipeline.models.story import Status, StoredTake
from pipeline.models.threads import HappeningAssignment


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why a follow-up is ranked where it is.

    Attributes:
        kind: What the reason is about: entity, term, headline, vector, time, thread, step, mark, ...
        value: The entity, the word, the time between, ... as readers see it.
        weight: This reason's part of the score. The weights of a result add up to its score.
    """

    kind: str
    value: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A follow-up: ``later`` follows up ``earlier``.

    Attributes:
        earlier: Lineage of the earlier story.
        later: Lineage of the later story.
        score: How surely it follows, 0..1.
        reasons: What the score is made of.
        new: What the later story adds.
    """

    earlier: int
    later: int
    score: float
    reasons: tuple[Reason, ...] = ()
    new: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CopyEdge:
    """Two takes of different publishers that carry the same text.

    Attributes:
        version_a: One take's version id.
        version_b: The other take's version id.
        similarity: Jaccard similarity of their word shingles, 0..1.
    """

    version_a: int
    version_b: int
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """What the relate stage decided for one lineage.

    Attributes:
        lineage: The lineage.
        version_id: The take that was compared.
        links: Its background (links from earlier stories). For a late arrival also its follow-ups that are already
            stored.
        copies: Takes that carry its text.
        assignments: The happenings that change with this story.
    """

    lineage: int
    version_id: int
    links: tuple[Link, ...] = ()
    copies: tuple[CopyEdge, ...] = ()
    assignments: tuple[HappeningAssignment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateQuery:
    """One request to the engine for follow-up candidates: an OR of weighted clauses, filtered by time and status.

    Attributes:
        terms: Term of the text -> boost.
        headline_terms: Term of the headline -> boost.
        entity_ids: Entity id -> boost.
        common: The values among these that only add to the score of a story which shares another one: so many stories
            have them that looking at all of these would cost more than it brings.
        vector: float32 values, for engines with kNN.
        after: Earliest time of publication. Undated stories always pass.
        before: Latest time of publication. Undated stories always pass.
        exclude: Lineages that are not wanted.
        limit: How many candidates are wanted.
    """

    terms: dict[str, float]
    headline_terms: dict[str, float] = field(default_factory=dict)
    entity_ids: dict[str, float] = field(default_factory=dict)
    common: frozenset[str] = frozenset()
    vector: bytes | None = None
    after: datetime | None = None
    before: datetime | None = None
    exclude: frozenset[int] = frozenset()
    limit: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageRecord:
    """Everything that the store holds of one lineage. Its index document is built from this.

    Attributes:
        lineage: The lineage.
        revision: Rises whenever the document changes.
        status: Whether readers may see it: usable, withheld or withdrawn.
        corrected: Whether a take corrected an earlier one.
        published_at: The earliest date that its takes give, None without any.
        updated_at: When the winning take was sent, None where that is not dated.
        fetched_at: When the winning take was fetched.
        current: The winning take. That of a withdrawn lineage has no body.
        enrichment: That of the winning take; None until it is tagged.
        copy_group: The copy group, None without copies.
        copies: How many other lineages carry its text.
        happening: The happening that it reports, None until it is related.
        thread: The thread of that happening.
        follows: Background links: (earlier lineage, score).
        month: The month of the index that it belongs to ("2017.11"), fixed when it is first offered to the index; None
            before that, and for undated ones.
        merged_into: The lineage that this one turned out to be part of. The record is then a withdrawn blank without
            headline; its only use is to empty the document that the index may hold of it.
    """

    lineage: int
    revision: int
    status: Status
    corrected: bool
    published_at: datetime | None
    updated_at: datetime | None
    fetched_at: datetime
    current: StoredTake
    enrichment: Enrichment | None
    copy_group: int | None = None
    copies: int = 0
    happening: int | None = None
    thread: int | None = None
    follows: tuple[tuple[int, float], ...] = ()
    month: str | None = None
    merged_into: int | None = None
