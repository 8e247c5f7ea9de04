"""Threads as readers see them: their happenings in order of time, with their stories and what each adds."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from pipeline.models import HappeningStory, HappeningView, Status, ThreadSummary, ThreadView
from pipeline.store.db import tables as t
from pipeline.store.db.epoch import from_epoch_us
from pipeline.store.db.json_codec import load_strings
from pipeline.store.db.statements import chunks
from pipeline.store.happenings.group_changes import load_changes_of
from pipeline.store.happenings.group_numbers import find_thread
from pipeline.store.happenings.happening_rows import HappeningRow, load_happenings_of_thread

_LINEAGES, _LINKS, _VERSIONS, _ITEMS = t.lineages.c, t.links.c, t.versions.c, t.items.c


def load_active_threads(connection: Connection, limit: int) -> list[ThreadSummary]:
    """See ``pipeline.ports.ThreadStore.active_threads``."""
    happenings, last_at = func.count(_LINEAGES.happening.distinct()), func.max(_LINEAGES.published_at)
    columns = select(_LINEAGES.thread, happenings, func.count(), func.min(_LINEAGES.published_at), last_at)
    threads = columns.where(_LINEAGES.thread.is_not(None)).group_by(_LINEAGES.thread).having(happenings > 1)
    rows = connection.execute(threads.order_by(last_at.is_(None), last_at.desc(), _LINEAGES.thread).limit(limit)).all()
    stories = select(_LINEAGES.id).order_by(_LINEAGES.published_at.is_(None), _LINEAGES.published_at, _LINEAGES.id)
    return [
        ThreadSummary(
            thread=thread,
            happenings=count,
            stories=story_count,
            first_at=from_epoch_us(first),
            last_at=from_epoch_us(last),
            first=connection.execute(stories.where(_LINEAGES.thread == thread).limit(1)).scalar_one(),
        )
        for thread, count, story_count, first, last in rows
    ]


def load_thread(connection: Connection, number: int, most: int) -> ThreadView:
    """See ``pipeline.ports.ThreadStore.thread``."""
    thread = find_thread(connection, number)
    happenings = load_happenings_of_thread(connection, thread)
    stories = _load_stories(connection, thread)
    by_happening: dict[int, list[Any]] = {}
    for row in stories:
        by_happening.setdefault(row.happening, []).append(row)
    parents = {happening.id: happening.parent for happening in happenings}
    follows = {happening: _nearest_shown(parents, happening, by_happening) for happening in by_happening}
    new = _load_new(connection, follows, {row.id: row.happening for row in stories})
    views = [
        _to_view(happening, by_happening[happening.id], most, follows[happening.id], new.get(happening.id, ()))
        for happening in happenings
        if happening.id in by_happening
    ]
    changes = load_changes_of(connection, [thread, *parents])
    return ThreadView(thread=thread, happenings=tuple(views), changes=tuple(changes))


def _nearest_shown(parents: Mapping[int, int | None], happening: int, shown: Collection[int]) -> int | None:
    """The nearest happening that a happening goes back to, within its thread, that has stories."""
    parent = parents[happening]
    while parent is not None and parent not in shown:
        parent = parents.get(parent)
    return parent


def _load_stories(connection: Connection, thread: int) -> Sequence[Any]:
    """Rows of a thread's stories in order of publication, undated last."""
    uri = select(func.min(_ITEMS.uri)).where(_ITEMS.lineage == _LINEAGES.id).scalar_subquery()
    stories = (
        select(
            _LINEAGES.id,
            _LINEAGES.happening,
            uri.label("uri"),
            _VERSIONS.headline,
            _VERSIONS.source,
            _LINEAGES.published_at,
            _LINEAGES.status,
            _LINEAGES.copies,
        )
        .select_from(t.lineages.join(t.versions, _VERSIONS.id == _LINEAGES.current_version_id))
        .where(_LINEAGES.thread == thread)
        .order_by(_LINEAGES.published_at.is_(None), _LINEAGES.published_at, _LINEAGES.id)
    )
    return connection.execute(stories).all()


def _load_new(
    connection: Connection, follows: Mapping[int, int | None], happening_of: Mapping[int, int]
) -> dict[int, tuple[str, ...]]:
    """Happening -> what is new in it, as the best link says from the happening that it follows.

    Args:
        connection: The transaction.
        follows: Happening -> the happening that it follows.
        happening_of: Lineage -> its happening, for all stories of the thread.
    """
    best: dict[int, tuple[float, int, str]] = {}
    links = select(_LINKS.earlier, _LINKS.later, _LINKS.score, _LINKS.new)
    for chunk in chunks(sorted(happening_of)):
        for earlier, later, score, new in connection.execute(links.where(_LINKS.later.in_(chunk))):
            happening = happening_of[later]
            if follows.get(happening) is not None and happening_of.get(earlier) == follows[happening]:
                candidate = (score, -later, new)
                best[happening] = max(candidate, best.get(happening, candidate))
    return {happening: load_strings(new) for happening, (_, _, new) in best.items()}


def _to_view(
    happening: HappeningRow, stories: Sequence[Any], most: int, follows: int | None, new: tuple[str, ...]
) -> HappeningView:
    dates = [row.published_at for row in stories if row.published_at is not None]
    return HappeningView(
        happening=happening.id,
        follows=follows,
        score=happening.score if follows == happening.parent else None,
        size=len(stories),
        first_at=from_epoch_us(min(dates, default=None)),
        last_at=from_epoch_us(max(dates, default=None)),
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
            for row in sorted(stories, key=lambda row: -row.copies)[:most]
        ),
        new=new,
    )
