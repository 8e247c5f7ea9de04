"""Stories and enrichments with sensible defaults, and the times that the store's tests share."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from pipeline.models import Enrichment, Entity, EntityType, Field, Mention, Origin, StoredTake, Story

NOW = datetime(2017, 11, 10, 12, tzinfo=UTC)
LEASE = timedelta(minutes=10)
WINDOW = timedelta(days=3)
IMPORT = Origin("import", "wire.jsonl", NOW)


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A time in November 2017."""
    return datetime(2017, 11, day, hour, minute, tzinfo=UTC)


def story(uri: str = "wire:deal", **fields: Any) -> Story:
    """A take by one agency, unlike any with another uri."""
    words = [
        blake2b(f"{uri} {number}".encode("utf-8", "surrogatepass"), digest_size=4).hexdigest() for number in range(40)
    ]
    defaults: dict[str, Any] = {
        "headline": f"Story of {' '.join(words[:5])}",
        "body": " ".join(words),
        "agency": "Bosphorus",
        "source": "Bosphorus",
        "published_at": at(8, 9),
        "updated_at": at(8, 9),
        "language": "en",
    }
    return Story(uri=uri, **(defaults | fields))


def enrichment(take: StoredTake, revision: str = "tagger 1", **fields: Any) -> Enrichment:
    """Every word a term; every word in capitals an organization, mentioned where it first stands; a hash as vector."""
    text = take.story.body
    names = sorted({word for word in text.split() if word.isupper() and len(word) > 1})
    defaults: dict[str, Any] = {
        "terms": dict(Counter(text.lower().split())),
        "entities": tuple(Entity(f"gaz:{name.lower()}", EntityType.ORGANIZATION, name, 0.5, 1) for name in names),
        "mentions": tuple(
            Mention(
                Field.BODY,
                text.index(name),
                text.index(name) + len(name),
                name,
                EntityType.ORGANIZATION,
                name,
                f"gaz:{name.lower()}",
            )
            for name in names
        ),
        "keyterms": tuple(text.lower().split()[:3]),
        "vector": blake2b(text.encode(), digest_size=64).digest() * 8,
    }
    return Enrichment(version_id=take.version_id, revision=revision, **(defaults | fields))
