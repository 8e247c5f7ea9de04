"""Entities across stories: what is known of one, operators' decisions about them, and tagging stored stories again."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.enrich import entity_ids, ids_from_stories
from pipeline.errors import NotFoundError, UsageError
from pipeline.flow.stages import enrich, relate, take_back_abandoned
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
from pipeline.wiring import Parts

_READ = 200  # newest stories read for the names that an entity goes by
_BESIDE = 10  # names a kind that it appears with


@dataclass(frozen=True, slots=True)
class EntityProfile:
    """What the stories say of one entity.

    kinds, aliases: with the number of mentions in the newest 200 stories, the most frequent first. beside: (kind, name,
    stories) of what it appears with most. decisions: those that made it what it is.
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


def entity(parts: Parts, name: str) -> EntityProfile:
    """An entity by its id, name or any alias that the gazetteer knows. Raises NotFoundError, and UsageError for a name
    of several entities."""
    return _profile(parts, _found(parts, name))


def merge_entities(parts: Parts, name: str, other: str, progress: Progress = SILENT) -> EntityDecision:
    """From now on ``other`` is ``name``, in stored stories and in those to come. Raises UsageError."""
    kept, lost = _profile(parts, _found(parts, name)), _found(parts, other)
    if kept.entity_id == lost:
        raise UsageError(f"{name!r} and {other!r} are one entity already: {lost}")
    return _decide(parts, DecisionKind.MERGE, lost, kept.entity_id, kept.name, kept.kinds[0][0], (), progress)


def split_entity(
    parts: Parts, name: str, new_name: str, stories: Sequence[str], progress: Progress = SILENT
) -> EntityDecision:
    """In these stories (ids or uris), ``name`` is another entity, ``new_name``. Raises UsageError."""
    profile = _profile(parts, _found(parts, name))
    kind = profile.kinds[0][0]
    lineages = [parts.store.stories.resolve(story) for story in stories]
    uris = sorted({take.story.uri for lineage in lineages for take in parts.store.stories.history(lineage)})
    new_id = ids_from_stories(new_name, kind)[0]
    if new_id == profile.entity_id:
        raise UsageError(f"{new_name!r} would have the same id, {new_id}; say who it is more fully")
    return _decide(parts, DecisionKind.SPLIT, profile.entity_id, new_id, new_name, kind, tuple(uris), progress)


def undo_decision(parts: Parts, number: int, progress: Progress = SILENT) -> EntityDecision:
    """Take a merge or split back. Raises NotFoundError."""
    decision = parts.store.entities.undo(number, parts.clock.now())
    _settle(parts, progress)
    return decision


def replay_decisions(parts: Parts, decisions: Iterable[EntityDecision], progress: Progress = SILENT) -> int:
    """Make another store's decisions here, in their order; those that stand already are kept. How many were new."""
    before = len(parts.store.entities.decisions())
    for decision in decisions:
        parts.store.entities.decide(decision)
    _settle(parts, progress)
    return len(parts.store.entities.decisions()) - before


def retag(parts: Parts, since: datetime | None = None, everything: bool = False, progress: Progress = SILENT) -> int:
    """Tag stored stories again with the tagger as it is now: relate and index follow, no alert does. How many takes.

    Those tagged at this tagger's revision are left alone unless ``everything``: so a run that died is finished by
    the next one. Searches go on with the old tags until each story's new ones are written.
    """
    unless = None if everything else parts.tagger.revision
    parts.store.work.requeue(Stage.ENRICH, since=since, unless=unless)
    return _settle(parts, progress)


def _settle(parts: Parts, progress: Progress) -> int:
    take_back_abandoned(parts)
    tagged = enrich(parts, progress)
    relate(parts, progress)
    return tagged


def _decide(
    parts: Parts,
    kind: DecisionKind,
    entity_id: str,
    into_id: str,
    name: str,
    type_: EntityType,
    uris: tuple[str, ...],
    progress: Progress,
) -> EntityDecision:
    decision = parts.store.entities.decide(
        EntityDecision(
            kind=kind, entity_id=entity_id, into_id=into_id, name=name, type=type_, uris=uris,
            made_at=parts.clock.now(),
        )
    )  # fmt: skip
    _settle(parts, progress)
    return decision


def _found(parts: Parts, name: str) -> str:
    """The one entity of this id, name or alias that stories carry."""
    ids = [name] if ":" in name else entity_ids(name, parts.settings.gazetteer)
    merged = {one.entity_id: one.into_id for one in _standing(parts) if one.kind is DecisionKind.MERGE}
    ids += [merged[entity_id] for entity_id in ids if entity_id in merged]
    counts = parts.store.relations.counts((), ids).entities
    known = [entity_id for entity_id in dict.fromkeys(ids) if counts.get(entity_id)]
    if not known:
        raise NotFoundError(f"no story names {name!r}; give its full name, or an id as `wirewatch tag` shows it")
    if len(known) > 1:
        several = ", ".join(f"{entity_id} ({counts[entity_id]} stories)" for entity_id in known)
        raise UsageError(f"{name!r} is several entities; say which by its id: {several}")
    return known[0]


def _standing(parts: Parts) -> list[EntityDecision]:
    return [decision for decision in parts.store.entities.decisions() if decision.undone_at is None]


def _profile(parts: Parts, entity_id: str) -> EntityProfile:
    quoted = entity_id.replace("\\", "\\\\").replace('"', '\\"')
    kinds = tuple(kind.value for kind in EntityType)
    request = SearchRequest(query=f'entity_ids:"{quoted}"', limit=_READ, sort="newest", facets=kinds, highlight=False)
    found = parts.index.search(request)
    oldest = parts.index.search(SearchRequest(query=request.query, limit=1, sort="oldest", highlight=False))
    records = parts.store.stories.records([hit.lineage for hit in (*found.hits, *oldest.hits)])
    names, types, texts = _names(parts, entity_id, records)
    if not names:
        raise NotFoundError(f"no story that can be searched names {entity_id}; `wirewatch reindex` rebuilds the index")
    name = names.most_common(1)[0][0]
    dates = [record.published_at for record in records if record.published_at]
    return EntityProfile(
        entity_id=entity_id,
        name=name,
        kinds=tuple(types.most_common()),
        aliases=tuple(texts.most_common()),
        first_seen=min(dates, default=None),
        last_seen=max(dates, default=None),
        stories=found.total,
        beside=tuple(
            (kind, other, count)
            for kind in EntityType
            for other, count in [one for one in found.facets.get(kind.value, ()) if one[0] != name][:_BESIDE]
        ),
        decisions=tuple(one for one in _standing(parts) if entity_id in (one.entity_id, one.into_id)),
    )


def _names(
    parts: Parts, entity_id: str, records: Iterable[LineageRecord]
) -> tuple[Counter[str], Counter[EntityType], Counter[str]]:
    names: Counter[str] = Counter()
    types: Counter[EntityType] = Counter()
    texts: Counter[str] = Counter()
    for version_id in {record.current.version_id for record in records}:
        tags: Enrichment | None = parts.store.stories.enrichment(version_id)
        for mention in tags.mentions if tags else ():
            if mention.entity_id == entity_id:
                names[mention.name] += 1
                types[mention.type] += 1
                texts[" ".join(mention.text.split())] += 1
        for spoken in tags.entities if tags else ():
            if spoken.entity_id == entity_id and not types:
                names[spoken.name] += 1
                types[spoken.type] += 1
    return names, types, texts
