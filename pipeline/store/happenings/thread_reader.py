"""Reading a thread: its happenings in order of time, with their stories and what each adds."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, or_, select

from pipeline.errors import NotFoundError
from pipeline.models import GroupChange, GroupKind, HappeningStory, HappeningView, Status, ThreadSummary, ThreadView
from pipeline.store.db import happening_tables as tt
from pipeline.store.db import tables as t
from pipeline.store.db.epoch import from_epoch_us
from pipeline.store.db.json_codec import load_strings
from pipeline.store.db.statements import chunks
from pipeline.store.happenings.forest import has_stories
from pipeline.store.stories.load import canonical_lineages

_l, _h, _k, _v, _i, _g = t.lineages.c, tt.happenings.c, t.links.c, t.versions.c, t.items.c, tt.group_changes.c
_UNDATED = 2**62
_CHANGES = select(_g.kind, _g.left_group, _g.joined_group, _g.stories, _g.merge, _g.by, _g.at)


def thread_of(connection: Connection, number: int) -> int:
    """The thread that a thread's, a happening's or a story's number means; of what was merged, the one that took it in.
    Raises NotFoundError, also where nothing of the thread may be shown any more."""
    for thread in _meant(connection, number):
        if has_stories(connection, thread):
            return thread
    raise NotFoundError(f"{number} names no thread, no happening, and no story that is in one")


def happening_of(connection: Connection, number: int) -> int:
    """The happening that a happening's or a story's number means; of what was merged, the one that took it in.
    Raises NotFoundError, also where nothing tells of the happening any more."""
    told = select(_l.happening).join(t.items, _i.lineage == _l.id).where(_i.id == number, _l.happening.is_not(None))
    happening: int | None = connection.execute(told).scalar()
    if happening is None:
        happening = _told_in(connection, number)
    if happening is None:
        raise NotFoundError(f"{number} names no happening, and no story that is in one")
    return happening


def _meant(connection: Connection, number: int) -> Iterator[int]:
    """The threads that a number may mean, those first that it means before others."""
    lineage = canonical_lineages(connection, [number]).get(number, number)
    own = select(_l.thread).join(t.items, _i.lineage == _l.id).where(_i.id == number, _l.thread.is_not(None))
    yield from connection.execute(select(_l.thread).where(_l.id == lineage, _l.thread.is_not(None))).scalars()
    yield from connection.execute(own).scalars()
    yield from _threads(connection, [_told_in(connection, number), number])
    for thread in _trail(connection, GroupKind.THREAD, number):
        yield thread
        emptied = connection.execute(select(_h.id).where(_h.thread == thread).order_by(_h.first_at, _h.id)).scalars()
        yield from _threads(connection, [_told_in(connection, happening) for happening in emptied.all()])


def _threads(connection: Connection, happenings: Iterable[int | None]) -> Iterator[int]:
    for happening in happenings:
        yield from connection.execute(select(_h.thread).where(_h.id == happening)).scalars()


def _told_in(connection: Connection, happening: int) -> int | None:
    """The happening itself if any story tells of it, else the one that it is part of by now, if any."""
    for one in _trail(connection, GroupKind.HAPPENING, happening):
        if connection.execute(select(_l.id).where(_l.happening == one).limit(1)).scalar() is not None:
            return one
    return None


def _trail(connection: Connection, kind: GroupKind, number: int) -> Iterator[int]:
    """A happening or thread and those that it became part of, one merge after the other."""
    merged = select(_g.joined_group).where(_g.kind == kind, _g.merge).order_by(_g.stories.desc(), _g.id.desc()).limit(1)
    seen: set[int] = set()
    following: int | None = number
    while following is not None and following not in seen:
        yield following
        seen.add(following)
        following = connection.execute(merged.where(_g.left_group == following)).scalar()


def latest_threads(connection: Connection, limit: int) -> list[ThreadSummary]:
    """Threads of two happenings and more, those first whose latest story is the newest."""
    happenings, last = func.count(_l.happening.distinct()), func.max(_l.published_at)
    columns = select(_l.thread, happenings, func.count(), func.min(_l.published_at), last)
    grouped = columns.where(_l.thread.is_not(None)).group_by(_l.thread).having(happenings > 1)
    rows = connection.execute(grouped.order_by(last.is_(None), last.desc(), _l.thread).limit(limit)).all()
    told = select(_l.id).order_by(_l.published_at.is_(None), _l.published_at, _l.id).limit(1)
    return [
        ThreadSummary(
            thread=thread,
            happenings=count,
            stories=stories,
            first_at=from_epoch_us(first_at),
            last_at=from_epoch_us(last_at),
            first=connection.execute(told.where(_l.thread == thread)).scalar_one(),
        )
        for thread, count, stories, first_at, last_at in rows
    ]


def read_thread(connection: Connection, number: int, most: int) -> ThreadView:
    """The thread with ``most`` stories of each happening. Raises NotFoundError."""
    thread = thread_of(connection, number)
    nodes = connection.execute(select(_h.id, _h.parent, _h.score, _h.first_at).where(_h.thread == thread)).all()
    told = _told(connection, thread)
    by_happening: dict[int, list[Any]] = {}
    for row in told:
        by_happening.setdefault(row.happening, []).append(row)
    parents = {node.id: node.parent for node in nodes}
    follows = {happening: _shown(parents, happening, by_happening) for happening in by_happening}
    added = _added(connection, follows, {row.id: row.happening for row in told})
    views = [
        _view(node, by_happening[node.id], most, follows[node.id], added.get(node.id, ()))
        for node in sorted(nodes, key=lambda node: (_UNDATED if node.first_at is None else node.first_at, node.id))
        if node.id in by_happening
    ]
    groups = [thread, *parents]
    return ThreadView(thread=thread, happenings=tuple(views), changes=tuple(_changes_of(connection, groups)))


def _shown(parents: Mapping[int, int | None], happening: int, told: Collection[int]) -> int | None:
    """The nearest of those that a happening goes back to, in its thread, that any story still tells of."""
    parent = parents[happening]
    while parent is not None and parent not in told:
        parent = parents.get(parent)
    return parent


def _told(connection: Connection, thread: int) -> Sequence[Any]:
    uri = select(func.min(_i.uri)).where(_i.lineage == _l.id).scalar_subquery()
    columns = select(
        _l.id, _l.happening, uri.label("uri"), _v.headline, _v.source, _l.published_at, _l.status, _l.copies
    )
    joined = columns.select_from(t.lineages.join(t.versions, _v.id == _l.current)).where(_l.thread == thread)
    return connection.execute(joined.order_by(_l.published_at.is_(None), _l.published_at, _l.id)).all()


def _added(
    connection: Connection, parents: Mapping[int, int | None], happening_of_story: Mapping[int, int]
) -> dict[int, tuple[str, ...]]:
    """What the best link from each happening's parent says is new in it."""
    best: dict[int, tuple[float, int, str]] = {}
    columns = select(_k.earlier, _k.later, _k.score, _k.new)
    for some in chunks(sorted(happening_of_story)):
        for earlier, later, score, new in connection.execute(columns.where(_k.later.in_(some))):
            happening = happening_of_story[later]
            if parents.get(happening) is not None and happening_of_story.get(earlier) == parents[happening]:
                rival = (score, -later, new)
                best[happening] = max(rival, best.get(happening, rival))
    return {happening: load_strings(new) for happening, (_, _, new) in best.items()}


