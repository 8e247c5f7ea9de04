"""Placing a batch of stories: which lineage each belongs to, told apart from what is already there.

The desk holds in memory the lineages that a batch touches, and places story by story on them with the pure decisions of
``lineage`` and ``takeline``. It reads, ``deskwrite`` writes what came of it; both inside one write transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, select

from pipeline.models import Added, AddOutcome
from pipeline.store.db import tables as t
from pipeline.store.db.statements import chunks
from pipeline.store.lineage.lineage_state import LineageState, load_states
from pipeline.store.lineage.prepare import Incoming
from pipeline.store.lineage.take_match_index import TakeMatchIndex, load_profiles
from pipeline.store.lineage.take_matching import TakeProfile, may_link, own_keys
from pipeline.store.lineage.versions import (
    Resend,
    ResendKind,
    TakeRecord,
    classify_resend,
    moved_back,
    split_take,
    with_sighting,
)


@dataclass(slots=True)
class Item:
    """One uri. profile: of one of its takes, None until it is asked for."""

    id: int
    key: bytes
    uri: str
    lineage: int
    profile: TakeProfile | None = None


@dataclass(frozen=True, slots=True)
class NewTake:
    """A take to write. Either ``incoming`` is set, or ``copy_of``: a content that came back after another one."""

    version_id: int
    item: Item
    incoming: Incoming | None = None
    keys: Sequence[int] = ()
    copy_of: int | None = None


@dataclass(slots=True)
class PlacementOutcome:
    """What a batch comes to."""

    items: list[Item] = field(default_factory=list)
    takes: list[NewTake] = field(default_factory=list)
    links: list[tuple[bytes, int]] = field(default_factory=list)  # target key, source item
    changed: dict[int, str | None] = field(default_factory=dict)  # take -> its story's new text, None if as it was
    touched: set[int] = field(default_factory=set)
    joined: list[tuple[int, int]] = field(default_factory=list)  # lineage, the older one that it became part of


class IdAllocator:
    """Fresh ids from a counter, taken in memory; the writers' turn keeps others from it meanwhile."""

    def __init__(self, connection: Connection, name: str) -> None:
        self.name = name
        self.last: int = connection.execute(
            select(t.counters.c.value).where(t.counters.c.name == name)
        ).scalar_one()  # fmt: skip

    def next(self) -> int:
        """The next id."""
        self.last += 1
        return self.last


