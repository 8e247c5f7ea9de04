"""Operators' decisions applied to what tagging found: pure, so that a re-tag or another store ends the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pipeline.models import DecisionKind, Enrichment, Entity, EntityDecision, EntityType


@dataclass(frozen=True, slots=True)
class Named:
    """What an entity becomes."""

    entity_id: str
    name: str
    type: EntityType


class EntityRules:
    """The decisions that stand, ready to be applied."""

    def __init__(self, decisions: Iterable[EntityDecision]) -> None:
        self._merged: dict[str, Named] = {}
        self._split: dict[tuple[str, str], Named] = {}
        for decision in decisions:
            if decision.undone_at is not None:
                continue
            target = Named(decision.into_id, decision.name, decision.type)
            if decision.kind is DecisionKind.MERGE:
                self._merged[decision.entity_id] = target
            else:
                self._split |= {(uri, decision.entity_id): target for uri in decision.uris}

    def __bool__(self) -> bool:
        return bool(self._merged or self._split)

    def merged(self, entity_id: str) -> str:
        """The id that an entity goes by after all merges."""
        target = self._final(entity_id)
        return target.entity_id if target else entity_id

    def applied(self, enrichment: Enrichment, uri: str) -> Enrichment:
        """The enrichment of the story ``uri`` with every mention and entity under its decided name."""
        targets: dict[str, Named] = {}
        for entity_id in {e.entity_id for e in enrichment.entities} | {m.entity_id for m in enrichment.mentions}:
            split = self._split.get((uri, entity_id))
            target = (self._final(split.entity_id) or split) if split else self._final(entity_id)
            if target:
                targets[entity_id] = target
        if not targets:
            return enrichment
        mentions = tuple(
            replace(m, entity_id=target.entity_id, name=target.name, type=target.type)
            if (target := targets.get(m.entity_id))
            else m
            for m in enrichment.mentions
        )
        return replace(enrichment, mentions=mentions, entities=_joined(enrichment.entities, targets))

    def _final(self, entity_id: str) -> Named | None:
        """The end of a chain of merges; a circle, which only foreign decisions can make, ends where it closes."""
        target = self._merged.get(entity_id)
        seen = {entity_id}
        while target and target.entity_id not in seen and (further := self._merged.get(target.entity_id)):
            seen.add(target.entity_id)
            target = further
        return target


def _joined(entities: Iterable[Entity], targets: Mapping[str, Named]) -> tuple[Entity, ...]:
    """Entities under their new names; what has become one keeps the higher salience and all mentions."""
    found: dict[str, Entity] = {}
    for entity in entities:
        target = targets.get(entity.entity_id)
        if target:
            entity = replace(entity, entity_id=target.entity_id, name=target.name, type=target.type)
        known = found.get(entity.entity_id)
        if known:
            entity = replace(
                known, salience=max(known.salience, entity.salience), count=known.count + entity.count
            )  # fmt: skip
        found[entity.entity_id] = entity
    return tuple(sorted(found.values(), key=lambda entity: (-entity.salience, entity.entity_id)))
