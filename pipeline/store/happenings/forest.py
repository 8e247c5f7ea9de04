"""The trees of happenings: what each follows up, and the thread to which it moves with all that follows it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, or_, select, update

from pipeline.models import GroupKind
from pipeline.store.db import happening_tables as tt
from pipeline.store.db import tables as t
from pipeline.store.db.statements import allocate_ids, chunks, insert_rows
from pipeline.store.happenings.parent_choice import followed
from pipeline.store.marks.resolve import load_resolved_marks

FOUNDERS = 40  # stories of a happening, the first, whose background says what it follows up
_UNDATED = 2**62

_l, _h, _k, _r = t.lineages.c, tt.happenings.c, t.links.c, tt.rulings.c


@dataclass(slots=True)
class _Node:
    """A row of happenings."""

    thread: int
    parent: int | None
    score: float | None
    first_at: int | None


@dataclass(frozen=True, slots=True)
class _Word:
    """What was ruled last on the thread of a happening: the happening that it follows, or that it follows none."""

    parent: int | None


def rethread(
    connection: Connection, concerned: Collection[int], new: Collection[int], by: str | None, at: int | None
) -> set[int]:
    """Find anew what these happenings follow up, and set the threads accordingly; the lineages whose thread changed.

    new: those of them that were just made, whose threads nobody has seen.
    """
    nodes = _load(connection, concerned)
    founders = {happening: told for happening, told in first_members(connection, nodes, FOUNDERS).items() if told}
    choices = _choices(connection, nodes, founders)
    nodes |= _load(connection, {choice[0] for choice in choices.values() if choice} - nodes.keys())
    threads = _Threads(connection, nodes, by, at)
    for happening in sorted(founders, key=lambda one: _place(one, nodes[one])):
        threads.attach(happening, choices.get(happening), fresh=happening in new)
    return threads.settle(founders)


def first_members(connection: Connection, happenings: Iterable[int], most: int) -> dict[int, list[int]]:
    """Happening -> its first lineages in order of publication, undated last; at most ``most``."""
    found: dict[int, list[int]] = {}
    for happening in happenings:
        told = select(_l.id).where(_l.happening == happening)
        ordered = told.order_by(_l.published_at.is_(None), _l.published_at, _l.id).limit(most)
        found[happening] = list(connection.execute(ordered).scalars())
    return found


def happenings_of(connection: Connection, lineages: Collection[int]) -> dict[int, int]:
    """Lineage -> the happening that it is of; those of none are absent."""
    found: dict[int, int] = {}
    for some in chunks(sorted(lineages)):
        told = select(_l.id, _l.happening).where(_l.id.in_(some), _l.happening.is_not(None))
        found.update((key, happening) for key, happening in connection.execute(told))
    return found


def has_stories(connection: Connection, thread: int) -> bool:
    """Whether any story is of this thread's happenings."""
    told = select(_l.id).join(tt.happenings, _h.id == _l.happening).where(_h.thread == thread)
    return connection.execute(told.limit(1)).scalar() is not None


def _load(connection: Connection, happenings: Collection[int]) -> dict[int, _Node]:
    columns = select(_h.id, _h.thread, _h.parent, _h.score, _h.first_at)
    found: dict[int, _Node] = {}
    for some in chunks(sorted(happenings)):
        for key, *rest in connection.execute(columns.where(_h.id.in_(some))):
            found[key] = _Node(*rest)
    return found


def _place(happening: int, node: _Node) -> tuple[int, int]:
    return (_UNDATED if node.first_at is None else node.first_at, happening)


# --------------------------------------------------------------------------- what is followed up


def _choices(
    connection: Connection, nodes: Mapping[int, _Node], founders: Mapping[int, list[int]]
) -> dict[int, tuple[int, float] | None]:
    """Happening -> the earlier happening that it follows up, with the score, or None."""
    of_founder = {lineage: happening for happening, told in founders.items() for lineage in told}
    links: dict[int, dict[int, float]] = {}
    for earlier, later, score in _links(connection, of_founder, both=False):
        background = links.setdefault(of_founder[later], {})
        background[earlier] = max(score, background.get(earlier, 0.0))
    stories = {story for background in links.values() for story in background}
    happening_of = happenings_of(connection, stories)
    places = {key: _place(key, node) for key, node in _load(connection, set(happening_of.values())).items()}
    between: dict[int, dict[int, float]] = {}
    for earlier, later, score in _links(connection, stories, both=True):
        between.setdefault(earlier, {})[later] = between.setdefault(later, {})[earlier] = score
    words = _words(connection, nodes)
    choices: dict[int, tuple[int, float] | None] = {}
    for happening in founders:
        own = _place(happening, nodes[happening])
        if happening in words:
            parent = words[happening].parent
            choices[happening] = None if parent is None else (parent, 1.0)
            continue
        background = {
            story: score
            for story, score in links.get(happening, {}).items()
            if story in happening_of and happening_of[story] != happening and places[happening_of[story]] < own
        }
        choices[happening] = followed(background, happening_of, between)
    return choices


def _links(connection: Connection, lineages: Collection[int], both: bool) -> Iterable[tuple[int, int, float]]:
    """Links whose later story is among these, without those marked wrong; both: the earlier one too."""
    columns = select(_k.earlier, _k.later, _k.score)
    standing = load_resolved_marks(connection, lineages)
    for some in chunks(sorted(lineages)):
        for earlier, later, score in connection.execute(columns.where(_k.later.in_(some))):
            if (not both or earlier in lineages) and not standing.is_wrong(earlier, later):
                yield earlier, later, score


