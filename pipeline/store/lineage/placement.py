"""Placing a batch of stories: which lineage each belongs to, and which of them are new takes.

The placer holds in memory the lineages that a batch touches, and places story by story with the pure decisions of
``resend``, ``take_matching`` and ``winning_take``. It reads only; ``placement_writer`` writes what it decided, in the
same transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, select

from pipeline.models import Added, AddOutcome
from pipeline.store.db import tables as t
from pipeline.store.db.ids import IdAllocator
from pipeline.store.db.statements import chunks
from pipeline.store.lineage.lineage_state import LineageState, load_states
from pipeline.store.lineage.prepare import Incoming
from pipeline.store.lineage.resend import Resend, ResendKind, add_sighting, classify_resend, move_back, split_take
from pipeline.store.lineage.take_match_index import TakeMatchIndex, load_profiles
from pipeline.store.lineage.take_matching import may_link
from pipeline.store.lineage.take_profile import TakeProfile, own_keys
from pipeline.store.lineage.take_record import TakeRecord


@dataclass(slots=True)
class Item:
    """One uri. profile: that of one of its takes, None until it is asked for."""

    id: int
    uri_key: bytes
    uri: str
    lineage: int
    profile: TakeProfile | None = None


@dataclass(frozen=True, slots=True)
class NewTake:
    """A take to write.

    Attributes:
        version_id: Its id.
        item: The uri that it came under.
        incoming: The story that it is, None where a content came back after another one.
        keys: The keys under which takes without links find it.
        copy_of: Where ``incoming`` is None, the take that had this content before.
    """

    version_id: int
    item: Item
    incoming: Incoming | None = None
    keys: Sequence[int] = ()
    copy_of: int | None = None


@dataclass(slots=True)
class PlacementOutcome:
    """What was decided for a batch.

    Attributes:
        item_ids: The counter of items, to be saved.
        version_ids: The counter of takes, to be saved.
        items: Uris that are new.
        takes: Takes that are new.
        links: (key of the uri that is followed, item that follows it), by the publisher's links.
        changed: Known take -> its new story JSON, or None where only its number, dates and sightings changed.
        merges: (lineage, older lineage that it became part of), in the order in which they were found.
        touched: Lineages whose takes or links changed; merged ones are left out.
        states: All lineages at hand, by id.
        added: The answer for each story, in order.
    """

    item_ids: IdAllocator
    version_ids: IdAllocator
    items: list[Item] = field(default_factory=list)
    takes: list[NewTake] = field(default_factory=list)
    links: list[tuple[bytes, int]] = field(default_factory=list)
    changed: dict[int, str | None] = field(default_factory=dict)
    merges: list[tuple[int, int]] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    states: dict[int, LineageState] = field(default_factory=dict)
    added: list[Added] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.items or self.takes or self.links or self.changed)

    @property
    def touched_states(self) -> list[LineageState]:
        """The lineages whose takes or links changed, by id."""
        return [self.states[lineage] for lineage in sorted(self.touched)]


class BatchPlacer:
    """Places one batch within one transaction."""

    def __init__(self, connection: Connection, batch: Sequence[Incoming]) -> None:
        """Read the lineages that the batch may touch."""
        self._connection = connection
        self._batch = batch
        self._outcome = PlacementOutcome(IdAllocator(connection, "items"), IdAllocator(connection, "versions"))
        self._states = self._outcome.states
        self._items: dict[bytes, Item] = {}  # by the key of their uri
        self._items_of: dict[int, list[Item]] = {}  # by lineage
        self._lineage_of: dict[int, int] = {}  # take -> lineage
        self._linkers: dict[bytes, set[bytes]] = {}  # key of a uri -> keys of the uris that link to it
        self._load_items()
        self._load_lineages({item.lineage for item in self._items.values()})
        unknown = [incoming.profile for incoming in batch if not self._is_known(incoming)]
        self._matches = TakeMatchIndex(connection, unknown)

    def place_all(self) -> PlacementOutcome:
        """Place every story of the batch, in order."""
        placed = [self._place(incoming) for incoming in self._batch]
        self._outcome.added = [
            Added(outcome, version_id, self._items[incoming.uri_key].lineage)
            for incoming, (outcome, version_id) in zip(self._batch, placed, strict=True)
        ]
        return self._outcome

    # ----------------------------------------------------------------------- what is known

    def _load_items(self) -> None:
        keys = {incoming.uri_key for incoming in self._batch}
        targets = {target for incoming in self._batch for target in incoming.link_targets}
        source = t.items.alias("source")
        linking = select(t.item_links.c.target_key, source.c.uri_key).join(
            source, source.c.id == t.item_links.c.source_item
        )
        for chunk in chunks(sorted(keys)):
            for target, linker in self._connection.execute(linking.where(t.item_links.c.target_key.in_(chunk))):
                self._linkers.setdefault(target, set()).add(linker)
        linkers = {linker for linkers in self._linkers.values() for linker in linkers}
        columns = select(t.items.c.id, t.items.c.uri_key, t.items.c.uri, t.items.c.lineage)
        for chunk in chunks(sorted(keys | targets | linkers)):
            for row in self._connection.execute(columns.where(t.items.c.uri_key.in_(chunk))):
                self._register(Item(*row))

    def _register(self, item: Item) -> None:
        self._items[item.uri_key] = item
        self._items_of.setdefault(item.lineage, []).append(item)

    def _load_lineages(self, lineages: Iterable[int]) -> None:
        for state in load_states(self._connection, set(lineages)).values():
            self._states[state.id] = state
            self._lineage_of |= dict.fromkeys(state.takes, state.id)

    def _is_known(self, incoming: Incoming) -> bool:
        item = self._items.get(incoming.uri_key)
        takes = [] if item is None else self._states[item.lineage].takes_of_uri(item.uri)
        return any(take.content == incoming.record.content for take in takes)

    # ----------------------------------------------------------------------- placing

    def _place(self, incoming: Incoming) -> tuple[AddOutcome, int]:
        """Place one story. Returns what it is, and its take."""
        item = self._items.get(incoming.uri_key)
        if item is None:
            item, resend = self._found_lineage(incoming), Resend(ResendKind.NEW)
        else:
            resend = classify_resend(self._states[item.lineage].takes_of_uri(item.uri), incoming.record)
        if resend.take is not None and resend.kind is not ResendKind.BETWEEN:
            self._note_resend(item.lineage, resend.take, resend.kind, incoming)
            self._follow_links(incoming, item)
            return AddOutcome.UNCHANGED, resend.take.version_id
        if resend.take is not None:
            self._split(item, resend.take, incoming)
        take = replace(incoming.record, version_id=self._outcome.version_ids.next())
        profile = replace(incoming.profile, version_id=take.version_id)
        self._add_take(incoming, item, take, profile)
        self._follow_links(incoming, item)
        for version_id in self._matches.matches_of(profile, incoming.story.body):
            self._merge(item.lineage, self._lineage_of_take(version_id))
        state = self._states[item.lineage]
        if len(state.takes) == 1:
            return AddOutcome.NEW, take.version_id
        is_newest = state.resolve().ordered[-1].version_id == take.version_id
        return AddOutcome.NEW_TAKE if is_newest else AddOutcome.STALE, take.version_id

    def _found_lineage(self, incoming: Incoming) -> Item:
        """Make an item and a lineage for a uri that is new."""
        item_id = self._outcome.item_ids.next()
        item = Item(item_id, incoming.uri_key, incoming.story.uri, item_id, incoming.profile)
        self._register(item)
        self._states[item_id] = LineageState(item_id)
        self._outcome.items.append(item)
        return item

    def _add_take(self, incoming: Incoming, item: Item, take: TakeRecord, profile: TakeProfile) -> None:
        self._put(item.lineage, take)
        keys = own_keys(profile)
        self._matches.add(profile, keys, incoming.story.body)
        self._outcome.takes.append(NewTake(take.version_id, item, incoming, keys))
        self._outcome.touched.add(item.lineage)

    def _put(self, lineage: int, take: TakeRecord) -> None:
        self._states[lineage].takes[take.version_id] = take
        self._lineage_of[take.version_id] = lineage

    def _note_resend(self, lineage: int, take: TakeRecord, kind: ResendKind, incoming: Incoming) -> None:
        """Note a sending that is no new take at the take whose content it has."""
        if kind is ResendKind.KNOWN:
            return
        if kind is ResendKind.SENT_BEFORE:
            changed = move_back(take, incoming.record)
            self._outcome.changed[take.version_id] = incoming.story_json
            self._outcome.touched.add(lineage)
        else:
            changed = add_sighting(take, incoming.record.sighting)
            self._outcome.changed.setdefault(take.version_id, None)
        self._put(lineage, changed)
        if min(changed.dates, default=0) != min(take.dates, default=0):
            self._outcome.touched.add(lineage)

    def _split(self, item: Item, take: TakeRecord, incoming: Incoming) -> None:
        """Split a take whose content was seen before and after the incoming one."""
        earlier, returned = split_take(take, incoming.record, self._outcome.version_ids.next())
        self._put(item.lineage, earlier)
        self._outcome.changed.setdefault(take.version_id, None)
        self._put(item.lineage, returned)
        self._outcome.takes.append(NewTake(returned.version_id, item, copy_of=take.version_id))

    # ----------------------------------------------------------------------- merging

    def _follow_links(self, incoming: Incoming, item: Item) -> None:
        """Merge what the publisher's links say is one story: links of this take, and links to its uri."""
        for target in sorted(incoming.link_targets):
            self._outcome.links.append((target, item.id))
            self._linkers.setdefault(target, set()).add(incoming.uri_key)
            self._link(item, self._items.get(target))
        for linker in sorted(self._linkers.get(incoming.uri_key, ())):
            self._link(self._items.get(linker), item)

    def _link(self, child: Item | None, parent: Item | None) -> None:
        if child is None or parent is None or not may_link(self._profile(child), self._profile(parent)):
            return
        self._merge(child.lineage, parent.lineage)
        if self._states[child.lineage].add_link(child.uri, frozenset((parent.uri,))):
            self._outcome.touched.add(child.lineage)

    def _profile(self, item: Item) -> TakeProfile:
        if item.profile is None:
            first = min(take.version_id for take in self._states[item.lineage].takes_of_uri(item.uri))
            item.profile = load_profiles(self._connection, [first])[first]
        return item.profile

    def _lineage_of_take(self, version_id: int) -> int:
        if version_id not in self._lineage_of:
            statement = select(t.versions.c.lineage).where(t.versions.c.id == version_id)
            self._load_lineages([self._connection.execute(statement).scalar_one()])
        return self._lineage_of[version_id]

    def _merge(self, first: int, second: int) -> None:
        """Make two lineages one under the older one's id."""
        if first == second:
            return
        older, younger = min(first, second), max(first, second)
        merged = self._states.pop(younger)
        self._states[older].absorb(merged)
        self._lineage_of |= dict.fromkeys(merged.takes, older)
        moved = self._items_of.pop(younger, [])
        for item in moved:
            item.lineage = older
        self._items_of.setdefault(older, []).extend(moved)
        self._outcome.merges.append((younger, older))
        self._outcome.touched.discard(younger)
        self._outcome.touched.add(older)
