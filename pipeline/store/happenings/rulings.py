"""What operators rule on happenings and threads. Rulings in, the groups that follow from them out.

A ruling on happenings is on two stories. In order: "same" takes the one story to the other's happening; "different"
takes it to a new one, where the two are together. So the rulings themselves can be applied again, to any store that has
the stories, with the same result. Of several on one pair the latest stands.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count, dropwhile

from sqlalchemy import Connection, delete, or_, select, update

from pipeline.models import GroupKind, HappeningAssignment, Ruling
from pipeline.store.db import happening_tables as tt
from pipeline.store.db import tables as t
from pipeline.store.db.epoch import from_epoch_us
from pipeline.store.db.statements import chunks
from pipeline.store.happenings.forest import first_members, happenings_of

MOST = 100  # stories of a happening, the first, that a merge or split is ruled on one by one

_r = tt.rulings.c
_one, _other = t.items.alias("one_item"), t.items.alias("other_item")
_RULED = (
    select(_r.kind, _one.c.lineage, _other.c.lineage, _r.same, _r.by, _r.at)
    .select_from(tt.rulings.join(_one, _one.c.id == _r.one).outerjoin(_other, _other.c.id == _r.other))
    .order_by(_r.id)
)  # fmt: skip


def all_rulings(connection: Connection) -> list[Ruling]:
    """Every ruling, oldest first, by the lineages that their stories belong to now."""
    return [_ruling(*row) for row in connection.execute(_RULED)]


def _ruling(kind: str, one: int, other: int | None, same: bool, by: str, at: int) -> Ruling:
    return Ruling(GroupKind(kind), one, other, same, by, from_epoch_us(at))


def rulings_between(connection: Connection, lineages: Collection[int]) -> list[Ruling]:
    """What stands as ruled between these lineages: that they tell of one happening, or of two. Stories that are ruled
    to be one with a third are one, and apart from what that is apart from, also when the third is not among these (or
    withdrawn)."""
    if not _is_any_ruled(connection):
        return []
    pairs = _pairs(_around(connection, lineages))
    event, said = _events(pairs)
    members: dict[int, list[int]] = {}
    for story in sorted(event.keys() & set(lineages), key=lambda one: (one in said, one)):
        members.setdefault(event[story], []).append(story)
    standing = [replace(said[one], one=one, other=told[0]) for told in members.values() for one in told[1:]]
    latest = {frozenset((one, other)): (one, other, ruling) for one, other, ruling in pairs}
    apart: dict[frozenset[int], Ruling] = {}
    for one, other, ruling in latest.values():
        first, second = (_standing_for(end, members.get(event[end], ())) for end in (one, other))
        if not ruling.same and first is not None and second is not None and event[one] != event[other]:
            apart[frozenset((first, second))] = replace(ruling, one=first, other=second)
    return standing + list(apart.values())


def _is_any_ruled(connection: Connection) -> bool:
    return connection.execute(select(_r.id).where(_r.kind == GroupKind.HAPPENING).limit(1)).scalar() is not None


def _around(connection: Connection, lineages: Collection[int]) -> list[Ruling]:
    """The rulings on the happenings of these lineages and of those that they were ever tied to, oldest first."""
    found: dict[int, Ruling] = {}
    seen = frontier = set(lineages)
    while frontier:
        tied: set[int] = set()
        for some in chunks(sorted(frontier)):
            touching = or_(_one.c.lineage.in_(some), _other.c.lineage.in_(some))
            statement = _RULED.add_columns(_r.id).where(_r.kind == GroupKind.HAPPENING, touching)
            for *row, number in connection.execute(statement):
                found[number] = ruling = _ruling(*row)
                tied |= {ruling.one, ruling.other or ruling.one} if ruling.same else set()
        frontier = tied - seen
        seen = seen | frontier
    return [found[number] for number in sorted(found)]


def _pairs(rulings: Iterable[Ruling]) -> list[tuple[int, int, Ruling]]:
    return [(one.one, one.other, one) for one in rulings if one.other is not None and one.other != one.one]


def _events(pairs: Iterable[tuple[int, int, Ruling]]) -> tuple[dict[int, int], dict[int, Ruling]]:
    """Story -> a number of the event that it tells of by these rulings, in their order; and the ruling that brought it
    there: of each event one story at most was there before."""
    event: dict[int, int] = {}
    said: dict[int, Ruling] = {}
    fresh = count()
    for one, other, ruling in pairs:
        mine, its = event.setdefault(one, next(fresh)), event.setdefault(other, next(fresh))
        if ruling.same and mine != its:
            event[one], said[one] = its, ruling
        elif not ruling.same and mine == its:
            event[one] = next(fresh)
            said.pop(one, None)
    return event, said


def _standing_for(story: int, members: Sequence[int]) -> int | None:
    """The story itself if it is of these members of its event, else the first of them."""
    return story if story in members else next(iter(members), None)


def drop_overruled(connection: Connection, gathered: Sequence[HappeningAssignment]) -> list[HappeningAssignment]:
    """What relating found, without that which ends what rulings brought about: they were made while it was at work.
    Stories of that which are of no happening yet are alone, until they are looked at again."""
    if not gathered or not _is_any_ruled(connection):
        return list(gathered)
    now = happenings_of(connection, {lineage for one in gathered for lineage in one.lineages})
    named = {happening for one in gathered for happening in (one.happening, *one.absorbs) if happening is not None}
    whole = first_members(connection, sorted(named.union(now.values())), MOST)
    now |= {lineage: happening for happening, told in whole.items() for lineage in told}
    groups = [{*one.lineages, *(story for part in one.absorbs for story in whole[part])} for one in gathered]
    after: dict[int, int] = dict(now)
    for number, (one, group) in enumerate(zip(gathered, groups, strict=True), start=1):
        after |= dict.fromkeys(group, -number if one.happening is None else one.happening)
    against: set[int] = set()
    for first, second, ruling in _pairs(rulings_between(connection, after)):
        if _holds(ruling, now.get(first), now.get(second)) and not _holds(ruling, after[first], after[second]):
            against |= {first, second}
    kept = [one for one, group in zip(gathered, groups, strict=True) if group.isdisjoint(against)]
    placed = {lineage for one in kept for lineage in one.lineages} | now.keys()
    alone = {lineage for one in gathered for lineage in one.lineages} - placed
    return kept + [HappeningAssignment(None, (lineage,)) for lineage in sorted(alone)]


def _holds(ruling: Ruling, one: int | None, other: int | None) -> bool:
    """Whether two stories of these happenings are as was ruled."""
    return (one is not None and one == other) == ruling.same


def due(connection: Connection, rulings: Iterable[Ruling]) -> list[Ruling]:
    """Those of these rulings that are to be made, in their order: from the first on that is not the latest on its
    stories by then. What is known of them is deleted: made again, they are the latest."""
    known = {number: _ruling(*row) for *row, number in connection.execute(_RULED.add_columns(_r.id))}
    latest = {_subject(ruling): ruling for ruling in known.values()}
    meant = [ruling for ruling in rulings if ruling.one != ruling.other]
    wanted = {_subject(ruling): ruling for ruling in meant}
    made = list(dropwhile(lambda one: latest.get(_subject(one)) == wanted[_subject(one)], meant))
    again = set(made)
    outdated = {number for number, ruling in known.items() if ruling in again}
    for some in chunks(sorted(outdated)):
        connection.execute(delete(tt.rulings).where(_r.id.in_(some)))
    return made


def _subject(ruling: Ruling) -> tuple[GroupKind, frozenset[int | None]]:
    return ruling.kind, frozenset((ruling.one, ruling.other))


def merging(first: Sequence[int], second: Sequence[int], by: str, at: datetime) -> list[Ruling]:
    """All stories of two happenings, here their first ones, tell of the event of the first one's first story."""
    head = first[0]
    return [Ruling(GroupKind.HAPPENING, story, head, True, by, at) for story in (*second, *first[1:])]