def _words(connection: Connection, nodes: Mapping[int, _Node]) -> dict[int, _Word]:
    """What operators ruled on these happenings' threads. Of two ruled to be one thread the later follows the other."""
    if connection.execute(select(_r.id).where(_r.kind == GroupKind.THREAD).limit(1)).scalar() is None:
        return {}
    one, other = t.lineages.alias("one"), t.lineages.alias("other")
    first, second = t.items.alias("first"), t.items.alias("second")
    joined = (
        tt.rulings.join(first, first.c.id == _r.one)
        .join(one, one.c.id == first.c.lineage)
        .outerjoin(second, second.c.id == _r.other)
        .outerjoin(other, other.c.id == second.c.lineage)
    )
    columns = select(one.c.happening, other.c.happening, _r.other, _r.same).select_from(joined)
    words: dict[int, _Word] = {}
    for some in chunks(sorted(nodes)):
        concerned = or_(one.c.happening.in_(some), other.c.happening.in_(some))
        rows = connection.execute(columns.where(_r.kind == GroupKind.THREAD, concerned).order_by(_r.id)).all()
        places = {
            key: _place(key, node) for key, node in _load(connection, {h for row in rows for h in row[:2] if h}).items()
        }
        for mine, its, named, same in rows:
            if mine is None or (its is None and named is not None) or mine == its:
                continue
            if its is None:
                words[mine] = _Word(None)
            else:
                earlier, later = sorted((mine, its), key=places.__getitem__)
                words[later] = _Word(earlier if same else None)
    return {happening: word for happening, word in words.items() if happening in nodes}


# --------------------------------------------------------------------------- threads


class _Threads:
    """Sets parents and threads within one transaction. nodes: the rows at hand, kept up to date."""

    def __init__(self, connection: Connection, nodes: dict[int, _Node], by: str | None, at: int | None) -> None:
        self._connection = connection
        self._nodes = nodes
        self._by, self._at = by, at
        self._moved: set[int] = set()

    def attach(self, happening: int, choice: tuple[int, float] | None, fresh: bool) -> None:
        """Let a happening follow its choice; it brings all that follows it to that thread."""
        node = self._nodes[happening]
        if choice and choice[0] != node.parent and choice[0] in self._tree(happening):
            choice = None  # dates have changed since: it came to be later than what follows it
        parent, score = choice or (None, None)
        was_root = node.parent is None
        if (parent, score) != (node.parent, node.score):
            mine = update(tt.happenings).where(_h.id == happening)
            self._connection.execute(mine.values(parent=parent, score=score))
            node.parent, node.score = parent, score
        if parent is None:
            if not was_root:
                self._move(self._tree(happening), node.thread, allocate_ids(self._connection, "items", 1)[0])
        elif self._nodes[parent].thread != node.thread:
            self._join(happening, node.thread, self._nodes[parent].thread, was_root, fresh)

    def _join(self, happening: int, left: int, joined: int, whole: bool, fresh: bool) -> None:
        tree = self._tree(happening)
        if fresh and len(tree) == 1:
            self._set(tree, joined)
        elif not whole:
            self._move(tree, left, joined)
        else:
            mine, theirs = self._size(left), self._size(joined)
            if (mine, -left) > (theirs, -joined):  # the larger thread keeps its name, of equal ones the older
                left, joined = joined, left
            self._move(self._of_thread(left), left, joined)

    def _move(self, happenings: list[int], left: int, joined: int) -> None:
        stories = self._told(happenings)
        self._set(happenings, joined)
        row = {
            "kind": GroupKind.THREAD,
            "left_group": left,
            "joined_group": joined,
            "stories": stories,
            "merge": not has_stories(self._connection, left),
            "by": self._by,
            "at": self._at,
        }
        insert_rows(self._connection, tt.group_changes, [row])

    def _set(self, happenings: list[int], thread: int) -> None:
        for some in chunks(happenings):
            self._connection.execute(update(tt.happenings).where(_h.id.in_(some)).values(thread=thread))
        for happening in happenings:
            if happening in self._nodes:
                self._nodes[happening].thread = thread
        self._moved.update(happenings)

    def _tree(self, happening: int) -> list[int]:
        found, frontier = {happening: None}, [happening]
        while frontier:
            below: list[int] = []
            for some in chunks(frontier):
                below += self._connection.execute(select(_h.id).where(_h.parent.in_(some))).scalars()
            frontier = [one for one in below if one not in found]
            found |= dict.fromkeys(frontier)
        return list(found)

    def _of_thread(self, thread: int) -> list[int]:
        return list(self._connection.execute(select(_h.id).where(_h.thread == thread).order_by(_h.id)).scalars())

    def _size(self, thread: int) -> int:
        return self._connection.execute(select(func.count()).where(_h.thread == thread)).scalar_one()

    def _told(self, happenings: list[int]) -> int:
        counted = 0
        for some in chunks(happenings):
            counted += self._connection.execute(select(func.count()).where(_l.happening.in_(some))).scalar_one()
        return counted

    def settle(self, touched: Iterable[int]) -> set[int]:
        """Write the threads to the stories; those whose thread changed."""
        changed: set[int] = set()
        of_thread: dict[int, list[int]] = {}
        for happening in sorted({*touched, *self._moved}):
            of_thread.setdefault(self._thread_of(happening), []).append(happening)
        for thread, happenings in of_thread.items():
            for some in chunks(happenings):
                stale = _l.happening.in_(some), _l.thread.is_distinct_from(thread)
                statement = update(t.lineages).where(*stale).values(thread=thread).returning(_l.id)
                changed.update(self._connection.execute(statement).scalars())
        return changed

    def _thread_of(self, happening: int) -> int:
        if happening in self._nodes:
            return self._nodes[happening].thread
        thread: int = self._connection.execute(select(_h.thread).where(_h.id == happening)).scalar_one()
        return thread
