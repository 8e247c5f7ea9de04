"""A story's sketch: all that ranking counts of it, packed so small that thousands are read at once.

    header    number of terms (u2), number of entities (u2), key of the event type (u4, 0 for none), language (u2)
    keys      of the terms, then of the entities (i8 each)
    salience  of the entities (f4 each)
    counts    of each term in the body, of each term in the headline, of each entity's mentions (u2 each)
    nations   of the entities: two ASCII letters each, two zero bytes for none

Everything is little-endian. Labels are kept as hashes: ranking compares them, and never has to spell them.
"""

import re
import struct
from functools import lru_cache
from zlib import crc32

from pipeline.models.enrichment import Enrichment

HEADER = struct.Struct("<HHIH")

_MAX_COUNT = 0xFFFF  # of labels in a sketch, and of what is counted of each
_VOCABULARY = 50_000  # labels whose keys are kept in memory: the words that the news goes on using
_NATION = re.compile(r"^gaz:(?:country-|city-.*-)([a-z]{2})$")


@lru_cache(maxsize=_VOCABULARY)
def label_key(label: str) -> int:
    """Hash a term to 63 bits: two CRCs, so that a million labels hardly ever collide. The hash never changes."""
    raw = label.encode(errors="surrogatepass")
    return ((crc32(raw) << 31) ^ crc32(raw[::-1], 0x9E3779B9)) & 0x7FFF_FFFF_FFFF_FFFF


def entity_key(entity_id: str) -> int:
    """Hash an entity's id to 63 bits. It is never hashed as a term is, since no term holds a blank."""
    return label_key(f"entity {entity_id}")


def event_key(event_type: str | None) -> int:
    """Hash an event type to 32 bits; 0 for none."""
    return crc32(event_type.encode()) or 1 if event_type else 0


def language_key(language: str | None) -> int:
    """A language's two letters as a number; 0 for none."""
    return int.from_bytes((language or "").encode()[:2], "little")


def nation_of(entity_id: str) -> str | None:
    """The ISO 3166 code ("TR") of the nation that a gazetteer's country is, or that its city lies in."""
    match = _NATION.match(entity_id)
    return match.group(1).upper() if match else None


def pack_sketch(enrichment: Enrichment) -> bytes:
    """Pack the sketch of a take: at most 65,535 terms and as many entities; higher counts are cut to 65,535."""
    body, headline = enrichment.terms, enrichment.headline_terms
    terms = [*body, *(term for term in headline if term not in body)][:_MAX_COUNT]
    entities = enrichment.entities[:_MAX_COUNT]
    counts = [
        *(body.get(term, 0) for term in terms),
        *(headline.get(term, 0) for term in terms),
        *(entity.count for entity in entities),
    ]
    return struct.pack(
        f"<HHIH{len(terms) + len(entities)}q{len(entities)}f{len(counts)}H{2 * len(entities)}s",
        len(terms),
        len(entities),
        event_key(enrichment.event_type),
        language_key(enrichment.language),
        *map(label_key, terms),
        *(entity_key(entity.entity_id) for entity in entities),
        *(entity.salience for entity in entities),
        *(min(count, _MAX_COUNT) for count in counts),
        "".join(nation_of(entity.entity_id) or "\0\0" for entity in entities).encode(),
    )


def counted_keys(sketch: bytes) -> set[int]:
    """The keys of the labels by which a take counts in the corpus: the terms of its body, and its entities."""
    terms, entities, *_ = HEADER.unpack_from(sketch)
    keys = struct.unpack_from(f"<{terms + entities}q", sketch, HEADER.size)
    body_counts = struct.unpack_from(f"<{terms}H", sketch, HEADER.size + 8 * (terms + entities) + 4 * entities)
    return {*(key for key, count in zip(keys, body_counts, strict=False) if count), *keys[terms:]}
