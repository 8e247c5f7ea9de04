"""Finding which earlier happening each happening follows up: reads links, marks and rulings, then chooses."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, or_, select

from pipeline.models import GroupKind
from pipeline.store.db import happening_tables
from pipeline.store.db import tables as t
from pipeline.store.db.statements import chunks
from pipeline.store.happenings.happening_rows import HappeningRow, happenings_of, load_happenings
from pipeline.store.happenings.parent_choice import Parent, choose_parent
from pipeline.store.marks.resolve import load_resolved_marks

_LINKS, _RULINGS = t.links.c, happening_tables.rulings.c
_one_lineage, _other_lineage = t.lineages.alias("one_lineage"), t.lineages.alias("other_lineage")
_one_item, _other_item = t.items.alias("one_item"), t.items.alias("other_item")
_THREAD_RULINGS = (
    select(_one_lineage.c.happening, _other_lineage.c.happening, _RULINGS.other, _RULINGS.same)
    .select_from(
        happening_tables.rulings.join(_one_item, _one_item.c.id == _RULINGS.one)
        .join(_one_lineage, _one_lineage.c.id == _one_item.c.lineage)
        .outerjoin(_other_item, _other_item.c.id == _RULINGS.other)
        .outerjoin(_other_lineage, _other_lineage.c.id == _other_item.c.lineage)
    )
    .where(_RULINGS.kind == GroupKind.THREAD)
    .order_by(_RULINGS.id)
)


def find_parents(
    connection: Connection, happenings: Mapping[int, HappeningRow], founders: Mapping[int, Collection[int]]
) -> dict[int, Parent | None]:
    """Find what happenings follow up.

    Args:
        connection: The transaction.
        happenings: Happening -> its row.
        founders: Happening -> the stories of it whose background decides.

    Returns:
        Happening -> the earlier happening that it follows up, or None; for all that have founders. A ruling counts as a
        link of score 1, and decides alone.
    """
    background = _load_background(connection, founders)
    stories = {story for scores in background.values() for story in scores}
    happening_of = happenings_of(connection, stories)
    order = {row.id: row.order for row in load_happenings(connection, set(happening_of.values())).values()}
    ties = _load_ties(connection, stories)
    ruled = _load_ruled_parents(connection, happenings)
    parents: dict[int, Parent | None] = {}
    for happening in founders:
        if happening in ruled:
            parent = ruled[happening]
            parents[happening] = None if parent is None else Parent(parent, 1.0)
            continue
        earlier = {
            story: score
            for story, score in background.get(happening, {}).items()
            if story in happening_of and order[happening_of[story]] < happenings[happening].order
        }
        parents[happening] = choose_parent(earlier, happening_of, ties)
    return parents


def _load_background(connection: Connection, founders: Mapping[int, Collection[int]]) -> dict[int, dict[int, float]]:
    """Happening -> {earlier story: best score of a link from it to one of the founders}."""
    happening_of = {story: happening for happening, stories in founders.items() for story in stories}
    background: dict[int, dict[int, float]] = {}
    for earlier, later, score in _load_links(connection, happening_of):
        scores = background.setdefault(happening_of[later], {})
        scores[earlier] = max(score, scores.get(earlier, 0.0))
    return background


def _load_ties(connection: Connection, stories: Collection[int]) -> dict[int, dict[int, float]]:
    """Scores of the links between two of these stories, both ways."""
    ties: dict[int, dict[int, float]] = {}
    for earlier, later, score in _load_links(connection, stories):
        if earlier in stories:
            ties.setdefault(earlier, {})[later] = ties.setdefault(later, {})[earlier] = score
    return ties


def _load_links(connection: Connection, lineages: Collection[int]) -> Iterable[tuple[int, int, float]]:
    """Links (earlier, later, score) whose later story is among these, without those that are marked wrong."""
    columns = select(_LINKS.earlier, _LINKS.later, _LINKS.score)
    marks = load_resolved_marks(connection, lineages)
    for chunk in chunks(sorted(lineages)):
        for earlier, later, score in connection.execute(columns.where(_LINKS.later.in_(chunk))):
            if not marks.is_wrong(earlier, later):
                yield earlier, later, score


def _load_ruled_parents(connection: Connection, happenings: Collection[int]) -> dict[int, int | None]:
    """Read what operators ruled last on the threads of these happenings.

    Returns:
        Happening -> the happening that it follows by a ruling, None where it begins a thread by a ruling. Of two that
        are ruled to be one thread, the later follows the earlier.
    """
    if connection.execute(select(_RULINGS.id).where(_RULINGS.kind == GroupKind.THREAD).limit(1)).scalar() is None:
        return {}
    parents: dict[int, int | None] = {}
    for chunk in chunks(sorted(happenings)):
        concerned = or_(_one_lineage.c.happening.in_(chunk), _other_lineage.c.happening.in_(chunk))
        rows = connection.execute(_THREAD_RULINGS.where(concerned)).all()
        named = {happening for row in rows for happening in row[:2] if happening is not None}
        order = {row.id: row.order for row in load_happenings(connection, named).values()}
        for first, second, second_item, same in rows:
            if first is None:
                continue
            if second_item is None:
                parents[first] = None
            elif second is not None and first != second:
                earlier, later = sorted((first, second), key=order.__getitem__)
                parents[later] = earlier if same else None
    return {happening: parent for happening, parent in parents.items() if happening in happenings}
