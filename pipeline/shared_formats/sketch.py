"""A story's sketch: all that ranking counts of it, packed so small that thousands are read at once.

    header: how many terms (u2), how many entities (u2), key of the event type (u4, 0 without one), language (u2)
    keys of the terms, then of the entities (i8 each); salience of the entities (f4 each)
    times in the body and in the headline of each term, mentions of each entity, nation of each place (u2 each)

Everything is little-endian. Labels are kept as hashes: ranking compares them, and never has to spell them.
"""

import re
import struct
from functools import lru_cache
from zlib import crc32

from pipeline.models.enrichment import Enrichment

HEADER = struct.Struct("<HHIH")

_MOST = 0xFFFF
_WORDS = 50_000  # that the news goes on using: their keys are kept
_NATION = re.compile(r"^gaz:(?:country-|city-.*-)([a-z]{2})$")


@lru_cache(maxsize=_WORDS)
def label_key(label: str) -> int:
    """A stable 63-bit hash of a term: two CRCs, so that a million labels hardly ever collide."""
    raw = label.encode(errors="surrogatepass")
    return ((crc32(raw) << 31) ^ crc32(raw[::-1], 0x9E3779B9)) & 0x7FFF_FFFF_FFFF_FFFF


def entity_key(entity_id: str) -> int:
    """The same for an entity's id; never that of a term, which holds no blank."""
    return label_key(f"entity {entity_id}")


def event_key(event_type: str | None) -> int:
    """The same in 32 bits for an event type; 0 for none."""
    return crc32(event_type.encode()) or 1 if event_type else 0


def language_key(language: str | None) -> int:
    """A language's two letters as a number; 0 for none."""
    return int.from_bytes((language or "").encode()[:2], "little")


def nation_of(entity_id: str) -> str | None:
    """The ISO 3166 code of the nation that a gazetteer's country or city stands for or lies in: "TR"."""
    found = _NATION.match(entity_id)
    return found.group(1).upper() if found else None


def pack_sketch(enrichment: Enrichment) -> bytes:
    """The sketch of a take. At most 65,535 terms and entities, and as many times each."""
    body, headline = enrichment.terms, enrichment.headline_terms
    terms = [*body, *(term for term in headline if term not in body)][:_MOST]
    entities = enrichment.entities[:_MOST]
    small = [
        *(body.get(term, 0) for term in terms),
        *(headline.get(term, 0) for term in terms),
        *(entity.count for entity in entities),
    ]
    return struct.pack(
        f"<HHIH{len(terms) + len(entities)}q{len(entities)}f{len(small)}H{2 * len(entities)}s",
        len(terms),
        len(entities),
        event_key(enrichment.event_type),
        language_key(enrichment.language),
        *map(label_key, terms),
        *(entity_key(entity.entity_id) for entity in entities),
        *(entity.salience for entity in entities),
        *(min(number, _MOST) for number in small),
        "".join(nation_of(entity.entity_id) or "\0\0" for entity in entities).encode(),
    )


def counted_keys(sketch: bytes) -> set[int]:
    """The keys by which a take counts in the corpus: of its body's terms and of its entities."""
    terms, entities, *_ = HEADER.unpack_from(sketch)
    keys = struct.unpack_from(f"<{terms + entities}q", sketch, HEADER.size)
    times = struct.unpack_from(f"<{terms}H", sketch, HEADER.size + 8 * (terms + entities) + 4 * entities)
    return {*(key for key, count in zip(keys, times, strict=False) if count), *keys[terms:]}
