"""Entities across stories: their profiles, operators' decisions about them, and tagging stored stories again."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.enrich import entity_ids, ids_from_stories
from pipeline.errors import NotFoundError, UsageError
from pipeline.flow.stages import Stages
from pipeline.models import (
    DecisionKind,
    Enrichment,
    EntityDecision,
    EntityType,
    LineageRecord,
    SearchRequest,
    Stage,
)
from pipeline.progress import SILENT, Progress
from pipeline.wiring import Adapters

_NEWEST = 200  # stories that are read for the names that an entity goes by
_BESIDE = 10  # names of each kind that it appears with


@dataclass(frozen=True, slots=True)
class EntityProfile:
    """What the stories say of one entity.

    Attributes:
        entity_id: Its id.
        name: The name that it is mentioned by most.
        kinds: Its types with their mentions in the newest 200 stories, the most frequent first.
        aliases: How it is written, with the mentions in the newest 200 stories, the most frequent first.
        first_seen: When the first story that names it was published; None if that is not known.
        last_seen: When the last one was.
        stories: How many stories name it.
        beside: What it appears with most, as (type, name, stories).
        decisions: The operators' decisions that stand on it.
    """

    entity_id: str
    name: str
    kinds: tuple[tuple[EntityType, int], ...]
    aliases: tuple[tuple[str, int], ...]
    first_seen: datetime | None
    last_seen: datetime | None
    stories: int
    beside: tuple[tuple[EntityType, str, int], ...]
    decisions: tuple[EntityDecision, ...]


class Entities:
    """Entities across stories, operators' decisions about who is who, and tagging stored stories again.

    An entity is named by its id, by its name, or by any alias that the gazetteer knows. A decision holds for stored
    stories and for all that come, whatever the tagger says. Methods that change something tag, relate and index the
    stories concerned before they return, and send no alert; ``progress`` is shown these stages.
    """

    def __init__(self, adapters: Adapters) -> None:
        self._adapters = adapters
        self._stages = Stages(adapters)

    def profile(self, name: str) -> EntityProfile:
        """What the stories say of an entity.

        Raises:
            NotFoundError: No story names it.
            UsageError: Several entities have this name.
        """
        return self._profile_of(self._id_of(name))

    def merge(self, name: str, other: str, progress: Progress = SILENT) -> EntityDecision:
        """Decide that ``other`` is ``name``.

        Raises:
            NotFoundError: No story names one of them.
            UsageError: They are one entity already, or several entities have one of the names.
        """
        kept, lost = self._profile_of(self._id_of(name)), self._id_of(other)
        if kept.entity_id == lost:
            raise UsageError(f"{name!r} and {other!r} are one entity already: {lost}")
        return self._decide(
            EntityDecision(
                kind=DecisionKind.MERGE,
                entity_id=lost,
                into_id=kept.entity_id,
                name=kept.name,
                type=kept.kinds[0][0],
                made_at=self._adapters.clock.now(),
            ),
            progress,
        )

    def split(self, name: str, new_name: str, stories: Sequence[str], progress: Progress = SILENT) -> EntityDecision:
        """Decide that in some stories ``name`` is another entity.

        Args:
            name: The entity.
            new_name: Who it is in these stories.
            stories: Their ids or uris.
            progress: Shown the stages that follow.

        Raises:
            NotFoundError: No story names the entity, or there is no such story.
            UsageError: The new name would give the same id, or several entities have the name.
        """
        profile = self._profile_of(self._id_of(name))
        kind = profile.kinds[0][0]
        store = self._adapters.store.stories
        lineages = [store.resolve(story) for story in stories]
        uris = sorted({take.story.uri for lineage in lineages for take in store.history(lineage)})
        new_id = ids_from_stories(new_name, kind)[0]
        if new_id == profile.entity_id:
            raise UsageError(f"{new_name!r} would have the same id, {new_id}; say who it is more fully")
        return self._decide(
            EntityDecision(
                kind=DecisionKind.SPLIT,
                entity_id=profile.entity_id,
                into_id=new_id,
                name=new_name,
                type=kind,
                uris=tuple(uris),
                made_at=self._adapters.clock.now(),
            ),
            progress,
        )

    def undo(self, number: int, progress: Progress = SILENT) -> EntityDecision:
        """Take a decision back.

        Raises:
            NotFoundError: There is no such decision.
        """
        decision = self._adapters.store.entities.undo(number, self._adapters.clock.now())
        self._run_stages(progress)
        return decision

    def decisions(self) -> list[EntityDecision]:
        """Every decision in order, those that were taken back included."""
        return self._adapters.store.entities.decisions()

    def replay(self, decisions: Iterable[EntityDecision], progress: Progress = SILENT) -> int:
        """Make another installation's decisions here, in their order; those that stand here already are kept.

        Returns:
            How many were new.
        """
        entities = self._adapters.store.entities
        before = len(entities.decisions())
        for decision in decisions:
            entities.decide(decision)
        self._run_stages(progress)
        return len(entities.decisions()) - before

    def retag(self, since: datetime | None = None, everything: bool = False, progress: Progress = SILENT) -> int:
        """Tag stored stories again with the tagger as it is now, after a change of model or gazetteer.

        Searches go on with the old tags until the new ones of each story are written. A run that died is finished by
        the next one.

        Args:
            since: Only takes that were sent from then on; None for all.
            everything: Also takes that this very tagger has tagged.
            progress: Shown the stages.

        Returns:
            How many takes were tagged.
        """
        unless = None if everything else self._adapters.tagger.revision
        self._adapters.store.work.requeue(Stage.ENRICH, since=since, unless=unless)
        return self._run_stages(progress)

    def _decide(self, decision: EntityDecision, progress: Progress) -> EntityDecision:
        saved = self._adapters.store.entities.decide(decision)
        self._run_stages(progress)
        return saved

    def _run_stages(self, progress: Progress) -> int:
        """Tag, relate and index what is pending. How many takes were tagged."""
        self._stages.free_abandoned_claims()
        tagged = self._stages.enrich(progress)
        self._stages.relate(progress)
        return tagged

    def _id_of(self, name: str) -> str:
        """The id of the one entity with this id, name or alias that stories name."""
        ids = [name] if ":" in name else entity_ids(name, self._adapters.settings.gazetteer)
        merged = {
            decision.entity_id: decision.into_id
            for decision in self._standing_decisions()
            if decision.kind is DecisionKind.MERGE
        }
        ids += [merged[entity_id] for entity_id in ids if entity_id in merged]
        counts = self._adapters.store.relations.counts((), ids).entities
        known = [entity_id for entity_id in dict.fromkeys(ids) if counts.get(entity_id)]
        if not known:
            raise NotFoundError(f"no story names {name!r}; give its full name, or an id as `wirewatch tag` shows it")
        if len(known) > 1:
            several = ", ".join(f"{entity_id} ({counts[entity_id]} stories)" for entity_id in known)
            raise UsageError(f"{name!r} is several entities; say which by its id: {several}")
        return known[0]

    def _standing_decisions(self) -> list[EntityDecision]:
        return [decision for decision in self.decisions() if decision.undone_at is None]

    def _profile_of(self, entity_id: str) -> EntityProfile:
        index = self._adapters.index
        quoted = entity_id.replace("\\", "\\\\").replace('"', '\\"')
        query, kinds = f'entity_ids:"{quoted}"', tuple(kind.value for kind in EntityType)
        newest = index.search(SearchRequest(query=query, limit=_NEWEST, sort="newest", facets=kinds, highlight=False))
        oldest = index.search(SearchRequest(query=query, limit=1, sort="oldest", highlight=False))
        records = self._adapters.store.stories.records([hit.lineage for hit in (*newest.hits, *oldest.hits)])
        names, types, texts = self._count_mentions(entity_id, records)
        if not names:
            raise NotFoundError(
                f"no story that can be searched names {entity_id}; `wirewatch reindex` rebuilds the index"
            )
        name = names.most_common(1)[0][0]
        dates = [record.published_at for record in records if record.published_at]
        return EntityProfile(
            entity_id=entity_id,
            name=name,
            kinds=tuple(types.most_common()),
            aliases=tuple(texts.most_common()),
            first_seen=min(dates, default=None),
            last_seen=max(dates, default=None),
            stories=newest.total,
            beside=tuple(
                (kind, other, count)
                for kind in EntityType
                for other, count in [facet for facet in newest.facets.get(kind.value, ()) if facet[0] != name][:_BESIDE]
            ),
            decisions=tuple(
                decision
                for decision in self._standing_decisions()
                if entity_id in (decision.entity_id, decision.into_id)
            ),
        )

    def _count_mentions(
        self, entity_id: str, records: Iterable[LineageRecord]
    ) -> tuple[Counter[str], Counter[EntityType], Counter[str]]:
        """How often an entity is mentioned in stories: by name, by type, and by the text of the mention."""
        names: Counter[str] = Counter()
        types: Counter[EntityType] = Counter()
        texts: Counter[str] = Counter()
        for version_id in {record.current.version_id for record in records}:
            tags: Enrichment | None = self._adapters.store.stories.enrichment(version_id)
            for mention in tags.mentions if tags else ():
                if mention.entity_id == entity_id:
                    names[mention.name] += 1
                    types[mention.type] += 1
                    texts[" ".join(mention.text.split())] += 1
            for entity in tags.entities if tags else ():
                if entity.entity_id == entity_id and not types:
                    names[entity.name] += 1
                    types[entity.type] += 1
        return names, types, texts
