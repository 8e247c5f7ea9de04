"""Takes for the tagger, and its answers."""

from datetime import UTC, datetime
from pathlib import Path

from pipeline.models import Enrichment, Origin, StoredTake, Story
from pipeline.parse.conventions.find_dateline import find_dateline
from pipeline.ports import Tagger

GAZETTEER = Path(__file__).parents[2] / "pipeline" / "enrich" / "gazetteer" / "data"  # the shipped files

DEAL = (
    "ANKARA (Wirewatch News) - Turkey will study a long-range air defence system with France and Italy.\n\n"
    "The S-400s that Ankara is buying from Russia cannot be tied into NATO's network. A SAMP/T battery can. "
    "President Recep Tayyip Erdogan met Jens Stoltenberg in Brussels. Erdogan called the $2.5 billion price fair."
)


def take_of(body: str, headline: str = "", version_id: int = 1, language: str | None = "en") -> StoredTake:
    """A stored take of a story of one's own."""
    day = datetime(2017, 11, 9, 12, tzinfo=UTC)
    dateline = find_dateline(body, day)
    story = Story(
        uri=f"test:{version_id}",
        headline=headline,
        body=body,
        dateline=dateline.span if dateline else None,
        language=language,
        published_at=day,
    )
    return StoredTake(
        version_id=version_id, lineage=version_id, version=1, story=story, origin=Origin("test", "here", day)
    )


def tag_one(tagger: Tagger, body: str, headline: str = "") -> Enrichment:
    """The enrichment of a single story."""
    (answer,) = tagger.tag([take_of(body, headline)])
    assert isinstance(answer, Enrichment), answer
    return answer
