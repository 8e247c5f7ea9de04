"""A dossier: one story's whole affair in the order of time, with who came in when and what each step added. Pure.

ranked follow-ups and background, members of the thread -> usable stories, one a happening -> in order of time
-> what each says that none before it did -> who is involved, from when to when
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from pipeline.models import Entity, EntityType, LineageRecord, Reason, Status
from pipeline.reason_wording import describe_reasons
from pipeline.relate.dossier.dates import dates_in
from pipeline.relate.followups import RankedStory
from pipeline.relate.ranking.explain import amount_text
from pipeline.text.difference import Paragraph, Piece
from pipeline.text.truncate import truncate_words
from pipeline.wire.body import body_paragraphs

INVOLVED = {  # how many of each kind are told of at most, in the order in which they are told
    EntityType.PERSON.value: 10,
    EntityType.ORGANIZATION.value: 10,
    EntityType.PRODUCT.value: 8,
    EntityType.NAMED_EVENT.value: 4,
    EntityType.PLACE.value: 8,
}
NAMES = 8  # new names told of a step; the rest are counted
FACTS = 5  # new amounts, and new dates, told of a step
GLANCE = 4  # the closest steps before the story, and the closest after it
_SHARED = 6
_LEAD = 280


class Place(StrEnum):
    """Where a step stands in the affair."""

    BACKGROUND = "background"
    STORY = "story"
    FOLLOWUP = "followup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The story behind a line. url: where it can be read, if the publisher gave an address on the web."""

    id: int
    uri: str
    headline: str
    publisher: str | None
    url: str | None
    language: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Name:
    """A person, organization, place, product or event. kind: an EntityType's value."""

    id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One event of the affair, by the story that tells it best.

    number: from 1, in order of time. score, reasons, why: of its tie to the story; None and empty for the story itself
    and for members of its thread that are tied to it by others only. names, amounts, dates: what no earlier step said;
    more_names: how many names more. copies: the same text elsewhere; reports: other stories of the same happening.
    """

    number: int
    place: Place
    source: Source
    lead: str
    corrected: bool
    versions: int
    kind: str | None
    score: float | None
    reasons: tuple[Reason, ...]
    why: str
    names: tuple[Name, ...]
    more_names: int
    amounts: tuple[str, ...]
    dates: tuple[str, ...]
    copies: tuple[Source, ...] = ()
    reports: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Involved:
    """Somebody or something that the affair is about. steps: the numbers of the steps that name it, ascending."""

    name: Name
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One take of the story. changes: its paragraphs against the take before; None where it may not be shown."""

    number: int
    take: str
    status: str
    at: datetime | None
    headline: str
    headline_pieces: tuple[Piece, ...]
    note: str | None
    url: str | None
    changes: tuple[Paragraph, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """The whole of it.

    text: the story's paragraphs, none unless it is usable. glance: the closest steps. stories: how many are told of,
    copies and other reports included; publishers: of how many. left_out: how many of the follow-ups and background
    are too far off to be told.
    """

    story: Step
    status: Status
    text: tuple[str, ...]
    rights: str | None
    byline: str | None
    versions: tuple[Version, ...]
    steps: tuple[Step, ...]
    glance: tuple[Step, ...]
    involved: tuple[Involved, ...]
    stories: int
    publishers: int
    left_out: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A story of the affair, before it has its place. ranked: its tie to the story, if it has one of its own."""

    record: LineageRecord
    place: Place
    ranked: RankedStory | None = None


def assemble(
    story: LineageRecord,
    members: Iterable[Member],
    copies: Mapping[int, Sequence[LineageRecord]],
    versions: Sequence[Version],
    made_at: datetime,
    left_out: int = 0,
) -> Dossier:
    """Put a dossier together. members: without the story itself; copies: by lineage, the story's own included."""
    own = Member(story, Place.STORY)
    told = _one_a_happening([own, *(one for one in members if one.record.status is Status.USABLE)], copies)
    steps = _steps(sorted(told, key=lambda pair: _moment(pair[0])), copies, len(versions))
    publishers = {
        source.publisher
        for step in steps
        for source in (step.source, *step.copies, *step.reports)
        if source.publisher is not None
    }
    current = story.current.story
    return Dossier(
        story=next(step for step in steps if step.place is Place.STORY),
        status=story.status,
        text=body_paragraphs(current) if story.status is Status.USABLE else (),
        rights=current.rights,
        byline=current.byline,
        versions=tuple(versions),
        steps=tuple(steps),
        glance=_glance(steps),
        involved=_involved(steps, {member.record.lineage: member.record for member, _ in told}),
        stories=sum(1 + len(step.copies) + len(step.reports) for step in steps),
        publishers=len(publishers),
        left_out=left_out,
        made_at=made_at,
    )


def source(record: LineageRecord) -> Source:
    """What stands behind a line about this story."""
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
    """The address if it is one of the web: nothing else may become a link."""
    return url if url is not None and urlsplit(url).scheme in ("http", "https") else None


def _moment(member: Member) -> tuple[bool, float, int]:
    at = member.record.published_at
    return at is None, at.timestamp() if at else 0.0, member.record.lineage


def _one_a_happening(
    members: Sequence[Member], copies: Mapping[int, Sequence[LineageRecord]]
) -> list[tuple[Member, list[LineageRecord]]]:
    """Each happening's best member with the other reports of it, no copies; the story stands for its own."""
    ordered = sorted(members, key=lambda one: (one.place is not Place.STORY, -(one.ranked.score if one.ranked else 0)))
    told: dict[object, tuple[Member, list[LineageRecord]]] = {}
    known: set[int] = set()
    for one in ordered:
        if one.record.lineage in known:
            continue
        same = [copy for copy in copies.get(one.record.lineage, ()) if copy.lineage not in known]
        known |= {one.record.lineage, *(copy.lineage for copy in same)}
        key = ("alone", one.record.lineage) if one.record.happening is None else ("happening", one.record.happening)
        if key in told:
            told[key][1].extend([one.record, *same])
        else:
            told[key] = one, []
    return list(told.values())


def _steps(
    told: Sequence[tuple[Member, list[LineageRecord]]], copies: Mapping[int, Sequence[LineageRecord]], versions: int
) -> list[Step]:
    known_names: set[str] = set()
    known_facts: set[str] = set()
    steps = []
    for number, (member, reports) in enumerate(told, start=1):
        found = member.record.enrichment
        entities = sorted(found.entities, key=lambda one: -one.salience) if found else []
        said = {one.name.casefold() for one in entities}
        new = [one for one in entities if one.name.casefold() not in known_names]
        amounts = [amount_text(one) for one in (found.amounts if found else ())]
        dates = dates_in(" ".join(body_paragraphs(member.record.current.story)))
        steps.append(
            _step(
                number,
                member,
                names=tuple(_name(one) for one in new),
                amounts=tuple(one for one in dict.fromkeys(amounts) if one.casefold() not in known_facts),
                dates=tuple(one for one in dates if one.casefold() not in known_facts),
                copies=tuple(source(one) for one in copies.get(member.record.lineage, ())),
                reports=tuple(
                    source(one) for one in sorted(reports, key=lambda one: _moment(Member(one, Place.STORY)))
                ),
                versions=versions if member.place is Place.STORY else member.record.current.version,
            )
        )
        known_names |= said
        known_facts |= {one.casefold() for one in (*amounts, *dates)}
    return steps


def _glance(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The closest steps on either side, in order of time; none where all can be seen at a glance anyway."""
    if len(steps) <= 2 * GLANCE:
        return ()
    best = sorted(
        (step for step in steps if step.score is not None), key=lambda step: (-(step.score or 0), step.number)
    )
    before = [step for step in best if step.place is Place.BACKGROUND][:GLANCE]
    after = [step for step in best if step.place is Place.FOLLOWUP][: 2 * GLANCE - len(before)]
    return tuple(sorted([*before, *after], key=lambda step: step.number))


def _step(
    number: int,
    member: Member,
    *,
    names: tuple[Name, ...],
    amounts: tuple[str, ...],
    dates: tuple[str, ...],
    copies: tuple[Source, ...],
    reports: tuple[Source, ...],
    versions: int,
) -> Step:
    record, ranked = member.record, member.ranked
    reasons = ranked.reasons if ranked else ()
    return Step(
        number=number,
        place=member.place,
        source=source(record),
        lead=truncate_words(" ".join(body_paragraphs(record.current.story)[:1]), _LEAD),
        corrected=record.corrected,
        versions=versions,
        kind=next((reason.value for reason in reasons if reason.kind == "step"), None),
        score=ranked.score if ranked else None,
        reasons=reasons,
        why=describe_reasons([reason for reason in reasons if reason.kind != "step"], _SHARED),
        names=names[:NAMES],
        more_names=max(0, len(names) - NAMES),
        amounts=amounts[:FACTS],
        dates=dates[:FACTS],
        copies=copies,
        reports=reports,
    )


def _name(entity: Entity) -> Name:
    return Name(entity.entity_id, entity.name, entity.type.value)


def _involved(steps: Sequence[Step], records: Mapping[int, LineageRecord]) -> tuple[Involved, ...]:
    """Those whom most of the affair is about: in the story, or in two steps; weighed by salience over all steps."""
    weights: dict[str, float] = {}
    named: dict[str, Name] = {}
    places: dict[str, list[int]] = {}
    of_the_story: set[str] = set()
    for step in steps:
        found = records[step.source.id].enrichment
        for one in found.entities if found else ():
            key = one.name.casefold()
            named.setdefault(key, _name(one))
            weights[key] = weights.get(key, 0.0) + one.salience
            if not places.get(key) or places[key][-1] != step.number:
                places.setdefault(key, []).append(step.number)
            if step.place is Place.STORY:
                of_the_story.add(key)
    chosen = [key for key in named if key in of_the_story or len(places[key]) > 1]
    chosen.sort(key=lambda key: (-weights[key], key))
    best = [key for kind, most in INVOLVED.items() for key in [k for k in chosen if named[k].kind == kind][:most]]
    kinds = list(INVOLVED)
    best.sort(key=lambda key: (kinds.index(named[key].kind), places[key][0], -weights[key]))
    return tuple(Involved(name=named[key], steps=tuple(places[key])) for key in best)
