"""Small stories for the tests of ranking: outlines as tagging would make them, from plain words."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from pipeline.models import CorpusCounts, Enrichment, Entity, EntityType, StoryOutline
from pipeline.relate.ranking.features import StoryFeatures, story_features
from pipeline.relate.ranking.nations import load_nations

START = datetime(2021, 3, 1, 12, tzinfo=UTC)
_STOP_WORDS = "a an and as at by for from in into is its of on or the to under with after over"
_STOP = frozenset(_STOP_WORDS.split())


Named = tuple[str, str]


def outline(
    lineage: int,
    body: str,
    *,
    day: float | None = 0.0,
    headline: str = "",
    entities: Sequence[Named] = (),
    event_type: str | None = None,
    amounts: Sequence[str] = (),
    keyterms: Sequence[str] = (),
) -> StoryOutline:
    """A story published ``day`` days after START (None: undated). entities: (id, name), most salient first."""
    at = None if day is None else START + timedelta(days=day)
    enrichment = Enrichment(
        version_id=lineage,
        revision="test",
        language="en",
        entities=tuple(
            Entity(entity_id, EntityType.ORGANIZATION, name, 1.0 / (rank + 1), 1)
            for rank, (entity_id, name) in enumerate(entities)
        ),
        terms=words(body),
        headline_terms=words(headline),
        keyterms=tuple(keyterms),
        event_type=event_type,
        amounts=tuple(amounts),
        vector=vector(f"{headline} {body}"),
    )
    return StoryOutline(
        lineage=lineage,
        version_id=lineage,
        headline=headline,
        agency=None,
        source=None,
        published_at=at,
        updated_at=at,
        enrichment=enrichment,
    )


def words(text: str) -> dict[str, int]:
    """Lower-case words with their counts, the commonest left out."""
    return dict(
        Counter(
            word
            for word in text.lower().replace(",", "").replace(".", "").replace(";", "").split()
            if word not in _STOP
        )
    )


def vector(text: str) -> bytes | None:
    """A unit vector that texts with the same words share: the sum of one fixed random direction per word."""
    counts = words(text)
    if not counts:
        return None
    directions = [np.random.default_rng(sum(word.encode()) * 31 + len(word)).normal(size=16) for word in counts]
    total = np.sum(directions, axis=0)
    return bytes((total / np.linalg.norm(total)).astype("<f2").tobytes())


def counts_of(outlines: Sequence[StoryOutline]) -> CorpusCounts:
    """Document frequencies of these outlines."""
    terms: Counter[str] = Counter()
    entities: Counter[str] = Counter()
    for story in outlines:
        terms.update({*story.enrichment.terms, *story.enrichment.headline_terms})
        entities.update({entity.entity_id for entity in story.enrichment.entities})
    return CorpusCounts(documents=len(outlines), terms=dict(terms), entities=dict(entities))


def features(outlines: Sequence[StoryOutline]) -> list[StoryFeatures]:
    """Features of these outlines, which are the whole corpus."""
    counts = counts_of(outlines)
    return [story_features(story, counts, load_nations()) for story in outlines]


DAM = ("organization:vell-hydro", "Vell Hydro")
MINISTER = ("person:ana-orsic", "Ana Orsic")


def dam_affair() -> list[StoryOutline]:
    """A story about a dam, two that follow it up, and six that do not, in that order."""
    return [
        outline(
            1,
            "Cracks are found in the Vell dam above the town of Brenn; engineers of Vell Hydro lower the reservoir.",
            entities=[DAM],
            event_type="disaster",
        ),
        outline(
            2,
            "Brenn is evacuated as the cracks in the Vell dam widen; Vell Hydro opens both spillways.",
            day=2,
            entities=[DAM, MINISTER],
            event_type="disaster",
        ),
        outline(
            3,
            "Energy minister Ana Orsic orders an inquiry into Vell Hydro and the reservoir above Brenn.",
            day=40,
            entities=[MINISTER, DAM],
            event_type="legal",
            amounts=["EUR 2500000"],
        ),
        outline(4, "A ferry runs aground off the northern coast and all passengers are taken ashore.", day=1),
        outline(5, "The central bank leaves its main rate unchanged and warns of slower growth.", day=2),
        outline(6, "Striking bus drivers accept a pay rise in the capital.", day=3),
        outline(7, "A wildfire closes two mountain roads in the south.", day=30),
        outline(8, "The national team wins the opening match of its tour.", day=41),
        outline(9, "Farmers block motorways over the price of milk.", day=50),
    ]
