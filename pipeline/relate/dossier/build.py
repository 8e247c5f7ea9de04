"""Putting a dossier together: who came in when, and what each step added. Pure.

ranked follow-ups and background, members of the thread -> usable stories, one per happening -> in order of time
-> what each says that none before it did -> who is involved, from when to when
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from pipeline.models import Entity, EntityType, LineageRecord, Status
from pipeline.reason_wording import describe_reasons
from pipeline.relate.dossier.contents import Dossier, Involved, Name, Role, Source, Step, Version
from pipeline.relate.dossier.time_phrases import time_phrases
from pipeline.relate.followups import RankedStory
from pipeline.relate.ranking.explain import amount_text
from pipeline.text.truncate import truncate_words
from pipeline.wire.body import body_paragraphs

MAX_INVOLVED = {  # of each kind, in the order in which the kinds are shown
    EntityType.PERSON.value: 10,
    EntityType.ORGANIZATION.value: 10,
    EntityType.PRODUCT.value: 8,
    EntityType.NAMED_EVENT.value: 4,
    EntityType.PLACE.value: 8,
}
MAX_NAMES = 8  # new names shown of a step; the rest are counted
MAX_FACTS = 5  # new amounts, and new dates, shown of a step
GLANCE = 4  # the closest steps before the story, and the closest after it
_MAX_REASONS = 6  # shared names and words in the sentence that says why
_MAX_LEAD = 280  # characters

Copies = Mapping[int, Sequence[LineageRecord]]
"""Lineage -> its copies."""


@dataclass(frozen=True, slots=True)
class Member:
    """A story of the affair.

    Attributes:
        record: The story.
        role: What it is to the story of the dossier.
        ranked: Its tie to that story, if it has one of its own.
    """

    record: LineageRecord
    role: Role
    ranked: RankedStory | None = None


@dataclass(slots=True)
class _Event:
    """One happening of the affair: the member that tells it best, and the other reports of it."""

    member: Member
    reports: list[LineageRecord] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _News:
    """What a step says that no earlier step did, in full."""

    names: tuple[Name, ...]
    amounts: tuple[str, ...]
    dates: tuple[str, ...]


def assemble(
    story: LineageRecord,
    members: Iterable[Member],
    copies: Copies,
    versions: Sequence[Version],
    made_at: datetime,
    left_out: int = 0,
) -> Dossier:
    """Put a dossier together.

    Args:
        story: The story of the dossier.
        members: The other stories of its affair.
        copies: Copies of the story and of its members.
        versions: The story's takes.
        made_at: When the dossier is made.
        left_out: How many stories were too far off to be members.
    """
    usable = [member for member in members if member.record.status is Status.USABLE]
    events = _events([Member(story, Role.STORY), *usable], copies)
    steps = _steps(sorted(events, key=lambda event: _time_order(event.member.record)), copies, len(versions))
    publishers = {
        source.publisher
        for step in steps
        for source in (step.source, *step.copies, *step.reports)
        if source.publisher is not None
    }
    current = story.current.story
    return Dossier(
        story=next(step for step in steps if step.role is Role.STORY),
        status=story.status,
        text=body_paragraphs(current) if story.status is Status.USABLE else (),
        rights=current.rights,
        byline=current.byline,
        versions=tuple(versions),
        steps=tuple(steps),
        glance=_glance(steps),
        involved=_involved(steps, {event.member.record.lineage: event.member.record for event in events}),
        stories=sum(1 + len(step.copies) + len(step.reports) for step in steps),
        publishers=len(publishers),
        left_out=left_out,
        made_at=made_at,
    )


def source_of(record: LineageRecord) -> Source:
    """Return what stands behind a line about this story."""
    story = record.current.story
    return Source(
        id=record.lineage,
        uri=story.uri,
        headline=" ".join(story.title.split()) or story.uri,
        publisher=story.source or story.agency,
        url=web_address(story.url),
        language=story.language,
        at=record.published_at,
    )


def web_address(url: str | None) -> str | None:
    """Return the address if it is one of the web: nothing else may become a link."""
    return url if url is not None and urlsplit(url).scheme in ("http", "https") else None


def _time_order(record: LineageRecord) -> tuple[bool, float, int]:
    """Return a key that sorts by time of publication, undated stories last."""
    at = record.published_at
    return at is None, at.timestamp() if at else 0.0, record.lineage


def _events(members: Sequence[Member], copies: Copies) -> list[_Event]:
    """Return one event per happening. The story of the dossier stands for its own, else the best ranked member does."""
    best_first = sorted(
        members,
        key=lambda member: (member.role is not Role.STORY, -(member.ranked.score if member.ranked else 0)),
    )
    events: dict[object, _Event] = {}
    known: set[int] = set()
    for member in best_first:
        record = member.record
        if record.lineage in known:
            continue
        new_copies = [copy for copy in copies.get(record.lineage, ()) if copy.lineage not in known]
        known |= {record.lineage, *(copy.lineage for copy in new_copies)}
        key = ("alone", record.lineage) if record.happening is None else ("happening", record.happening)
        if key in events:
            events[key].reports.extend([record, *new_copies])
        else:
            events[key] = _Event(member)
    return list(events.values())


def _steps(events: Sequence[_Event], copies: Copies, versions: int) -> list[Step]:
    """Return a step per event.

    Args:
        events: In order of time.
        copies: Copies by lineage.
        versions: How many takes the story of the dossier has.
    """
    known_names: set[str] = set()
    known_facts: set[str] = set()
    steps = []
    for number, event in enumerate(events, start=1):
        news = _news(event.member.record, known_names, known_facts)
        steps.append(_step(number, event, news, copies, versions))
    return steps


def _news(record: LineageRecord, known_names: set[str], known_facts: set[str]) -> _News:
    """Return what a story says that none before it did, and add it to what is known."""
    enrichment = record.enrichment
    entities = sorted(enrichment.entities, key=lambda entity: -entity.salience) if enrichment else []
    amounts = [amount_text(amount) for amount in (enrichment.amounts if enrichment else ())]
    dates = time_phrases(" ".join(body_paragraphs(record.current.story)))
    news = _News(
        names=tuple(_name_of(entity) for entity in entities if entity.name.casefold() not in known_names),
        amounts=tuple(amount for amount in dict.fromkeys(amounts) if amount.casefold() not in known_facts),
        dates=tuple(date for date in dates if date.casefold() not in known_facts),
    )
    known_names |= {entity.name.casefold() for entity in entities}
    known_facts |= {fact.casefold() for fact in (*amounts, *dates)}
    return news


def _step(number: int, event: _Event, news: _News, copies: Copies, versions: int) -> Step:
    record, ranked = event.member.record, event.member.ranked
    reasons = ranked.reasons if ranked else ()
    return Step(
        number=number,
        role=event.member.role,
        source=source_of(record),
        lead=truncate_words(" ".join(body_paragraphs(record.current.story)[:1]), _MAX_LEAD),
        corrected=record.corrected,
        versions=versions if event.member.role is Role.STORY else record.current.version,
        kind=next((reason.value for reason in reasons if reason.kind == "step"), None),
        score=ranked.score if ranked else None,
        reasons=reasons,
        why=describe_reasons([reason for reason in reasons if reason.kind != "step"], _MAX_REASONS),
        names=news.names[:MAX_NAMES],
        more_names=max(0, len(news.names) - MAX_NAMES),
        amounts=news.amounts[:MAX_FACTS],
        dates=news.dates[:MAX_FACTS],
        copies=tuple(source_of(copy) for copy in copies.get(record.lineage, ())),
        reports=tuple(source_of(report) for report in sorted(event.reports, key=_time_order)),
    )


def _glance(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the closest steps on either side, in order of time; none where all can be seen at a glance anyway."""
    if len(steps) <= 2 * GLANCE:
        return ()
    best = sorted(
        (step for step in steps if step.score is not None), key=lambda step: (-(step.score or 0), step.number)
    )
    before = [step for step in best if step.role is Role.BACKGROUND][:GLANCE]
    after = [step for step in best if step.role is Role.FOLLOWUP][: 2 * GLANCE - len(before)]
    return tuple(sorted([*before, *after], key=lambda step: step.number))


