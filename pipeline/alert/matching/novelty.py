"""What a further take adds to a story. Decisions only."""

from collections.abc import Iterable, Sequence

from pipeline.models import Enrichment, Story
from pipeline.text.shingles import folded_words, shingles

_RUN = 4  # words in a row that make two texts say the same
_WORDS = 60  # of new text, at least ...
_SHARE = 0.3  # ... and of the take: a new paragraph or two in a brief, a write-through of a long story
_NAMED = 8


def says_something_new(take: Story, earlier: Iterable[Story]) -> bool:
    """Whether a take has enough text that none of the earlier ones had; a quote or two is not enough."""
    known = {run for story in earlier for run in _runs(story.body)}
    own = _runs(take.body)
    new = sum(run not in known for run in own)
    return new >= _WORDS and new >= _SHARE * len(own)


def new_names(take: Enrichment | None, earlier: Sequence[Enrichment | None]) -> tuple[str, ...]:
    """Names in a take that the earlier takes do not have, in the order of the text; none where a take is not tagged."""
    if take is None or not earlier or None in earlier:
        return ()
    known = {entity.entity_id for enrichment in earlier if enrichment is not None for entity in enrichment.entities}
    new = {entity.entity_id: entity.name for entity in take.entities if entity.entity_id not in known}
    return tuple(dict.fromkeys(new.values()))[:_NAMED]


def _runs(text: str) -> list[tuple[str, ...]]:
    return list(shingles(folded_words(text), _RUN))
