"""Operators' decisions applied to what tagging found: pure, so that a re-tag or another store ends the same."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pipeline.models import DecisionKind, Enrichment, Entity, EntityDecision


class EntityRules:
    """The decisions that stand, ready to be applied. One leads to the next: what was merged may be split, and again."""

    def __init__(self, decisions: Iterable[EntityDecision]) -> None:
        self._merges: dict[str, EntityDecision] = {}
        self._splits: dict[tuple[str, str], EntityDecision] = {}
        for decision in decisions:
            if decision.undone_at is not None:
                continue
            if decision.kind is DecisionKind.MERGE:
                self._merges[decision.entity_id] = decision
            else:
                self._splits |= {(uri, decision.entity_id): decision for uri in decision.uris}

    def __bool__(self) -> bool:
        return bool(self._merges or self._splits)

    def merged(self, entity_id: str) -> str:
        """The id that an entity goes by after all merges."""
        last = self._last(entity_id, "")
        return last.into_id if last else entity_id

    def applied(self, enrichment: Enrichment, uri: str) -> Enrichment:
        """The enrichment of the story ``uri`` with every mention and entity under its decided name."""
        ids = {e.entity_id for e in enrichment.entities} | {m.entity_id for m in enrichment.mentions}
        decided = {entity_id: last for entity_id in ids if (last := self._last(entity_id, uri))}
        if not decided:
            return enrichment
        mentions = tuple(
            replace(m, entity_id=last.into_id, name=last.name, type=last.type)
            if (last := decided.get(m.entity_id))
            else m
            for m in enrichment.mentions
        )
        return replace(enrichment, mentions=mentions, entities=_joined(enrichment.entities, decided))

    def _last(self, entity_id: str, uri: str) -> EntityDecision | None:
        """The last of the decisions that follow from an entity in a story. A circle of them ends where it closes."""
        last, seen = None, {entity_id}
        while (step := self._splits.get((uri, entity_id)) or self._merges.get(entity_id)) and step.into_id not in seen:
            last, entity_id = step, step.into_id
            seen.add(entity_id)
        return last


def _joined(entities: Iterable[Entity], decided: Mapping[str, EntityDecision]) -> tuple[Entity, ...]:
    """Entities under their decided names; what has become one keeps the higher salience and all mentions."""
    found: dict[str, Entity] = {}
    for entity in entities:
        last = decided.get(entity.entity_id)
        one = replace(entity, entity_id=last.into_id, name=last.name, type=last.type) if last else entity
        known = found.get(one.entity_id)
        if known:
            one = replace(known, salience=max(known.salience, one.salience), count=known.count + one.count)
        found[one.entity_id] = one
    return tuple(sorted(found.values(), key=lambda entity: (-entity.salience, entity.entity_id)))
