"""The registry of indices, kept in the cluster's own aliases: those that are searched, those that a rebuild fills.

Every process may write, rebuild or drop months at any time, and none can lock out the others. What makes it safe:

- An index is made with its aliases in one request, and a rebuild swaps all of them in one request.
- Writers look at the aliases again after writing; what has come since gets the documents too (writer.py).
- A rebuild is there as long as its marker is: the undated index of its generation, in ``wire-stories-next``. Its
  mapping says until when the rebuild counts as alive. One that is not is removed by whoever meets it, and then can't
  swap any more.
- A month that a writer made for a rebuild that was just over has no marker: it is taken over or removed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from elasticsearch import BadRequestError, NotFoundError

from pipeline.errors import IndexUnavailable
from pipeline.index.elastic.cluster import Cluster, kind, reason
from pipeline.index.elastic.mapping import aliases, component_template, index_template, layout
from pipeline.index.elastic.names import UNDATED, Names

ALIVE = timedelta(minutes=10)
"""How long a rebuild counts as alive after its last sign of life."""

_TRIES = 5
_REINDEX = "run `wirewatch reindex` to build them again from the store"


@dataclass(frozen=True, slots=True)
class Indices:
    """The indices of a cluster.

    Attributes:
        current: month -> the index that is searched.
        building: month -> the index that the rebuild fills.
        rebuild: the number of that rebuild; None while there is none.
        strays: index -> month of those that an earlier rebuild left behind.
        newest: the generation in which new months are made.
        highest: the highest generation in which anything was ever made.
    """

    current: Mapping[str, str] = field(default_factory=dict)
    building: Mapping[str, str] = field(default_factory=dict)
    rebuild: int | None = None
    strays: Mapping[str, str] = field(default_factory=dict)
    newest: int = 1
    highest: int = 0

    def targets(self, month: str) -> list[str]:
        """Where a document of a month is written: the searched index first."""
        return [indices[month] for indices in (self.current, self.building) if month in indices]


def classify_indices(aliases_of: Mapping[str, Iterable[str]], names: Names) -> Indices:
    """Classify indices by their names and aliases.

    Args:
        aliases_of: index -> its aliases.
        names: of our indices and aliases; others are left out.
    """
    current, following = dict[str, str](), dict[str, tuple[str, int]]()
    newest, highest = 1, 0
    for index, its_aliases in aliases_of.items():
        named = names.read(index)
        if named is None:
            continue
        month, generation = named
        highest = max(highest, generation)
        if names.all in its_aliases:
            current[month] = index
            newest = max(newest, generation)
        elif names.next in its_aliases:
            following[index] = named
    rebuild = max((number for month, number in following.values() if month == UNDATED), default=None)
    building = {month: index for index, (month, number) in following.items() if number == rebuild}
    strays = {index: month for index, (month, number) in following.items() if number != rebuild}
    return Indices(current, building, rebuild, strays, newest, highest)


class AliasRegistry:
    """The indices of one cluster. Every method may raise IndexUnavailable."""

    def __init__(self, cluster: Cluster, now: Callable[[], datetime]) -> None:
        self._cluster = cluster
        self._client = cluster.client
        self._names = cluster.names
        self._now = now
        self._templates_seen = False
        self._layouts_seen = set[str]()
        self._signed_at: datetime | None = None

    # ------------------------------------------------------------------ looking

    def look(self) -> Indices:
        """The indices as they are now, after what dead rebuilds left was removed.

        Raises:
            IndexUnavailable: an index that is searched was made with another mapping.
        """
        indices = self._tidied()
        self._check_layouts(indices.current.values())
        return indices

    def _tidied(self) -> Indices:
        indices = self._look()
        if indices.strays:
            self._tidy(indices)
            indices = self._look()
        if indices.rebuild is not None and not self._alive(indices.rebuild):
            self.remove(indices.building.values())
            indices = self._look()
        return indices

    def _look(self) -> Indices:
        with self._cluster.explained("looking at the indices"):
            response = self._client.indices.get_alias(
                index=f"{self._names.usable}-*", expand_wildcards=["open", "closed", "hidden"]
            )
        aliases_of = {index: content["aliases"] for index, content in response.body.items()}
        return classify_indices(aliases_of, self._names)

    def _check_layouts(self, indices: Iterable[str]) -> None:
        unseen = sorted(set(indices) - self._layouts_seen)
        if not unseen:
            return
        with self._cluster.explained("reading the mappings"):
            response = self._client.indices.get_mapping(index=self._names.all, filter_path=["*.mappings._meta"])
        for index in unseen:
            made_with = response.body.get(index, {}).get("mappings", {}).get("_meta", {}).get("layout")
            if made_with != layout():
                whose = f"made with another mapping ({made_with or 'unknown'}, this version writes {layout()})"
                raise IndexUnavailable(f"the index {index} at {self._cluster.address} was {whose}; {_REINDEX}")
            self._layouts_seen.add(index)

    # ------------------------------------------------------------------ making

    def prepare(self) -> None:
        """Put the templates in place, unless they are there."""
        if self._templates_seen:
            return
        with self._cluster.explained("putting the index template in place"):
            try:
                template = self._client.indices.get_index_template(
                    name=self._names.template, filter_path=["index_templates.index_template._meta"]
                )
                made_with = template.body["index_templates"][0]["index_template"]["_meta"]["layout"]
            except (NotFoundError, KeyError):
                made_with = None
            if made_with != layout():
                self._client.cluster.put_component_template(name=self._names.template, **component_template())
                self._client.indices.put_index_template(name=self._names.template, **index_template(self._names))
        self._templates_seen = True

    def make(self, month: str, generation: int) -> str:
        """Make a month's index, empty and searched. Another process may do so at the same time.

        Returns:
            The name of the index.
        """
        return self._make(self._names.index(month, generation), aliases(self._names))

    def make_for_rebuild(self, month: str, number: int) -> str:
        """Make a month's index for a rebuild: it is neither searched nor refreshed before the rebuild ends.

        Returns:
            The name of the index.
        """
        return self._make(self._names.index(month, number), {self._names.next: {}}, {"refresh_interval": "-1"})

    def _make(self, index: str, index_aliases: Mapping[str, Any], settings: Mapping[str, Any] | None = None) -> str:
        self.prepare()
        with self._cluster.explained(f"making the index {index}"):
            try:
                self._client.indices.create(index=index, aliases=index_aliases, settings=settings)
            except BadRequestError as error:
                if kind(error.body) != "resource_already_exists_exception":
                    raise
        return index

    # ------------------------------------------------------------------ rebuilds

    def begin(self) -> int:
        """Announce a rebuild: from now on writers write for it too.

        Returns:
            The number of the rebuild.

        Raises:
            IndexUnavailable: another process is rebuilding.
        """
        self.prepare()
        indices = self._tidied()
        number = indices.highest + 1
        with self._cluster.explained("beginning a rebuild"):
            try:
                if indices.rebuild is None:
                    self._client.indices.create(
                        index=self._names.index(UNDATED, number),
                        aliases={self._names.next: {}},
                        mappings={"_meta": self._sign_of_life()},
                        settings={"refresh_interval": "-1"},
                    )
                    return number
            except BadRequestError as error:
                if kind(error.body) != "resource_already_exists_exception":
                    raise
        raise IndexUnavailable(f"another process is rebuilding the index at {self._cluster.address}; wait for it")

    def building(self, number: int) -> Mapping[str, str]:
        """The indices of a rebuild by month. Calling it keeps the rebuild alive."""
        indices = self._look()
        if indices.rebuild != number:
            raise self._taken_for_dead()
        if self._signed_at is None or self._now() - self._signed_at > ALIVE / 10:
            with self._cluster.explained("going on with a rebuild"):
                self._client.indices.put_mapping(index=self._names.index(UNDATED, number), meta=self._sign_of_life())
        return indices.building

    def finish(self, number: int) -> None:
        """Swap: search a rebuild's indices from now on and drop those searched so far, in one request."""
        with self._cluster.explained("making the rebuilt indices searchable"):
            self._show(self._names.next)
        for _ in range(_TRIES):
            indices = self._look()
            if indices.rebuild != number:
                raise self._taken_for_dead()
            actions: list[dict[str, Any]] = [{"remove_index": {"index": old}} for old in indices.current.values()]
            for index in indices.building.values():
                actions += self._swap_in(index)
            with self._cluster.explained("swapping the rebuilt indices in"):
                try:
                    self._client.indices.update_aliases(actions=actions)
                except NotFoundError:
                    continue  # a month was dropped in between
            return
        raise IndexUnavailable(f"the indices at {self._cluster.address} change too fast to swap them; try again")

    def give_up(self, number: int) -> None:
        """Remove what a rebuild has made, unless it is searched by now."""
        indices = self._look()
        if indices.rebuild == number:
            self.remove(indices.building.values())

    def _alive(self, number: int) -> bool:
        """Whether a rebuild has shown a sign of life recently."""
        marker = self._names.index(UNDATED, number)
        with self._cluster.explained("looking at a rebuild"):
            try:
                response = self._client.indices.get_mapping(index=marker)
            except NotFoundError:
                return False
        until = response.body[marker]["mappings"].get("_meta", {}).get("rebuilding_until", "")
        return bool(until) and datetime.fromisoformat(until) > self._now()

    def _show(self, index: str) -> None:
        """Let searches see all that was written to a rebuild's indices, and all that will be."""
        self._client.indices.put_settings(index=index, settings={"index": {"refresh_interval": None}})
        self._client.indices.refresh(index=index)

    def _sign_of_life(self) -> dict[str, str]:
        self._signed_at = self._now()
        return {"layout": layout(), "rebuilding_until": (self._signed_at + ALIVE).astimezone(UTC).isoformat()}

    def _taken_for_dead(self) -> IndexUnavailable:
        return IndexUnavailable(f"the rebuild at {self._cluster.address} was taken for dead; start it again")

    def _tidy(self, indices: Indices) -> None:
        """Take over or remove strays.

        A stray of the generation that is searched holds what was written while that generation came in. It is searched
        too, if its month has no index. Other strays are of no use.
        """
        for index, month in indices.strays.items():
            named = self._names.read(index)
            if named is not None and named[1] == indices.newest and month not in indices.current:
                with self._cluster.explained(f"taking over the index {index}"):
                    self._show(index)
                    self._client.indices.update_aliases(actions=self._swap_in(index))
            else:
                self.remove([index])

    # ------------------------------------------------------------------ removing

    def remove(self, indices: Iterable[str]) -> None:
        """Delete indices; an index that is gone already is no error."""
        for index in indices:
            with self._cluster.explained(f"removing the index {index}"):
                try:
                    self._client.indices.delete(index=index)
                except NotFoundError as error:
                    if kind(error.body) != "index_not_found_exception":
                        raise IndexUnavailable(f"{index} cannot be removed: {reason(error.body)}") from error

    def _swap_in(self, index: str) -> list[dict[str, Any]]:
        """The actions that make a rebuild's index one that is searched."""
        actions = [{"add": {"index": index, "alias": alias, **how}} for alias, how in aliases(self._names).items()]
        return [*actions, {"remove": {"index": index, "alias": self._names.next}}]
