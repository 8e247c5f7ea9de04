"""Writing happenings and threads: which stories tell of which happening, and which happening follows up which.

The happenings are a forest: each has at most one parent, an earlier happening; a tree is a thread. What a happening's
parent is follows from the links of its stories and from marks (``threads_choice``), whatever the order of arrival.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy import bindparam as bind

from pipeline.models import GroupKind, HappeningAssignment, Status
from pipeline.store.db import happening_tables as tt
from pipeline.store.db import tables as t
from pipeline.store.db.statements import allocate_ids, chunks, insert_new, insert_rows
from pipeline.store.happenings.forest import happenings_of, rethread
from pipeline.store.happenings.rulings import pins, repin

_l, _h = t.lineages.c, tt.happenings.c
_MOVED = update(t.lineages).where(_l.id == bind("lineage_id")).values(happening=bind("now_happening"))


def save_assignments(
    connection: Connection,
    gathered: Sequence[HappeningAssignment],
    relinked: Collection[int] = (),
    by: str | None = None,
    at: int | None = None,
) -> set[int]:
    """Write who tells of which happening, and the threads that follow from it; the lineages whose ids changed.

    relinked: lineages whose background changed. by, at: the operator behind it and when, microseconds.
    """
    moves = _moves(connection, gathered)
    left = {before for before, _ in moves.values() if before is not None}
    joined = {after for _, after in moves.values()}
    if moves:
        rows = [{"lineage_id": lineage, "now_happening": after} for lineage, (_, after) in sorted(moves.items())]
        connection.execute(_MOVED, rows)
    new = sorted(joined - _existing(connection, joined))
    threads = dict(zip(new, allocate_ids(connection, "items", len(new)), strict=True)) if new else {}
    insert_new(
        connection,
        tt.happenings,
        [{"id": key, "thread": threads[key], "parent": None, "score": None, "first_at": None} for key in new],
    )
    overtaken = date_happenings(connection, left | joined)
    _record_moves(connection, moves, by, at)
    concerned = (
        left | joined | set(happenings_of(connection, relinked).values()) | _following(connection, left | overtaken)
    )
    return set(moves) | rethread(connection, concerned, frozenset(new), by, at)


def _moves(connection: Connection, gathered: Sequence[HappeningAssignment]) -> dict[int, tuple[int | None, int]]:
    """Lineage -> (its happening before, from now on), for those that may be shown and whose happening changes."""
    named = {lineage for one in gathered for lineage in one.lineages}
    absorbed = {happening for one in gathered for happening in one.absorbs}
    before: dict[int, int | None] = {}
    whole: dict[int, list[int]] = {}
    shown = select(_l.id, _l.happening).where(_l.status == Status.USABLE, _l.joined_to.is_(None))
    for some in chunks(sorted(named)):
        before.update((lineage, happening) for lineage, happening in connection.execute(shown.where(_l.id.in_(some))))
    for some in chunks(sorted(absorbed)):
        for lineage, happening in connection.execute(shown.where(_l.happening.in_(some))):
            before[lineage] = happening
            whole.setdefault(happening, []).append(lineage)
    moves: dict[int, tuple[int | None, int]] = {}
    for one in gathered:
        lineages = [*one.lineages, *(lineage for happening in one.absorbs for lineage in whole.get(happening, ()))]
        known = [lineage for lineage in dict.fromkeys(lineages) if lineage in before]
        if not known:
            continue
        now = allocate_ids(connection, "items", 1)[0] if one.happening is None else one.happening
        moves.update((lineage, (before[lineage], now)) for lineage in known if before[lineage] != now)
    return moves


def _existing(connection: Connection, happenings: Collection[int]) -> set[int]:
    found: set[int] = set()
    for some in chunks(sorted(happenings)):
        found.update(connection.execute(select(_h.id).where(_h.id.in_(some))).scalars())
    return found


def date_happenings(connection: Connection, happenings: Iterable[int]) -> set[int]:
    """Note when each begins: with the first dated story that tells of it. One that all have left keeps its date. Those
    that now begin later than before."""
    rows, overtaken = [], set()
    for happening in sorted(happenings):
        told = select(_l.published_at).where(_l.happening == happening)
        first = connection.execute(told.order_by(_l.published_at.is_(None), _l.published_at).limit(1)).one_or_none()
        if first is None:
            continue
        before = connection.execute(select(_h.first_at).where(_h.id == happening)).scalar()
        if before is not None and (first[0] is None or first[0] > before):
            overtaken.add(happening)
        if first[0] != before:
            rows.append({"happening_id": happening, "now_first": first[0]})
    if rows:
        statement = update(tt.happenings).where(_h.id == bind("happening_id")).values(first_at=bind("now_first"))
        connection.execute(statement, rows)
    return overtaken


def _following(connection: Connection, happenings: Collection[int]) -> set[int]:
    found: set[int] = set()
    for some in chunks(sorted(happenings)):
        found.update(connection.execute(select(_h.id).where(_h.parent.in_(some))).scalars())
    return found


def _record_moves(
    connection: Connection, moves: Mapping[int, tuple[int | None, int]], by: str | None, at: int | None
) -> None:
    counted = Counter((before, after) for before, after in moves.values() if before is not None)
    rows = []
    for (before, after), stories in sorted(counted.items()):
        stayed = connection.execute(select(_l.id).where(_l.happening == before).limit(1)).scalar() is not None
        rows.append(change(GroupKind.HAPPENING, before, after, stories, not stayed, by, at))
    insert_rows(connection, tt.group_changes, rows)


def change(
    kind: GroupKind, left: int, joined: int, stories: int, merge: bool, by: str | None, at: int | None
) -> dict[str, Any]:
    """A row of the log of merges and splits."""
    return {
        "kind": kind,
        "left_group": left,
        "joined_group": joined,
        "stories": stories,
        "merge": merge,
        "by": by,
        "at": at,
    }


def leave(connection: Connection, lineages: Collection[int]) -> set[int]:
    """These may not be shown any more, or go by another id: they tell of no happening. Their happenings stay, empty
    ones too, for what follows them. Those lineages whose thread changed by it: a happening may come to be later than
    one that follows it."""
    left = happenings_of(connection, lineages)
    pinned = pins(connection, left)
    for some in chunks(sorted(left)):
        connection.execute(update(t.lineages).where(_l.id.in_(some)).values(happening=None, thread=None))
    repin(connection, pinned, left)
    overtaken = date_happenings(connection, set(left.values()))
    return rethread(connection, overtaken | _following(connection, overtaken), frozenset(), None, None)
