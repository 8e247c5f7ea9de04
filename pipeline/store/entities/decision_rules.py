"""Operators' decisions applied to what tagging found. Pure, so that tagging again, or another store, ends the same."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pipeline.models import DecisionKind, Enrichment, Entity, EntityDecision


class DecisionRules:
    """The decisions that hold, ready to be applied. One leads to the next: what was merged may be split, and again."""

    def __init__(self, decisions: Iterable[EntityDecision]) -> None:
        """Sort decisions by what they apply to.

        Args:
            decisions: In the order in which they were made; those taken back are passed over. Of several on one entity
                the last holds.
        """
        self._merges: dict[str, EntityDecision] = {}  # by entity id
        self._splits: dict[tuple[str, str], EntityDecision] = {}  # by uri and entity id
        for decision in decisions:
            if decision.undone_at is not None:
                continue
            if decision.kind is DecisionKind.MERGE:
                self._merges[decision.entity_id] = decision
            else:
                self._splits |= {(uri, decision.entity_id): decision for uri in decision.uris}

    def __bool__(self) -> bool:
        """Whether any decision holds."""
        return bool(self._merges or self._splits)

    def merged_id(self, entity_id: str) -> str:
        """The id that an entity goes by after all merges."""
        last = self._last_decision(entity_id, "")
        return last.into_id if last else entity_id

    def apply(self, enrichment: Enrichment, uri: str) -> Enrichment:
        """Put every mention and entity of a story under its decided name.

        Args:
            enrichment: What tagging found.
            uri: The story.
        """
        ids = {entity.entity_id for entity in enrichment.entities}
        ids |= {mention.entity_id for mention in enrichment.mentions}
        decided = {entity_id: last for entity_id in ids if (last := self._last_decision(entity_id, uri))}
        if not decided:
            return enrichment
        mentions = tuple(
            replace(mention, entity_id=last.into_id, name=last.name, type=last.type)
            if (last := decided.get(mention.entity_id))
            else mention
            for mention in enrichment.mentions
        )
        return replace(enrichment, mentions=mentions, entities=_merge_entities(enrichment.entities, decided))

    def _last_decision(self, entity_id: str, uri: str) -> EntityDecision | None:
        """The last of the decisions that follow from an entity in a story. A circle of them ends where it closes."""
        last, seen = None, {entity_id}
        while (step := self._splits.get((uri, entity_id)) or self._merges.get(entity_id)) and step.into_id not in seen:
            last, entity_id = step, step.into_id
            seen.add(entity_id)
        return last


def _merge_entities(entities: Iterable[Entity], decided: Mapping[str, EntityDecision]) -> tuple[Entity, ...]:
    """Entities under their decided names. What has become one keeps the higher salience and the mentions of both."""
    merged: dict[str, Entity] = {}
    for entity in entities:
        if last := decided.get(entity.entity_id):
            entity = replace(entity, entity_id=last.into_id, name=last.name, type=last.type)
        if same := merged.get(entity.entity_id):
            salience, count = max(same.salience, entity.salience), same.count + entity.count
            entity = replace(same, salience=salience, count=count)
        merged[entity.entity_id] = entity
    return tuple(sorted(merged.values(), key=lambda entity: (-entity.salience, entity.entity_id)))