class BatchPlacer:
    """One batch on one connection."""

    def __init__(self, connection: Connection, batch: Sequence[Incoming]) -> None:
        self._connection = connection
        self._items: dict[bytes, Item] = {}
        self._linkers: dict[bytes, set[bytes]] = {}  # target -> items that link to it
        self.states: dict[int, LineageState] = {}
        self.outcome = PlacementOutcome()
        self._load(batch)
        fresh = [incoming for incoming in batch if not self._is_known(incoming)]
        self._matches = TakeMatchIndex(connection, [incoming.profile for incoming in fresh])
        self.item_ids = IdAllocator(connection, "items")
        self.version_ids = IdAllocator(connection, "versions")

    def _load(self, batch: Sequence[Incoming]) -> None:
        keys = {incoming.key for incoming in batch}
        targets = {target for incoming in batch for target in incoming.targets}
        source = t.items.alias("source")
        linking = select(t.item_links.c.target_key, source.c.uri_key).join(
            source, source.c.id == t.item_links.c.source_item
        )
        for some in chunks(sorted(keys)):
            for target, linker in self._connection.execute(linking.where(t.item_links.c.target_key.in_(some))):
                self._linkers.setdefault(target, set()).add(linker)
        linkers = {linker for found in self._linkers.values() for linker in found}
        columns = select(t.items.c.id, t.items.c.uri_key, t.items.c.uri, t.items.c.lineage)
        for some in chunks(sorted(keys | targets | linkers)):
            for item, key, uri, lineage in self._connection.execute(columns.where(t.items.c.uri_key.in_(some))):
                self._items[key] = Item(item, key, uri, lineage)
        self.states = load_states(self._connection, {item.lineage for item in self._items.values()})

    def _is_known(self, incoming: Incoming) -> bool:
        item = self._items.get(incoming.key)
        takes = [] if item is None else self.states[item.lineage].of_uri(item.uri)
        return any(take.content == incoming.take.content for take in takes)

    # ----------------------------------------------------------------------- placing

    def place(self, incoming: Incoming) -> Added:
        """Place one story. The lineage answered is the one at this moment; see ``lineage_of``."""
        item = self._items.get(incoming.key)
        if item is None:
            item, sent = self._found(incoming), Resend(ResendKind.NEW)
        else:
            sent = classify_resend(self.states[item.lineage].of_uri(item.uri), incoming.take)
        if sent.take is not None and sent.kind is not ResendKind.BETWEEN:
            self._see_again(item.lineage, sent.take, sent.kind, incoming)
            self._link(incoming, item)
            return Added(AddOutcome.UNCHANGED, sent.take.version_id, item.lineage)
        if sent.take is not None:
            self._split(item, sent.take, incoming)
        take = replace(incoming.take, version_id=self.version_ids.next())
        self._add(incoming, item, take)
        self._link(incoming, item)
        for version_id in self._matches.matches_of(
            replace(incoming.profile, version_id=take.version_id), incoming.story.body
        ):
            self._join(item.lineage, self._lineage_of_take(version_id))
        state = self.states[item.lineage]
        if len(state.takes) == 1:
            return Added(AddOutcome.NEW, take.version_id, state.id)
        newest = state.resolve().ordered[-1].version_id == take.version_id
        return Added(AddOutcome.NEW_TAKE if newest else AddOutcome.STALE, take.version_id, state.id)

    def lineage_of(self, incoming: Incoming) -> int:
        """The lineage that a placed story belongs to in the end."""
        return self._items[incoming.key].lineage

    def _found(self, incoming: Incoming) -> Item:
        number = self.item_ids.next()
        item = Item(number, incoming.key, incoming.story.uri, number, incoming.profile)
        self._items[incoming.key] = item
        self.states[number] = LineageState(number)
        self.outcome.items.append(item)
        return item

    def _add(self, incoming: Incoming, item: Item, take: TakeRecord) -> None:
        state = self.states[item.lineage]
        state.takes[take.version_id] = take
        placed = replace(incoming.profile, version_id=take.version_id)
        keys = own_keys(placed)
        self._matches.add(placed, keys, incoming.story.body)
        self.outcome.takes.append(NewTake(take.version_id, item, incoming, keys))
        self.outcome.touched.add(state.id)

    def _see_again(self, lineage: int, take: TakeRecord, verdict: ResendKind, incoming: Incoming) -> None:
        if verdict is ResendKind.SAME:
            return
        back = verdict is ResendKind.EARLIER
        changed = moved_back(take, incoming.take) if back else with_sighting(take, incoming.take.sighting)
        self._change(lineage, changed, incoming.text if back else None)
        if min(changed.dates, default=0) != min(take.dates, default=0):
            self.outcome.touched.add(lineage)

    def _change(self, lineage: int, take: TakeRecord, text: str | None) -> None:
        self.states[lineage].takes[take.version_id] = take
        self.outcome.changed[take.version_id] = text or self.outcome.changed.get(take.version_id)
        if text is not None:
            self.outcome.touched.add(lineage)

    def _split(self, item: Item, take: TakeRecord, incoming: Incoming) -> None:
        first, returned = split_take(take, incoming.take, self.version_ids.next())
        self._change(item.lineage, first, None)
        self.states[item.lineage].takes[returned.version_id] = returned
        self.outcome.takes.append(NewTake(returned.version_id, item, copy_of=take.version_id))

    # ----------------------------------------------------------------------- joining

    def _link(self, incoming: Incoming, item: Item) -> None:
        for target in sorted(incoming.targets):
            self.outcome.links.append((target, item.id))
            self._linkers.setdefault(target, set()).add(incoming.key)
            self._follow(item, self._items.get(target))
        for linker in sorted(self._linkers.get(incoming.key, ())):
            self._follow(self._items.get(linker), item)

    def _follow(self, child: Item | None, parent: Item | None) -> None:
        if child is None or parent is None or not may_link(self._profile(child), self._profile(parent)):
            return
        self._join(child.lineage, parent.lineage)
        state = self.states[child.lineage]
        if parent.uri not in state.follows.get(child.uri, frozenset()):
            state.follows[child.uri] = state.follows.get(child.uri, frozenset()) | {parent.uri}
            self.outcome.touched.add(state.id)

    def _profile(self, item: Item) -> TakeProfile:
        if item.profile is None:
            first = min(take.version_id for take in self.states[item.lineage].of_uri(item.uri))
            item.profile = load_profiles(self._connection, [first])[first]
        return item.profile

    def _lineage_of_take(self, version_id: int) -> int:
        for state in self.states.values():
            if version_id in state.takes:
                return state.id
        statement = select(t.versions.c.lineage).where(t.versions.c.id == version_id)
        lineage: int = self._connection.execute(statement).scalar_one()
        self.states |= load_states(self._connection, [lineage])
        return lineage

    def _join(self, a: int, b: int) -> None:
        if a == b:
            return
        older, younger = min(a, b), max(a, b)
        gone = self.states.pop(younger)
        self.states[older].absorb(gone)
        for item in self._items.values():
            if item.lineage == younger:
                item.lineage = older
        self.outcome.joined.append((younger, older))
        self.outcome.touched.discard(younger)
        self.outcome.touched.add(older)
