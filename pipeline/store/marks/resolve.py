"""Reading marks, and what they come to for some stories: by the lineages and copy groups to which these belong now."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from pipeline.models import Link, Mark, Standing
from pipeline.store.db import tables as t
from pipeline.store.db.sanitize import at_micros
from pipeline.store.db.statements import chunks

_m, _l = t.marks.c, t.lineages.c
_earlier, _later = t.items.alias("earlier_item"), t.items.alias("later_item")
_STATED = (
    select(_earlier.c.lineage, _later.c.lineage, _m.right, _m.by, _m.at)
    .select_from(t.marks.join(_earlier, _earlier.c.id == _m.earlier).join(_later, _later.c.id == _m.later))
    .order_by(_m.at)
)
_GROUPS = select(_l.id, _l.copy_group)


def all_marks(connection: Connection) -> list[Mark]:
    """The newest mark on each pair of stories, in any order."""
    return _newest(_stated(connection, _STATED))


def marks_on(connection: Connection, lineages: Iterable[int]) -> list[Mark]:
    """The same of those in which one of these lineages is an end."""
    found: list[Mark] = []
    for some in chunks(sorted(set(lineages))):
        for end in (_earlier.c.lineage, _later.c.lineage):
            found += _stated(connection, _STATED.where(end.in_(some)))
    return _newest(sorted(found, key=lambda mark: mark.at))


def load_standing(connection: Connection, lineages: Iterable[int]) -> Standing:
    """What holds between these stories and others, whichever copies of theirs were marked. texts: of all the stories
    that carry a text of a marked pair."""
    if connection.execute(select(_m.at).limit(1)).scalar() is None:
        return Standing()
    texts = texts_of(connection, lineages)
    marks = marks_on(connection, texts)
    others = {end for mark in marks for end in (mark.earlier, mark.later)} - texts.keys()
    return Standing.of(marks, texts | texts_of(connection, others))


def marked_after(connection: Connection, lineages: Iterable[int]) -> set[int]:
    """Stories that are marked as following up these or not, and their copies."""
    earlier = set(lineages)
    standing = load_standing(connection, earlier)
    texts = {standing.text(lineage) for lineage in earlier}
    later = {its for text, its in standing.marks if text in texts}
    return {lineage for lineage, text in standing.texts.items() if text in later}


def texts_of(connection: Connection, lineages: Iterable[int]) -> dict[int, int]:
    """Lineage -> the number of its text, of these lineages and all their copies."""
    found: dict[int, int] = {}
    groups: set[int] = set()
    for some in chunks(sorted(set(lineages))):
        for lineage, group in connection.execute(_GROUPS.where(_l.id.in_(some))):
            found[lineage] = lineage if group is None else group
            groups.update(() if group is None else (group,))
    for some in chunks(sorted(groups)):
        found.update((lineage, group) for lineage, group in connection.execute(_GROUPS.where(_l.copy_group.in_(some))))
    return found


def _stated(connection: Connection, statement: Select[Any]) -> list[Mark]:
    rows = connection.execute(statement)
    return [Mark(earlier=row[0], later=row[1], right=row[2], by=row[3], at=at_micros(row[4])) for row in rows]


def _newest(marks: Iterable[Mark]) -> list[Mark]:
    """marks: oldest first. A story that was joined to another takes its marks along: of two on a pair the last."""
    return list({(mark.earlier, mark.later): mark for mark in marks}.values())


# --------------------------------------------------------------------------- honoured


def honoured(links: Iterable[Link], standing: Standing, wanted: Callable[[int, int], bool]) -> list[Link]:
    """Links without those marked wrong; those marked right come first, with the mark among their reasons.

    wanted: whether links from this earlier to this later story are what was asked for.
    """
    known = {(link.earlier, link.later): link for link in links}
    right = []
    for pair, mark in standing.right().items():
        if wanted(*pair):
            link = known.get(pair, Link(earlier=pair[0], later=pair[1], score=0.0))
            told = mark.told(link.score, link.reasons)
            right.append(Link(earlier=pair[0], later=pair[1], score=1.0, reasons=told, new=link.new))
    return [*right, *(link for pair, link in known.items() if standing.mark(*pair) is None)]


def honoured_scores(
    follows: Mapping[int, Sequence[tuple[int, float]]], standing: Standing
) -> dict[int, list[tuple[int, float]]]:
    """The same for later lineage -> (earlier lineage, score); of others that are marked right as well."""
    told = {
        later: [pair for pair in found if standing.mark(pair[0], later) is None] for later, found in follows.items()
    }
    for earlier, later in standing.right():
        told.setdefault(later, []).append((earlier, 1.0))
    return told