def _name_of(entity: Entity) -> Name:
    return Name(entity.entity_id, entity.name, entity.type.value)


def _involved(steps: Sequence[Step], records: Mapping[int, LineageRecord]) -> tuple[Involved, ...]:
    """Return those whom most of the affair is about: they are in the story, or in two steps.

    Args:
        steps: In order of time.
        records: The stories of the steps, by lineage.

    Returns:
        Those with the largest salience over all steps, by kind, then by the step that names them first.
    """
    salience: dict[str, float] = {}
    names: dict[str, Name] = {}
    named_in: dict[str, list[int]] = {}
    of_the_story: set[str] = set()
    for step in steps:
        enrichment = records[step.source.id].enrichment
        for entity in enrichment.entities if enrichment else ():
            key = entity.name.casefold()
            names.setdefault(key, _name_of(entity))
            salience[key] = salience.get(key, 0.0) + entity.salience
            numbers = named_in.setdefault(key, [])
            if not numbers or numbers[-1] != step.number:
                numbers.append(step.number)
            if step.role is Role.STORY:
                of_the_story.add(key)
    chosen = [key for key in names if key in of_the_story or len(named_in[key]) > 1]
    chosen.sort(key=lambda key: (-salience[key], key))
    kinds = list(MAX_INVOLVED)
    best = [key for kind in kinds for key in [k for k in chosen if names[k].kind == kind][: MAX_INVOLVED[kind]]]
    best.sort(key=lambda key: (kinds.index(names[key].kind), named_in[key][0], -salience[key]))
    return tuple(Involved(name=names[key], steps=tuple(named_in[key])) for key in best)
