"""What tagging adds to a take."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from pipeline.models.story import Field, StoredTake


class EntityType(StrEnum):
    """The kinds of entity; each is a search field of the same name."""

    PERSON = "person"
    ORGANIZATION = "organization"
    PLACE = "place"
    PRODUCT = "product"
    NAMED_EVENT = "named_event"


@dataclass(frozen=True, slots=True)
class Mention:
    """One naming of an entity in a text.

    name: canonical name within the story; entity_id: stable id ("gaz:s-400", or "person:jens-stoltenberg" for
    entities known only from text); by: who decided ("gazetteer", "model", "context"); confidence in 0..1.
    """

    field: Field
    start: int
    end: int
    text: str
    type: EntityType
    name: str
    entity_id: str
    by: str = "model"
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity of one story: all its mentions under one name. salience in 0..1 says how much the story is about it."""

    entity_id: str
    type: EntityType
    name: str
    salience: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrichment:
    """Everything that tagging adds to one take. Pure function of the take's text and of ``revision``.

    terms / headline_terms: lower-case lemmas or designations -> count (stop words left out).
    keyterms: the story's most telling terms and two-word terms, best first, at most 12.
    vector: unit-length static embedding, little-endian float16 bytes (256 values); None without text.
    signature: MinHash of the body's word shingles, little-endian uint32 bytes (128 values); None for short bodies.
    dates: those the text names, resolved against its publication, as precise as told ("2017-11-08", "2017-10").
    topics: IPTC media topic codes that tagging found ("medtop:16000000"), where the story has none.
    revision: of the tagger and its data; raised when a re-tag would answer differently.
    """

    version_id: int
    revision: str
    language: str | None = None
    mentions: tuple[Mention, ...] = ()
    entities: tuple[Entity, ...] = ()
    terms: dict[str, int] = field(default_factory=dict)
    headline_terms: dict[str, int] = field(default_factory=dict)
    keyterms: tuple[str, ...] = ()
    event_type: str | None = None
    amounts: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    vector: bytes | None = None
    signature: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedTake:
    """A stored take with its enrichment: what relating and indexing work on."""

    take: StoredTake
    enrichment: Enrichment


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryOutline:
    """A lineage's current take without its text: what ranking compares. ``enrichment`` carries no mentions.

    title: the headline, else the body's first words.
    """

    lineage: int
    version_id: int
    headline: str
    agency: str | None
    source: str | None
    published_at: datetime | None
    updated_at: datetime | None
    enrichment: Enrichment
    uri: str = ""
    title: str = ""


class StoryHead(NamedTuple):
    """What of a tagged, usable lineage may change. stamp: of its tagging, never given again. published_at: microseconds
    since 1970, UTC."""

    lineage: int
    stamp: int
    published_at: int | None
    copy_group: int | None
    happening: int | None


class Sketched(NamedTuple):
    """A lineage as ranking reads it. sketch: see ``pipeline.models.sketch``; vector: see ``Enrichment``."""

    head: StoryHead
    sketch: bytes
    vector: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusCounts:
    """Document frequencies over all tagged lineages: the rarity that ranking weighs by, equal for every engine."""

    documents: int
    terms: dict[str, int]
    entities: dict[str, int]
