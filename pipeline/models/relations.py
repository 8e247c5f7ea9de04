"""Follow-up links, copies, and the request for candidates."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.models.enrichment import Enrichment
from pipeline.models.story import Status, StoredTake
from pipeline.models.threads import Gathered


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a follow-up was ranked where it is. kind: entity, term, headline, vector, time, thread, step, ...

    weight: this reason's part of the score; the weights of a result add up to its score.
    """

    kind: str
    value: str
    weight: float


def in_words(reasons: Sequence[Reason], most: int = 8) -> str:
    """A follow-up's reasons in a line: what both share, names before words; the time between; the kind of step."""
    names = [reason.value for reason in reasons if reason.kind == "entity" and _tells(reason)]
    spoken = {word for name in names for word in (*name.casefold().split(), _one_token(name))}
    words = [reason.value for reason in reasons if reason.kind == "term" and _tells(reason)]
    shared = [*names, *(word for word in words if word.casefold() not in spoken)][:most]
    rest = [reason.value for kind in ("mark", "time", "step") for reason in reasons if reason.kind == kind]
    return "; ".join([f"shares {', '.join(shared)}", *rest] if shared else rest)


def _one_token(name: str) -> str:
    """A designation as it is counted among the words: "SAMP/T" -> "sampt"."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _tells(reason: Reason) -> bool:
    return reason.weight > 0 and not reason.value.endswith(" more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A follow-up: ``later`` follows up ``earlier`` (both lineages). new: what the later story adds."""

    earlier: int
    later: int
    score: float
    reasons: tuple[Reason, ...] = ()
    new: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CopyEdge:
    """Two versions (of different publishers) that carry the same text; similarity is the shingles' Jaccard, 0..1."""

    version_a: int
    version_b: int
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """What relating decided for one lineage: its background links (earlier stories), the links that it gives to stories
    already stored (a late arrival), its copies, and the happenings that are others than before by it."""

    lineage: int
    version_id: int
    links: tuple[Link, ...] = ()
    copies: tuple[CopyEdge, ...] = ()
    gathered: tuple[Gathered, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateQuery:
    """One engine request for follow-up candidates: an OR of weighted clauses, filtered by time and status.

    terms / entity_ids: value -> boost. common: those among their values that only add to the score of a story which
    shares another one: so many stories have them that looking at all of these would cost more than it brings. vector:
    float32 values for engines with kNN. after / before: bounds on published_at (undated stories always pass). exclude:
    lineages that are not wanted.
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
    """Everything that the store holds of one lineage, from which its index document is built.

    current: the winning take; enrichment is None until it is tagged. follows: background links (earlier, score).
    withdrawn or withheld lineages say so in ``status``; month: "2017.11", fixed when it is first offered to the index.
    A withdrawn record's current take has no body. joined_to: this lineage turned out to be part of that one; its record
    is then a withdrawn blank without headline, whose only use is to empty the document that the index may hold of it.
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
    joined_to: int | None = None
