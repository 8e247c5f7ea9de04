"""Taggers are expensive to load: one for all tests, over the project's own gazetteer."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.enrich import build_tagger
from pipeline.models import Enrichment, Origin, StoredTake, Story
from pipeline.parse.conventions.opening import find_dateline
from pipeline.ports import Tagger

GAZETTEER = Path(__file__).parents[2] / "pipeline" / "enrich" / "gazetteer" / "data"  # the shipped files


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


@pytest.fixture(scope="session")
def tagger() -> Tagger:
    return build_tagger()


def tag_one(tagger: Tagger, body: str, headline: str = "") -> Enrichment:
    """The enrichment of a single story."""
    (answer,) = tagger.tag([take_of(body, headline)])
    assert isinstance(answer, Enrichment), answer
    return answer
