"""What tagging adds to a take, and the forms in which ranking reads it."""

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

    Attributes:
        field: The field that names it.
        start: Offset of the first character.
        end: Offset after the last character.
        text: The words of the text.
        type: What kind of entity it is.
        name: The canonical name within the story.
        entity_id: A stable id: "gaz:s-400", or "person:jens-stoltenberg" for entities known only from text.
        by: What decided: "gazetteer", "model" or "context".
        confidence: How sure that is, 0..1.
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
    """An entity of one story: all its mentions under one name.

    Attributes:
        entity_id: A stable id, as in ``Mention``.
        type: What kind of entity it is.
        name: The canonical name within the story.
        salience: How much the story is about it, 0..1.
        count: How many mentions it has.
    """

    entity_id: str
    type: EntityType
    name: str
    salience: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrichment:
    """Everything that tagging adds to one take: a pure function of the take's text and of ``revision``.

    Attributes:
        version_id: The take.
        revision: Revision of the tagger and its data. It changes whenever tagging again would answer differently.
        language: ISO 639-1 code, None where it is not known.
        mentions: All mentions of entities.
        entities: Entities, the most salient first.
        terms: Lower-case lemma or designation of the body -> count; stop words are left out.
        headline_terms: The same of the headline.
        keyterms: The story's most telling terms and two-word terms, best first, at most 12.
        event_type: What kind of event the story reports, None where that is not clear.
        amounts: Amounts that the text names.
        dates: Dates that the text names, resolved against its publication and as precise as the text gives them
            ("2017-11-08", "2017-10").
        topics: IPTC media topic codes that tagging found ("medtop:16000000"), where the publisher gave none.
        vector: Unit-length static embedding, 256 little-endian float16 values; None without text.
        signature: MinHash of the body's word shingles, 128 little-endian uint32 values; None for short bodies.
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
    """A lineage's winning take without its text: what ranking and explaining need of it in full.

    Attributes:
        lineage: The lineage.
        version_id: The winning take.
        headline: Its headline, "" without one.
        agency: Who wrote it.
        source: Whose feed brought it.
        published_at: When the lineage was published.
        updated_at: When the winning take was sent.
        enrichment: Its enrichment, without mentions.
        uri: Its uri.
        title: Its headline, else the body's first words.
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
    """What of a tagged, usable lineage may change. While it is the same, so is the lineage's sketch.

    Attributes:
        lineage: The lineage.
        tagging_version: Number of the winning take's tagging. No number is given twice.
        published_at: Microseconds since 1970, UTC.
        copy_group: Its copy group, None without copies.
        happening: Its happening, None until it is related.
    """

    lineage: int
    tagging_version: int
    published_at: int | None
    copy_group: int | None
    happening: int | None


class StorySketch(NamedTuple):
    """A lineage as ranking reads it.

    Attributes:
        head: What may change of it.
        sketch: All that ranking counts of it, packed by ``pipeline.shared_formats.sketch``.
        vector: See ``Enrichment``.
    """

    head: StoryHead
    sketch: bytes
    vector: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusCounts:
    """How rare labels are: document frequencies over all tagged lineages, the same whichever engine is used.

    Attributes:
        documents: How many lineages are counted.
        terms: Term -> in how many of them it occurs. Unseen terms are absent.
        entities: Entity id -> in how many of them it occurs. Unseen entities are absent.
    """

    documents: int
    terms: dict[str, int]
    entities: dict[str, int]