def _view(node: Any, told: Sequence[Any], most: int, follows: int | None, new: tuple[str, ...]) -> HappeningView:
    dated = [row.published_at for row in told if row.published_at is not None]
    return HappeningView(
        happening=node.id,
        follows=follows,
        score=node.score if follows == node.parent else None,
        size=len(told),
        first_at=from_epoch_us(min(dated, default=None)),
        last_at=from_epoch_us(max(dated, default=None)),
        stories=tuple(
            HappeningStory(
                lineage=row.id,
                uri=row.uri,
                headline=row.headline,
                source=row.source,
                published_at=from_epoch_us(row.published_at),
                status=Status(row.status),
                copies=row.copies,
            )
            for row in sorted(told, key=lambda row: -row.copies)[:most]
        ),
        new=new,
    )


def _changes_of(connection: Connection, groups: Sequence[int]) -> list[GroupChange]:
    found: dict[int, Any] = {}
    for some in chunks(groups):
        touching = or_(_g.left_group.in_(some), _g.joined_group.in_(some))
        found.update((row.id, row) for row in connection.execute(_CHANGES.add_columns(_g.id).where(touching)))
    return [_change(found[key]) for key in sorted(found)]


def latest_changes(connection: Connection, limit: int, after: int = 0) -> list[GroupChange]:
    """The latest merges and splits, newest first; only those with a number above ``after``."""
    rows = connection.execute(_CHANGES.where(_g.id > after).order_by(_g.id.desc()).limit(limit))
    return [_change(row) for row in rows]


def last_change(connection: Connection) -> int:
    """The number of the latest merge or split, 0 before any."""
    return connection.execute(select(func.max(_g.id))).scalar() or 0


def _change(row: Any) -> GroupChange:
    return GroupChange(
        kind=GroupKind(row.kind),
        left=row.left_group,
        joined=row.joined_group,
        stories=row.stories,
        merge=row.merge,
        by=row.by,
        at=from_epoch_us(row.at),
    )
