"""What operators rule on happenings and threads. Pure but for reading: rows in, the groups that follow from them out.

A ruling on happenings is on two stories. In order: "same" takes the one story to the other's happening; "different"
takes it to a new one, where the two are together. So the rulings themselves can be applied again, to any store that has
the stories, with the same result. Of several on one pair the latest stands.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, or_, select

from pipeline.models import Gathered, GroupKind, Ruling
from pipeline.store import tables as t
from pipeline.store import threads_tables as tt
from pipeline.store.clean import at_micros
from pipeline.store.rows import chunks

MOST = 100  # stories of a happening, the first, that a merge or split is ruled on one by one

_r = tt.rulings.c
_one, _other = t.items.alias("one_item"), t.items.alias("other_item")
_RULED = (
    select(_r.kind, _one.c.lineage, _other.c.lineage, _r.same, _r.by, _r.at)
    .select_from(tt.rulings.join(_one, _one.c.id == _r.one).outerjoin(_other, _other.c.id == _r.other))
    .order_by(_r.id)
)  # fmt: skip


def load_rulings(connection: Connection, statement: Select[Any]) -> list[Ruling]:
    """Rulings by the lineages that their stories belong to now."""
    return [
        Ruling(GroupKind(kind), one, other, same, by, at_micros(at))
        for kind, one, other, same, by, at in connection.execute(statement)
    ]


def all_rulings(connection: Connection) -> list[Ruling]:
    """Every ruling, oldest first."""
    return load_rulings(connection, _RULED)


def standing_rulings(connection: Connection, lineages: Collection[int]) -> list[Ruling]:
    """The latest ruling on each pair of these lineages that was ruled to tell of one happening, or of two."""
    known = set(lineages)
    latest: dict[tuple[int, int], Ruling] = {}
    if connection.execute(select(_r.id).where(_r.kind == GroupKind.HAPPENING).limit(1)).scalar() is None:
        return []
    for some in chunks(sorted(known)):
        touching = or_(_one.c.lineage.in_(some), _other.c.lineage.in_(some))
        for ruling in load_rulings(connection, _RULED.where(_r.kind == GroupKind.HAPPENING, touching)):
            if ruling.other is not None and {ruling.one, ruling.other} <= known:
                latest[min(ruling.one, ruling.other), max(ruling.one, ruling.other)] = ruling
    return list(latest.values())


def merging(first: Sequence[int], second: Sequence[int], by: str, at: datetime) -> list[Ruling]:
    """All stories of two happenings tell of the event of the first one's first story."""
    head = first[0]
    told = [*second[:MOST], *first[1:MOST]]
    return [Ruling(GroupKind.HAPPENING, story, head, True, by, at) for story in told if story != head]


def splitting(leaving: Sequence[int], staying: Sequence[int], by: str, at: datetime) -> list[Ruling]:
    """These stories tell of an event of their own, none of those that stay does."""
    head = leaving[0]
    ruled = []
    for story in leaving:
        if story != head:
            ruled.append(Ruling(GroupKind.HAPPENING, story, head, True, by, at))
        ruled += [Ruling(GroupKind.HAPPENING, story, other, False, by, at) for other in staying[:MOST]]
    return ruled


def applied(rulings: Iterable[Ruling], known: Mapping[int, int]) -> list[Gathered]:
    """The happenings that follow from rulings on happenings in this order. known: lineage -> its happening."""
    now = dict(known)
    fresh = 0
    for ruling in rulings:
        if ruling.other is None or ruling.one not in now or ruling.other not in now:
            continue
        if ruling.same:
            now[ruling.one] = now[ruling.other]
        elif now[ruling.one] == now[ruling.other]:
            fresh -= 1
            now[ruling.one] = fresh
    groups: dict[int, list[int]] = {}
    for lineage, happening in now.items():
        if happening != known[lineage]:
            groups.setdefault(happening, []).append(lineage)
    return [Gathered(key if key > 0 else None, tuple(told)) for key, told in sorted(groups.items(), reverse=True)]