def splitting(leaving: Sequence[int], staying: Sequence[int], by: str, at: datetime) -> list[Ruling]:
    """These stories tell of an event of their own, none of those that stay does."""
    head = leaving[0]
    ruled = []
    for story in leaving:
        if story != head:
            ruled.append(Ruling(GroupKind.HAPPENING, story, head, True, by, at))
        ruled += [Ruling(GroupKind.HAPPENING, story, other, False, by, at) for other in staying[:MOST]]
    return ruled


def applied(rulings: Iterable[Ruling], known: Mapping[int, int]) -> list[HappeningAssignment]:
    """The happenings that follow from rulings on happenings in this order. known: lineage -> its happening. A story
    that has none, being withdrawn, still holds together those that are ruled to be one with it."""
    now = dict(known)
    fresh = 0
    for one, other, ruling in _pairs(rulings):
        if ruling.same and one in now and other in now:
            now[one] = now[other]
        elif ruling.same and (one in now or other in now):
            now[one] = now[other] = now[one] if one in now else now[other]
        elif one in now and now[one] == now.get(other):
            fresh -= 1
            now[one] = fresh
    groups: dict[int, list[int]] = {}
    for lineage, happening in known.items():
        if now[lineage] != happening:
            groups.setdefault(now[lineage], []).append(lineage)
    return [
        HappeningAssignment(key if key > 0 else None, tuple(told)) for key, told in sorted(groups.items(), reverse=True)
    ]


# --------------------------------------------------------------------------- threads


def pins(connection: Connection, lineages: Iterable[int]) -> list[tuple[int, str, int]]:
    """Where rulings on threads name these lineages: the ruling's number, its column, the lineage."""
    found: list[tuple[int, str, int]] = []
    wanted = set(lineages)
    for some in chunks(sorted(wanted)):
        touching = or_(_one.c.lineage.in_(some), _other.c.lineage.in_(some))
        numbered = _RULED.with_only_columns(_r.id, _one.c.lineage, _other.c.lineage)
        for number, one, other in connection.execute(numbered.where(_r.kind == GroupKind.THREAD, touching)):
            found += [(number, name, end) for name, end in (("one", one), ("other", other)) if end in some]
    return found


def repin(connection: Connection, pinned: Iterable[tuple[int, str, int]], left: Mapping[int, int]) -> None:
    """What was ruled on a happening's thread stands though the story that it names has left it: from now on the ruling
    names the first of those that stay, if any. left: lineage -> the happening that it was of."""
    for number, name, lineage in pinned:
        stays = first_members(connection, (left[lineage],), 1)[left[lineage]]
        if stays:
            connection.execute(update(tt.rulings).where(_r.id == number).values({name: stays[0]}))
