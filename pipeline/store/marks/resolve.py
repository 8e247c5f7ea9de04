"""Resolving marks to the lineages and copy groups to which their stories belong now, and applying them to links.

A row of the table names the two stories as they were called when the mark was made; each is read by the lineage that
it belongs to now, so that a story that was merged into another takes its marks along.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from pipeline.models import Link, Mark, ResolvedMarks
from pipeline.store.db import tables as t
from pipeline.store.db.epoch import from_epoch_us
from pipeline.store.db.statements import chunks

_earlier_item, _later_item = t.items.alias("earlier_item"), t.items.alias("later_item")
_MARKS = (
    select(_earlier_item.c.lineage, _later_item.c.lineage, t.marks.c.right, t.marks.c.by, t.marks.c.at)
    .select_from(
        t.marks.join(_earlier_item, _earlier_item.c.id == t.marks.c.earlier).join(
            _later_item, _later_item.c.id == t.marks.c.later
        )
    )
    .order_by(t.marks.c.at)
)
_COPY_GROUPS = select(t.lineages.c.id, t.lineages.c.copy_group)


# --------------------------------------------------------------------------- reading


def load_all_marks(connection: Connection) -> list[Mark]:
    """The newest mark on each pair of lineages, in any order."""
    return _newest_per_pair(_read_marks(connection, _MARKS))


def load_marks_on(connection: Connection, lineages: Iterable[int]) -> list[Mark]:
    """The newest mark on each pair of which one of these lineages is an end, in any order."""
    marks: list[Mark] = []
    for batch in chunks(sorted(set(lineages))):
        for end in (_earlier_item.c.lineage, _later_item.c.lineage):
            marks += _read_marks(connection, _MARKS.where(end.in_(batch)))
    return _newest_per_pair(sorted(marks, key=lambda mark: mark.at))


def load_resolved_marks(connection: Connection, lineages: Iterable[int]) -> ResolvedMarks:
    """The marks that hold between these lineages and others, whichever copies of theirs were marked.

    Returns:
        The marks, with the texts of all lineages that carry a text of a marked pair.
    """
    if connection.execute(select(t.marks.c.at).limit(1)).scalar() is None:
        return ResolvedMarks()
    texts = load_texts(connection, lineages)
    marks = load_marks_on(connection, texts)
    others = {end for mark in marks for end in (mark.earlier, mark.later)} - texts.keys()
    return ResolvedMarks.resolve(marks, texts | load_texts(connection, others))


def lineages_marked_after(connection: Connection, lineages: Iterable[int]) -> set[int]:
    """Lineages that are marked, rightly or wrongly, as follow-ups of these or of their copies; and their copies."""
    earlier = set(lineages)
    resolved = load_resolved_marks(connection, earlier)
    texts = {resolved.text_of(lineage) for lineage in earlier}
    later = {after for before, after in resolved.marks if before in texts}
    return {lineage for lineage, text in resolved.texts.items() if text in later}


def load_texts(connection: Connection, lineages: Iterable[int]) -> dict[int, int]:
    """Lineage -> the number of its text (see ``ResolvedMarks``), for these lineages and all their copies."""
    texts: dict[int, int] = {}
    groups: set[int] = set()
    for batch in chunks(sorted(set(lineages))):
        for lineage, group in connection.execute(_COPY_GROUPS.where(t.lineages.c.id.in_(batch))):
            texts[lineage] = lineage if group is None else group
            if group is not None:
                groups.add(group)
    for batch in chunks(sorted(groups)):
        rows = connection.execute(_COPY_GROUPS.where(t.lineages.c.copy_group.in_(batch)))
        texts.update((lineage, group) for lineage, group in rows)
    return texts


def _read_marks(connection: Connection, statement: Select[Any]) -> list[Mark]:
    return [
        Mark(earlier=earlier, later=later, right=right, by=by, at=from_epoch_us(at))
        for earlier, later, right, by, at in connection.execute(statement)
    ]


def _newest_per_pair(marks: Iterable[Mark]) -> list[Mark]:
    """Of several marks on a pair, which come from stories that were merged, keep the last. marks: oldest first."""
    return list({(mark.earlier, mark.later): mark for mark in marks}.values())


# --------------------------------------------------------------------------- applying


def apply_marks(links: Iterable[Link], resolved: ResolvedMarks, is_wanted: Callable[[int, int], bool]) -> list[Link]:
    """Leave out links that are marked wrong; put those marked right first, with the mark among their reasons.

    Args:
        links: The links of a story.
        resolved: The marks that hold for that story.
        is_wanted: Whether links from this earlier to this later lineage were asked for. Pairs that are marked right
            and wanted are added where there is no link.
    """
    links_by_pair = {(link.earlier, link.later): link for link in links}
    right = []
    for pair, mark in resolved.right_pairs().items():
        if is_wanted(*pair):
            link = links_by_pair.get(pair, Link(earlier=pair[0], later=pair[1], score=0.0))
            reasons = mark.prepend_reason(link.score, link.reasons)
            right.append(Link(earlier=pair[0], later=pair[1], score=1.0, reasons=reasons, new=link.new))
    return [*right, *(link for pair, link in links_by_pair.items() if resolved.mark_on(*pair) is None)]


def apply_marks_to_scores(
    follows: Mapping[int, Sequence[tuple[int, float]]], resolved: ResolvedMarks
) -> dict[int, list[tuple[int, float]]]:
    """Apply marks to scores alone.

    Args:
        follows: Later lineage -> (earlier lineage, score).
        resolved: The marks that hold for these lineages.

    Returns:
        The same without pairs that are marked wrong. Those that are marked right score 1, also of later lineages that
        were not given.
    """
    marked = {
        later: [pair for pair in background if resolved.mark_on(pair[0], later) is None]
        for later, background in follows.items()
    }
    for earlier, later in resolved.right_pairs():
        marked.setdefault(later, []).append((earlier, 1.0))
    return marked
