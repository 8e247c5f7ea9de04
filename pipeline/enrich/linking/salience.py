"""How much a story is about each of its entities."""

from collections.abc import Iterable, Sequence
from math import exp, log2

from pipeline.enrich.linking.entity_linker import LinkedSpan
from pipeline.models import Entity, EntityType, Field

_EARLY = 600.0  # characters; a name in the lead counts about twice one at the end
_KIND = {EntityType.PLACE: 0.8}  # places are often only the scene


def rank_entities(
    named: Sequence[LinkedSpan], spoken_of: Iterable[tuple[str, str, EntityType, int]]
) -> tuple[Entity, ...]:
    """Rank the entities of a story by salience, the most salient first.

    Args:
        named: The linked namings.
        spoken_of: (entity id, name, type, offset) of what is meant without being named, as Turkey by "Turkish". It
            counts half.

    Returns:
        Each entity once. The first has salience 1 if it is in headline or lead.
    """
    weights: dict[str, float] = {}
    counts: dict[str, int] = {}
    known: dict[str, tuple[str, EntityType]] = {}
    headline: set[str] = set()
    for item in named:
        _add_naming(weights, counts, item.entity_id, item.span.start, 1.0)
        known[item.entity_id] = item.name, item.span.type
        if item.span.field is Field.HEADLINE:
            headline.add(item.entity_id)
    for entity_id, name, kind, start in spoken_of:
        _add_naming(weights, counts, entity_id, start, 0.5)
        known.setdefault(entity_id, (name, kind))
    scores = {
        entity_id: log2(1.0 + weight) * (1.6 if entity_id in headline else 1.0) * _KIND.get(known[entity_id][1], 1.0)
        for entity_id, weight in weights.items()
    }
    most = max([1.0, *scores.values()])
    ordered = sorted(scores, key=lambda entity_id: (-scores[entity_id], entity_id))
    return tuple(
        Entity(key, known[key][1], known[key][0], round(scores[key] / most, 4), counts[key]) for key in ordered
    )


def _add_naming(weights: dict[str, float], counts: dict[str, int], entity_id: str, start: int, share: float) -> None:
    weights[entity_id] = weights.get(entity_id, 0.0) + share * (0.5 + 0.5 * exp(-start / _EARLY))
    counts[entity_id] = counts.get(entity_id, 0) + 1
